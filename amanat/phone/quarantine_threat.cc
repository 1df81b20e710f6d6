#include "amanat/phone/quarantine_threat.h"

#include "amanat/phone/home.h"

namespace amanat::phone {
namespace {

// Whoever restores a file that changed meanwhile leaves it as it was found.
Result<PutAway> give_back(Quarantine& quarantine, const QuarantineId& id) {
  if (auto back = quarantine.restore(id); !back) return carry(back, "giving a changed file back");
  return fail(Code::conflict, "it changed after it was examined: scan it again");
}

}  // namespace

const indicator::Explanation& explain(threat::Class threat_class) {
  switch (threat_class) {
    case threat::Class::stalkerware: return explain(indicator::ThreatClass::stalkerware);
    case threat::Class::unwanted: return explain(indicator::ThreatClass::unwanted);
    case threat::Class::malware:
    case threat::Class::allowed: break;
  }
  return explain(indicator::ThreatClass::malware);
}

Result<PutAway> put_threat_away(const ThreatPolicy& policy, const std::filesystem::path& path,
                                const FileStamp& examined, const scan::Verdict& verdict,
                                Instant now) {
  if (verdict.threat_class == threat::Class::stalkerware && !policy.stalkerware_too) {
    return fail(Code::denied,
                "taking stalkerware away can alert who installed it: read amanat scan --explain "
                "first; --quarantine-stalkerware puts it away");
  }
  if (auto made = Home::make_folders(policy.home); !made) return carry(made);
  auto quarantine = Quarantine::open(policy.home / "quarantine", policy.home / "keys");
  if (!quarantine) return carry(quarantine);
  const QuarantineReason reason{.signature = verdict.signature,
                                .source = verdict.source,
                                .inside = verdict.inside,
                                .words = std::string(explain(verdict.threat_class).what_it_can_do)};
  auto done = quarantine->put_away(path, reason, now);
  if (!done) return carry(done);
  const auto record = quarantine->show(done->id);
  if (!record) return carry(record);
  if (record->stamp != examined) return give_back(*quarantine, done->id);
  return done;
}

}  // namespace amanat::phone
