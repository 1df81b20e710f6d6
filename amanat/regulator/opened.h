#pragma once

// What openings say, once they are known to be what the log committed to: an opening that does not
// fit its entry is a contradiction in signed bytes.

#include <cstdint>
#include <optional>
#include <vector>

#include "amanat/api/messages.h"
#include "amanat/consent/decision.h"
#include "amanat/error/error.h"
#include "amanat/regulator/log.h"
#include "amanat/seal/object.h"
#include "amanat/tlog/event.h"

namespace amanat::regulator {

/// A person's answer as the log committed to it, its signature verified.
struct OpenedDecision {
  std::uint64_t index = 0;
  tlog::EventType type = tlog::EventType::consent_grant;
  consent::Decision decision;
  /// The grant it is about: named by the event itself for a first decision.
  consent::GrantId grant;
};
/// Fails with what contradicts what.
Result<OpenedDecision> open_decision(const Log& log, const api::OpenedEvent& opened);

/// A stored object as the log committed to it. Who signed it is for consent-before-object to check.
struct OpenedObject {
  std::uint64_t index = 0;
  std::uint64_t exchange = 0;
  tlog::Event event;
  seal::Statement<seal::Object> statement;
  std::vector<api::OpenedEvent> decisions;
  std::optional<api::OpenedEvent> erased;
  const seal::Object& object() const { return statement.body_unverified(); }
};
Result<OpenedObject> open_object(const Log& log, const api::Opening& opening);

/// An erasure: the phone's tombstone or the withdrawal that it follows.
struct OpenedErasure {
  std::uint64_t index = 0;
  std::optional<seal::Statement<seal::Tombstone>> tombstone;
  std::optional<consent::Decision> withdrawal;
};
Result<OpenedErasure> open_erasure(const Log& log, const api::OpenedEvent& opened,
                                   const OpenedObject& object);

}  // namespace amanat::regulator
