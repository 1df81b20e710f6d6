#include <fmt/format.h>

#include "amanat/regulator/checks.h"

namespace amanat::regulator {
namespace {

/// Compares what an organisation's entry says about the place with the policy.
void compare_entry(Finding& finding, std::uint64_t index, const tlog::OrganisationEntry& entry,
                   std::string_view declared) {
  std::optional<tlog::Region> said;
  if (const auto config = tlog::body_of<tlog::LogConfig>(entry)) said = config->region;
  if (const auto word = tlog::body_of<tlog::ResidencyAssertion>(entry)) said = word->region;
  if (!said || tlog::name_of(*said) == declared) return;
  refute(finding,
         fmt::format("entry {} says {}, the policy {}", index, tlog::name_of(*said), declared),
         index);
}

}  // namespace

Finding check_bucket_location(const Case& judged) {
  Finding finding;
  finding.check = "bucket-location";
  const std::string& declared = judged.policy.region;
  for (std::uint64_t index = 0; index < judged.log.size(); ++index) {
    if (const auto* entry = judged.log.organisation_entry(index)) {
      compare_entry(finding, index, *entry, declared);
    }
    const auto* event = judged.log.user_entry(index);
    if (event != nullptr && tlog::name_of(event->region) != declared) {
      refute(finding,
             fmt::format("entry {} was stored in {}, the policy says {}", index,
                         tlog::name_of(event->region), declared),
             index);
    }
  }
  const auto& region = judged.answers.region;
  if (region && region->answer.region != declared) {
    refute(finding,
           fmt::format("the custodian answers {}, the policy says {}", region->answer.region,
                       declared),
           0);
    finding.exchanges.push_back(region->exchange);
  }
  if (finding.verdict == Verdict::refuted) return finding;
  if (!region) {
    finding.verdict = Verdict::unanswered;
    finding.reason = "the custodian did not say where it keeps the data";
    return finding;
  }
  finding.verdict = Verdict::self_reported;
  finding.exchanges.push_back(region->exchange);
  finding.reason = region->answer.store == "folder"
                       ? "the custodian says: a folder on its disk, which has no region"
                       : fmt::format("the custodian says: {}, {}", declared, region->answer.place);
  return finding;
}

}  // namespace amanat::regulator
