#pragma once

// An event is what a phone makes, keeps durably, and only then sends (docs/format.md §4.1). The log
// shows its label, commitment and link; salts and statement stay with phone and custodian, and
// open the entry to whoever may see it.
//
//   label       HMAC(label key, "amanat/label/v1" | u64 i), i counting the device's events from 0
//   commitment  SHA-256("amanat/commit/v1" | type | salt[32] | statement)
//   link        what the event belongs to: §4.3, see link_of

#include <cstdint>
#include <span>

#include "amanat/bytes/bytes.h"
#include "amanat/codec/codec.h"
#include "amanat/consent/grant_id.h"
#include "amanat/error/error.h"
#include "amanat/tlog/entry.h"

namespace amanat::tlog {

using Salt = Id<struct EventSaltTag, 32>;
using LinkSalt = Id<struct LinkSaltTag, 32>;
using LabelKey = Key<struct LabelKeyTag, 32>;

inline constexpr std::size_t kStatementBytesMax = 4096;
inline constexpr std::size_t kEventBytesMin = 1 + 3 * 32 + 1 + 2 * 32 + 2;
inline constexpr std::size_t kEventBytesMax = kEventBytesMin + kStatementBytesMax;
inline constexpr std::size_t kLinkGrantsMax = 16;  // one for each category

struct Event {
  EventType type = EventType::cover;  // a user type
  Label label;
  Commitment commitment;
  Link link;
  std::uint8_t size_class = 0;
  Salt salt;
  LinkSalt link_salt;  // zeros where the link has no salt
  Bytes statement;     // at most kStatementBytesMax; signature included
  friend bool operator==(const Event&, const Event&) = default;
};

Bytes encode(const Event& event);
/// Reads one event; invalid_input unless it is of a user type and spelled as `encode` spells it.
Result<Event> parse_event(ByteView bytes);
/// The same inside a larger struct.
void write_event(codec::Writer& writer, const Event& event);
Event read_event(codec::Reader& reader);

/// The label of the device's event number `index`.
Label label_of(const LabelKey& key, std::uint64_t index);

Commitment commitment_of(EventType type, const Salt& salt, ByteView statement);

/// What the statement of an event says it belongs to, read by the module that knows statements.
struct LinkParts {
  /// object_store, object_read: all grants in registry order. Withdrawals, cancellations, renewals,
  /// revocations, erasure receipts: the one grant.
  std::span<const consent::GrantId> grants = {};
  ByteView pack = {};            // object_store, object_read: the pack's id, 32 bytes
  std::uint32_t frames = 0;      // object_store: frames of the pack, 1 to 256
  Commitment object_store = {};  // object_erase: the event that stored what is erased
};

/// The link of an event (§4.3): salted for object_store and object_read, plain for what belongs to
/// one grant or one stored object, zeros for the rest. vault_head's is the caller's business.
Link link_of(EventType type, const LinkSalt& salt, const LinkParts& parts);

/// The smallest c with 2^c >= frames; `frames` is 1 to 256.
std::uint8_t size_class_of(std::uint32_t frames);

/// A grant is named by the commitment of its consent_grant event.
consent::GrantId grant_named_by(const Commitment& commitment);
Commitment commitment_naming(const consent::GrantId& grant);

/// Fills commitment, link and size_class from type, salts, statement and `parts`.
Event make_event(EventType type, const Label& label, const Salt& salt, const LinkSalt& link_salt,
                 Bytes statement, const LinkParts& parts);

/// Checks that commitment, link and size_class are what the other fields and `parts` give, and
/// that link_salt is zero where the link has none. A vault_head needs zero salts and an empty
/// statement; its commitment and link are §10.3, for the caller to check.
///
///   fails   invalid_input, naming the field
Result<> check_well_formed(const Event& event, const LinkParts& parts);

/// What the log shows of `event`; `minute` and `region` are the sequencer's.
UserEntry entry_of(const Event& event, Minute minute, Region region);

/// Whether the log shows of `event` exactly what `entry` shows.
bool shows(const UserEntry& entry, const Event& event);

}  // namespace amanat::tlog
