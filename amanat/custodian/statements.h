#pragma once

// Reads what a phone posts, as far as that can be judged without the records: form, limits, and
// the signatures whose keys the statements name themselves (docs/api.md §5).

#include <optional>
#include <variant>

#include "amanat/bytes/bytes.h"
#include "amanat/consent/decision.h"
#include "amanat/error/error.h"
#include "amanat/seal/device.h"
#include "amanat/seal/object.h"
#include "amanat/tlog/event.h"

namespace amanat::custodian {

/// An event with the device statement that it logs.
struct DeviceEvent {
  tlog::Event event;
  seal::Device device;
};
/// Both signatures hold and the event is about exactly this statement.
Result<DeviceEvent> read_device_event(ByteView device_statement, ByteView event);

/// A vault_head event: it has neither statement nor salts.
Result<tlog::Event> read_head_event(ByteView event);

/// An event of POST /v1/events.
struct PostedEvent {
  tlog::Event event;
  /// What it says: an answer of a person, that a withdrawal has run its course, or nothing (cover).
  /// The receipt's signature is not verified yet: its key is the grant's.
  std::variant<std::monostate, consent::Decision, seal::Statement<seal::ErasureReceipt>> content;
};
Result<PostedEvent> read_posted_event(ByteView event);

/// The event of a pack. Its signature is not verified yet: its key is the first grant's.
struct ObjectEvent {
  tlog::Event event;
  seal::Statement<seal::Object> statement;
  const seal::Object& object() const { return statement.body_unverified(); }
};
Result<ObjectEvent> read_object_event(ByteView event);

}  // namespace amanat::custodian
