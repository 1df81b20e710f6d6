#pragma once

// What auditors do is logged before they get their answer.

#include <cstddef>

#include "amanat/custodian/sequencer.h"
#include "amanat/custodian/world.h"
#include "amanat/error/error.h"
#include "amanat/tlog/bodies.h"

namespace amanat::custodian {

/// Queues an entry of the organisation; returns its index.
template <class Body>
std::uint64_t log_organisation(Turn& turn, const Body& body) {
  return turn.append(tlog::encode(tlog::organisation_entry(body, turn.minute())));
}

/// Logs that the calling auditor is about to see `count` openings or leaves.
inline Result<> log_access(const Call& call, tlog::AuditAccess::Kind kind, std::size_t count) {
  const tlog::AuditAccess access{
      .auditor = tlog::AuditorId::from(call.caller.key_id.bytes()).value(),
      .kind = kind,
      .count = static_cast<std::uint32_t>(count)};
  const auto logged = call.world.sequencer.submit({}, [&](Turn& turn) -> Result<> {
    log_organisation(turn, access);
    return {};
  });
  if (!logged) return carry(logged, "logging an auditor's access");
  return {};
}

}  // namespace amanat::custodian
