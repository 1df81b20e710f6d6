#include "amanat/phone/status.h"

#include <algorithm>
#include <map>

#include "amanat/phone/file_records.h"
#include "amanat/phone/quarantine.h"
#include "amanat/phone/threat_database.h"

namespace amanat::phone {
namespace {

/// The last answer for each category: a newer grant says more than an older one.
std::vector<CategoryStatus> list_categories(const std::vector<consent::GrantRecord>& records) {
  std::vector<CategoryStatus> list;
  for (const consent::Category category : consent::kCategories) {
    CategoryStatus status;
    status.category = category;
    status.state = "not asked";
    for (const consent::GrantRecord& record : records) {
      if (record.category != category || record.purpose != consent::Purpose::custody) continue;
      if (status.since && *status.since > record.changed_at) continue;
      status.state = consent::name_of(record.state);
      status.since = record.changed_at;
    }
    list.push_back(std::move(status));
  }
  return list;
}

void count_files(const std::vector<FileCount>& counts, StatusReport& report) {
  std::map<std::string, LeftStatus> left;
  for (const FileCount& count : counts) {
    if (count.state != FileState::kept) {
      const std::string reason = count.state == FileState::threat
                                     ? "a threat: " + count.reason
                                     : "no consent for " + count.categories.to_text();
      LeftStatus& status = left[reason];
      status.reason = reason;
      status.files += count.files;
      status.bytes += count.bytes;
      continue;
    }
    report.kept_files += count.files;
    report.kept_bytes += count.bytes;
    for (CategoryStatus& status : report.categories) {
      if (!count.categories.contains(status.category)) continue;
      status.files += count.files;
      status.bytes += count.bytes;
    }
  }
  for (auto& [reason, status] : left) report.left.push_back(std::move(status));
}

}  // namespace

Result<StatusReport> read_status(Session& session) {
  PhoneRecords& records = session.records();
  FileRecords files(records);
  StatusReport report;
  auto url = records.needed_fact(fact::kUrl);
  if (!url) return carry(url);
  auto policy = records.needed_fact(fact::kPolicy);
  if (!policy) return carry(policy);
  report.custodian = std::string(as_text(*url));
  report.policy_hash = api::hash_of_policy(as_text(*policy)).hex();
  report.region = session.link().policy().region;
  report.witnesses = session.link().policy().witnesses.size();
  report.quorum = session.link().policy().quorum;
  report.account = session.account().hex();
  report.keyring_version = session.keyring().version();
  report.devices = session.keyring().body.devices.size();

  auto roots = files.roots();
  if (!roots) return carry(roots);
  for (const RootRow& root : *roots) report.folders.push_back(root.path);
  auto protected_at = records.number_fact(fact::kProtectedAt);
  if (!protected_at) return carry(protected_at);
  if (*protected_at) report.protected_at = instant_from_millis(**protected_at);
  auto grants = records.grant_records();
  if (!grants) return carry(grants);
  report.categories = list_categories(*grants);
  auto counts = files.counts();
  if (!counts) return carry(counts);
  count_files(*counts, report);
  auto withdrawals = records.withdrawals();
  if (!withdrawals) return carry(withdrawals);
  report.withdrawals = std::move(*withdrawals);
  auto packs = records.packs();
  if (!packs) return carry(packs);
  report.waiting_packs = static_cast<std::uint64_t>(std::ranges::count_if(
      *packs, [](const KeptPack& pack) { return pack.state != PackState::committed; }));
  auto threats = load_threats(session.home().folder());
  if (!threats) return carry(threats);
  report.threats_version = threats->version().hex();
  report.threats_signatures = threats->report().signatures();
  report.quarantined_files = Quarantine::count(session.home().folder() / "quarantine");
  return report;
}

}  // namespace amanat::phone
