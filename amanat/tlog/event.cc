#include "amanat/tlog/event.h"

#include <bit>

#include "amanat/crypto/crypto.h"
#include "amanat/merkle/merkle.h"

namespace amanat::tlog {
namespace {

template <class IdType>
IdType id_of(ByteView bytes) {
  IdType id;
  ensure(bytes.size() == IdType::kSize, "a hash has the length of the id made from it");
  std::memcpy(id.fill().data(), bytes.data(), IdType::kSize);
  return id;
}

enum class LinkKind : std::uint8_t { none, salted, grant, object, vault };

LinkKind link_kind_of(EventType type) {
  switch (type) {
    case EventType::object_store:
    case EventType::object_read: return LinkKind::salted;
    case EventType::consent_withdraw:
    case EventType::withdraw_cancelled:
    case EventType::consent_renewed:
    case EventType::consent_revoke:
    case EventType::erasure_receipt: return LinkKind::grant;
    case EventType::object_erase: return LinkKind::object;
    case EventType::vault_head: return LinkKind::vault;
    default: return LinkKind::none;
  }
}

// SHA-256("amanat/link/v1" || link_salt || u8 count || commitments || pack)
Link salted_link(const LinkSalt& salt, const LinkParts& parts) {
  ensure(!parts.grants.empty() && parts.grants.size() <= kLinkGrantsMax,
         "an object belongs to 1 to 16 grants");
  ensure(parts.pack.size() == merkle::Hash::kSize, "a pack's id has 32 bytes");
  codec::Writer writer;
  writer.raw("amanat/link/v1");
  writer.raw(salt.bytes());
  writer.u8(static_cast<std::uint8_t>(parts.grants.size()));
  for (const consent::GrantId& grant : parts.grants) writer.raw(grant.bytes());
  writer.raw(parts.pack);
  return id_of<Link>(crypto::sha256(writer.bytes()).bytes());
}

std::uint8_t size_class_for(EventType type, const LinkParts& parts) {
  return type == EventType::object_store ? size_class_of(parts.frames) : std::uint8_t{0};
}

std::unexpected<Error> refuse(std::string_view field) {
  return fail(Code::invalid_input, "the event's " + std::string(field));
}

Result<> check_vault_head(const Event& event) {
  if (!event.salt.is_zero()) return refuse("salt is not zero");
  if (!event.link_salt.is_zero()) return refuse("link salt is not zero");
  if (!event.statement.empty()) return refuse("statement is not empty");
  if (event.size_class != 0) return refuse("size class is not zero");
  return {};
}

// What link_of promises itself, asked of parts that come from a stranger's statement.
Result<> check_parts(EventType type, const LinkParts& parts) {
  const LinkKind kind = link_kind_of(type);
  const std::size_t grants = parts.grants.size();
  if (kind == LinkKind::salted && (grants == 0 || grants > kLinkGrantsMax)) {
    return refuse("object does not belong to 1 to 16 grants");
  }
  if (kind == LinkKind::salted && parts.pack.size() != merkle::Hash::kSize) {
    return refuse("pack id does not have 32 bytes");
  }
  if (kind == LinkKind::grant && grants != 1) return refuse("statement does not name one grant");
  if (type == EventType::object_store && (parts.frames == 0 || parts.frames > 256)) {
    return refuse("pack does not have 1 to 256 frames");
  }
  return {};
}

}  // namespace

void write_event(codec::Writer& writer, const Event& event) {
  ensure(is_user(event.type), "an event has a user type");
  writer.u8(to_byte(event.type));
  writer.raw(event.label.bytes());
  writer.raw(event.commitment.bytes());
  writer.raw(event.link.bytes());
  writer.u8(event.size_class);
  writer.raw(event.salt.bytes());
  writer.raw(event.link_salt.bytes());
  writer.vector16(event.statement, kStatementBytesMax);
}

Event read_event(codec::Reader& reader) {
  Event event;
  const auto type = event_type_from_byte(reader.u8());
  if (!type || !is_user(*type)) {
    reader.refuse("the type is no user type");
    return event;
  }
  event.type = *type;
  event.label = reader.id<Label>();
  event.commitment = reader.id<Commitment>();
  event.link = reader.id<Link>();
  event.size_class = reader.u8();
  if (event.size_class > kSizeClassMax) reader.refuse("the size class is above 8");
  event.salt = reader.id<Salt>();
  event.link_salt = reader.id<LinkSalt>();
  const ByteView statement = reader.vector16(kStatementBytesMax);
  event.statement.assign(statement.begin(), statement.end());
  return event;
}

Bytes encode(const Event& event) {
  codec::Writer writer;
  write_event(writer, event);
  return std::move(writer).take();
}

Result<Event> parse_event(ByteView bytes) {
  codec::Reader reader(bytes);
  Event event = read_event(reader);
  if (auto done = reader.finish("event"); !done) return carry(done);
  return event;
}

Label label_of(const LabelKey& key, std::uint64_t index) {
  codec::Writer number;
  number.u64(index);
  const auto mac = crypto::hmac_sha256(key.expose(), {as_bytes("amanat/label/v1"), number.bytes()});
  return id_of<Label>(mac.bytes());
}

Commitment commitment_of(EventType type, const Salt& salt, ByteView statement) {
  const std::uint8_t id = to_byte(type);
  const auto hash =
      crypto::sha256({as_bytes("amanat/commit/v1"), ByteView(&id, 1), salt.bytes(), statement});
  return id_of<Commitment>(hash.bytes());
}

Link link_of(EventType type, const LinkSalt& salt, const LinkParts& parts) {
  switch (link_kind_of(type)) {
    case LinkKind::salted: return salted_link(salt, parts);
    case LinkKind::grant:
      ensure(parts.grants.size() == 1, "a decision about a grant names that grant");
      return id_of<Link>(parts.grants.front().bytes());
    case LinkKind::object: return id_of<Link>(parts.object_store.bytes());
    case LinkKind::none:
    case LinkKind::vault: break;
  }
  return {};
}

std::uint8_t size_class_of(std::uint32_t frames) {
  ensure(frames >= 1 && frames <= 256, "a pack has 1 to 256 frames");
  return static_cast<std::uint8_t>(std::bit_width(frames - 1));
}

consent::GrantId grant_named_by(const Commitment& commitment) {
  return id_of<consent::GrantId>(commitment.bytes());
}

Commitment commitment_naming(const consent::GrantId& grant) {
  return id_of<Commitment>(grant.bytes());
}

Event make_event(EventType type, const Label& label, const Salt& salt, const LinkSalt& link_salt,
                 Bytes statement, const LinkParts& parts) {
  ensure(type != EventType::vault_head, "a vault head has a commitment and a link of its own");
  const bool salted = link_kind_of(type) == LinkKind::salted;
  return {.type = type,
          .label = label,
          .commitment = commitment_of(type, salt, statement),
          .link = link_of(type, link_salt, parts),
          .size_class = size_class_for(type, parts),
          .salt = salt,
          .link_salt = salted ? link_salt : LinkSalt{},
          .statement = std::move(statement)};
}

Result<> check_well_formed(const Event& event, const LinkParts& parts) {
  if (event.type == EventType::vault_head) return check_vault_head(event);
  if (auto fits = check_parts(event.type, parts); !fits) return carry(fits);
  if (event.commitment != commitment_of(event.type, event.salt, event.statement)) {
    return refuse("commitment is not that of its statement");
  }
  if (link_kind_of(event.type) != LinkKind::salted && !event.link_salt.is_zero()) {
    return refuse("link has no salt, but one is given");
  }
  if (event.link != link_of(event.type, event.link_salt, parts)) {
    return refuse("link is not that of its statement");
  }
  if (event.size_class != size_class_for(event.type, parts)) {
    return refuse("size class is not that of its frames");
  }
  return {};
}

UserEntry entry_of(const Event& event, Minute minute, Region region) {
  return {.type = event.type,
          .minute = minute,
          .label = event.label,
          .commitment = event.commitment,
          .link = event.link,
          .size_class = event.size_class,
          .region = region};
}

bool shows(const UserEntry& entry, const Event& event) {
  return entry == entry_of(event, entry.minute, entry.region);
}

}  // namespace amanat::tlog
