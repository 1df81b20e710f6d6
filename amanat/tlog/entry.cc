#include "amanat/tlog/entry.h"

#include <algorithm>
#include <array>

#include "amanat/codec/codec.h"

namespace amanat::tlog {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::size_t kZeroBytes = 22;

enum class Who : std::uint8_t { user, organisation };
enum class Use : std::uint8_t { written, kept_free };

struct Registered {
  EventType type;
  std::string_view name;
  Who who;
  Use use;
};

constexpr auto kTypes = std::to_array<Registered>({
    {EventType::log_config, "log_config", Who::organisation, Use::written},
    {EventType::key_rotation, "key_rotation", Who::organisation, Use::kept_free},
    {EventType::shard_head, "shard_head", Who::organisation, Use::kept_free},
    {EventType::server_release, "server_release", Who::organisation, Use::kept_free},
    {EventType::client_release, "client_release", Who::organisation, Use::kept_free},
    {EventType::purpose_notice, "purpose_notice", Who::organisation, Use::written},
    {EventType::threatdb_release, "threatdb_release", Who::organisation, Use::kept_free},
    {EventType::residency_assertion, "residency_assertion", Who::organisation, Use::written},
    {EventType::inventory_root, "inventory_root", Who::organisation, Use::written},
    {EventType::audit_challenge, "audit_challenge", Who::organisation, Use::written},
    {EventType::audit_result, "audit_result", Who::organisation, Use::written},
    {EventType::audit_access, "audit_access", Who::organisation, Use::written},
    {EventType::label_index_root, "label_index_root", Who::organisation, Use::kept_free},
    {EventType::state_map_root, "state_map_root", Who::organisation, Use::kept_free},
    {EventType::device_key, "device_key", Who::user, Use::written},
    {EventType::device_key_retire, "device_key_retire", Who::user, Use::kept_free},
    {EventType::consent_grant, "consent_grant", Who::user, Use::written},
    {EventType::consent_withdraw, "consent_withdraw", Who::user, Use::written},
    {EventType::object_store, "object_store", Who::user, Use::written},
    {EventType::object_erase, "object_erase", Who::user, Use::written},
    {EventType::object_read, "object_read", Who::user, Use::kept_free},
    {EventType::client_report, "client_report", Who::user, Use::kept_free},
    {EventType::consent_refused, "consent_refused", Who::user, Use::written},
    {EventType::consent_renewed, "consent_renewed", Who::user, Use::written},
    {EventType::consent_revoke, "consent_revoke", Who::user, Use::written},
    {EventType::withdraw_cancelled, "withdraw_cancelled", Who::user, Use::written},
    {EventType::vault_head, "vault_head", Who::user, Use::written},
    {EventType::erasure_receipt, "erasure_receipt", Who::user, Use::written},
    {EventType::rights_request, "rights_request", Who::user, Use::kept_free},
    {EventType::cover, "cover", Who::user, Use::written},
    {EventType::directive, "directive", Who::organisation, Use::kept_free},
    {EventType::disclosure, "disclosure", Who::organisation, Use::kept_free},
    {EventType::finding, "finding", Who::organisation, Use::kept_free},
    {EventType::appeal, "appeal", Who::organisation, Use::kept_free},
    {EventType::object_share, "object_share", Who::user, Use::kept_free},
    {EventType::breach, "breach", Who::organisation, Use::kept_free},
    {EventType::hold, "hold", Who::organisation, Use::kept_free},
    {EventType::key_destruction, "key_destruction", Who::organisation, Use::kept_free},
    {EventType::processor_change, "processor_change", Who::organisation, Use::kept_free},
    {EventType::access_audit, "access_audit", Who::organisation, Use::kept_free},
});

struct RegionRow {
  Region region;
  std::string_view name;
  std::string_view place;
};

constexpr auto kRegions = std::to_array<RegionRow>({
    {Region::none, "none", "a folder on a disk"},
    {Region::ap_southeast_1, "ap-southeast-1", "Singapore"},
    {Region::ap_south_1, "ap-south-1", "Mumbai"},
    {Region::ap_south_2, "ap-south-2", "Hyderabad"},
    {Region::eu_central_1, "eu-central-1", "Frankfurt"},
});

const Registered* find(std::uint8_t id) {
  const auto* const row = std::ranges::find(kTypes, static_cast<EventType>(id), &Registered::type);
  return row == kTypes.end() ? nullptr : row;
}

const Registered& row_of(EventType type) {
  const Registered* const row = find(to_byte(type));
  ensure(row != nullptr, "an event type is one of the registry");
  return *row;
}

const RegionRow& row_of(Region region) {
  const std::size_t place = to_byte(region);
  ensure(place < kRegions.size(), "a region is one of the registry");
  return kRegions.at(place);
}

void write_front(codec::Writer& writer, EventType type, Minute minute) {
  writer.u8(kVersion);
  writer.u8(to_byte(type));
  writer.u16(0);
  writer.u32(minute);
}

UserEntry read_user(codec::Reader& reader, EventType type, Minute minute) {
  UserEntry entry;
  entry.type = type;
  entry.minute = minute;
  entry.label = reader.id<Label>();
  entry.commitment = reader.id<Commitment>();
  entry.link = reader.id<Link>();
  entry.size_class = reader.u8();
  const bool fits =
      type == EventType::object_store ? entry.size_class <= kSizeClassMax : entry.size_class == 0;
  if (!fits) reader.refuse("the size class does not fit the type");
  const auto region = region_from_byte(reader.u8());
  if (!region) reader.refuse("the region is not registered");
  entry.region = region.value_or(Region::none);
  reader.expect_zeros(kZeroBytes, "the zeros are not zero");
  return entry;
}

}  // namespace

bool is_user(EventType type) { return row_of(type).who == Who::user; }
bool is_written(EventType type) { return row_of(type).use == Use::written; }
std::string_view name_of(EventType type) { return row_of(type).name; }

std::optional<EventType> event_type_from_byte(std::uint8_t id) {
  const Registered* const row = find(id);
  if (row == nullptr) return std::nullopt;
  return row->type;
}

std::string_view name_of(Region region) { return row_of(region).name; }
std::string_view place_of(Region region) { return row_of(region).place; }

std::optional<Region> region_from_name(std::string_view name) {
  const auto* const row = std::ranges::find(kRegions, name, &RegionRow::name);
  if (row == kRegions.end()) return std::nullopt;
  return row->region;
}

std::optional<Region> region_from_byte(std::uint8_t id) {
  if (id >= kRegions.size()) return std::nullopt;
  return kRegions.at(id).region;
}

Bytes encode(const UserEntry& entry) {
  ensure(is_user(entry.type), "a user entry has a user type");
  codec::Writer writer;
  write_front(writer, entry.type, entry.minute);
  writer.raw(entry.label.bytes());
  writer.raw(entry.commitment.bytes());
  writer.raw(entry.link.bytes());
  writer.u8(entry.size_class);
  writer.u8(to_byte(entry.region));
  writer.zeros(kZeroBytes);
  return std::move(writer).take();
}

Bytes encode(const OrganisationEntry& entry) {
  ensure(!is_user(entry.type), "an organisation entry has an organisation type");
  codec::Writer writer;
  write_front(writer, entry.type, entry.minute);
  writer.vector16(entry.body, kBodyBytesMax);
  return std::move(writer).take();
}

Bytes encode(const Entry& entry) {
  return std::visit([](const auto& either) { return encode(either); }, entry);
}

Result<Entry> parse_entry(ByteView bytes) {
  codec::Reader reader(bytes);
  if (reader.u8() != kVersion) reader.refuse("the version is not 1");
  const auto type = event_type_from_byte(reader.u8());
  if (!type) reader.refuse("the type is not registered");
  if (reader.u16() != 0) reader.refuse("the flags are not zero");
  const Minute minute = reader.u32();
  if (reader.failed()) return carry(reader.so_far("log entry"));

  Entry entry;
  if (is_user(*type)) {
    entry = read_user(reader, *type, minute);
  } else {
    const ByteView body = reader.vector16(kBodyBytesMax);
    entry = OrganisationEntry{.type = *type, .minute = minute, .body{body.begin(), body.end()}};
  }
  if (auto done = reader.finish("log entry"); !done) return carry(done);
  return entry;
}

EventType type_of(const Entry& entry) {
  return std::visit([](const auto& either) { return either.type; }, entry);
}

Minute minute_of(const Entry& entry) {
  return std::visit([](const auto& either) { return either.minute; }, entry);
}

}  // namespace amanat::tlog
