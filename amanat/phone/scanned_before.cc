#include "amanat/phone/scanned_before.h"

#include "amanat/phone/scan_command.h"
#include "amanat/scan/inventory.h"

namespace amanat::phone {
namespace {
constexpr std::size_t kNotedTogether = 1000;
}

ScannedBefore::ScannedBefore(VerdictCache* cache, const scan::Examiner& examiner,
                             const Clock& clock)
    : cache_(cache),
      examiner_(examiner),
      clock_(clock),
      versions_(versions_of(examiner, {}, scan::Stop::first_threat)) {}

std::optional<CarriedOver> ScannedBefore::take_up() {
  if (cache_ == nullptr) return {};
  auto carried = cache_->take_up(versions_.signatures,
                                 [&] { return scan::inventory_of(examiner_.database()); });
  if (carried) return *carried;
  cache_ = nullptr;
  return {};
}

void ScannedBefore::look_up(const std::vector<const FileRow*>& rows) {
  if (cache_ == nullptr || rows.empty()) return;
  std::vector<FileStamp> stamps;
  stamps.reserve(rows.size());
  for (const FileRow* row : rows) stamps.push_back(row->stamp);
  const auto known = cache_->look_up(stamps, versions_, clock_.now());
  if (!known) {
    cache_ = nullptr;
    return;
  }
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto& verdict = known->at(i);
    if (verdict && verdict->empty()) clean_.insert(rows[i]->path);
  }
}

void ScannedBefore::note(const OpenMember& member, const scan::Verdict& verdict) {
  const bool is_worth_it = verdict.kind == scan::Verdict::Kind::clean && member.is_whole();
  if (cache_ == nullptr || !is_worth_it) return;
  if (noted_.empty()) noted_since_ = clock_.now();
  noted_.push_back({.stamp = member.stamp,
                    .digest = crypto::sha256(member.whole),
                    .known = {.verdict = {}, .met = verdict.met}});
  if (noted_.size() >= kNotedTogether) remember();
}

void ScannedBefore::remember() {
  if (cache_ == nullptr || noted_.empty()) return;
  if (!cache_->remember(noted_, versions_, noted_since_)) cache_ = nullptr;
  noted_.clear();
}

}  // namespace amanat::phone
