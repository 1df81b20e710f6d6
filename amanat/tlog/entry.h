#pragma once

// What stands in the log: one event of a user in 128 bytes that say nothing about anybody, or one
// statement of the organisation about itself in at most 1,024 (docs/format.md §4.4).
//
//   user          version u8 = 1 | type u8 | flags u16 = 0 | minute u32 | label[32] |
//                 commitment[32] | link[32] | size_class u8 | region u8 | zero[22]
//   organisation  version u8 = 1 | type u8 | flags u16 = 0 | minute u32 | body<0..1014>
//
// The type says which of the two it is. Both registries are closed: an entry of an unregistered
// type does not parse, and whoever reads a whole log counts it (tlog/reader.h).

#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>

#include "amanat/bytes/bytes.h"
#include "amanat/clock/clock.h"
#include "amanat/error/error.h"

namespace amanat::tlog {

using Label = Id<struct LabelTag, 32>;
using Commitment = Id<struct CommitmentTag, 32>;
using Link = Id<struct LinkTag, 32>;

inline constexpr std::size_t kUserEntryBytes = 128;
inline constexpr std::size_t kEntryBytesMax = 1024;
inline constexpr std::size_t kBodyBytesMax = 1014;
inline constexpr std::uint8_t kSizeClassMax = 8;  // 256 frames

enum class EventType : std::uint8_t {
  // Of the organisation.
  log_config = 0x00,  // index 0 of every log
  key_rotation = 0x01,
  shard_head = 0x02,
  server_release = 0x03,
  client_release = 0x04,
  purpose_notice = 0x05,
  threatdb_release = 0x06,
  residency_assertion = 0x07,
  inventory_root = 0x08,
  audit_challenge = 0x09,
  audit_result = 0x0a,
  audit_access = 0x0b,
  label_index_root = 0x0c,
  state_map_root = 0x0d,
  directive = 0x20,
  disclosure = 0x21,
  finding = 0x22,
  appeal = 0x23,
  breach = 0x25,
  hold = 0x26,
  key_destruction = 0x27,
  processor_change = 0x28,
  access_audit = 0x29,
  // Of a user's device.
  device_key = 0x10,
  device_key_retire = 0x11,
  consent_grant = 0x12,
  consent_withdraw = 0x13,
  object_store = 0x14,
  object_erase = 0x15,
  object_read = 0x16,
  client_report = 0x17,
  consent_refused = 0x18,
  consent_renewed = 0x19,
  consent_revoke = 0x1a,
  withdraw_cancelled = 0x1b,
  vault_head = 0x1c,
  erasure_receipt = 0x1d,
  rights_request = 0x1e,
  cover = 0x1f,
  object_share = 0x24,
};

/// Whether entries of this type are a user's: 128 bytes without a body.
bool is_user(EventType type);
/// Whether any program writes it yet; the other ids are only kept free.
bool is_written(EventType type);
/// The word for people and reports: `object_store`.
std::string_view name_of(EventType type);
/// The type with this id; nothing when the registry has none.
std::optional<EventType> event_type_from_byte(std::uint8_t id);
constexpr std::uint8_t to_byte(EventType type) { return static_cast<std::uint8_t>(type); }

/// Where the bytes lie, by the custodian's word (docs/format.md §2).
enum class Region : std::uint8_t {
  none = 0,  // a folder on a disk has no region
  ap_southeast_1 = 1,
  ap_south_1 = 2,
  ap_south_2 = 3,
  eu_central_1 = 4,
};
/// `ap-southeast-1`, as in the policy; `none` for a folder.
std::string_view name_of(Region region);
/// `Singapore`; `a folder on a disk`.
std::string_view place_of(Region region);
std::optional<Region> region_from_name(std::string_view name);
std::optional<Region> region_from_byte(std::uint8_t id);
constexpr std::uint8_t to_byte(Region region) { return static_cast<std::uint8_t>(region); }

struct UserEntry {
  EventType type = EventType::cover;
  Minute minute = 0;  // set by the sequencer, like region
  Label label;
  Commitment commitment;
  Link link;
  std::uint8_t size_class = 0;  // object_store: 2^size_class frames or fewer; others 0
  Region region = Region::none;
  friend bool operator==(const UserEntry&, const UserEntry&) = default;
};

struct OrganisationEntry {
  EventType type = EventType::log_config;
  Minute minute = 0;
  Bytes body;  // tlog/bodies.h; at most kBodyBytesMax
  friend bool operator==(const OrganisationEntry&, const OrganisationEntry&) = default;
};

using Entry = std::variant<UserEntry, OrganisationEntry>;

/// The entry's bytes as they are hashed into the log.
Bytes encode(const UserEntry& entry);
Bytes encode(const OrganisationEntry& entry);
Bytes encode(const Entry& entry);

/// Reads one entry; invalid_input for an unregistered type and for any other spelling.
Result<Entry> parse_entry(ByteView bytes);

EventType type_of(const Entry& entry);
Minute minute_of(const Entry& entry);

}  // namespace amanat::tlog
