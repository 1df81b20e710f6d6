#include "amanat/tlog/bodies.h"

#include "amanat/codec/codec.h"

namespace amanat::tlog {
namespace {

Region read_region(codec::Reader& reader) {
  const auto region = region_from_byte(reader.u8());
  if (!region) reader.refuse("the region is not registered");
  return region.value_or(Region::none);
}

// Both kinds of this module are 1 or 2.
template <class Kind>
Kind read_kind(codec::Reader& reader) {
  const std::uint8_t kind = reader.u8();
  if (kind != 1 && kind != 2) reader.refuse("the kind is neither 1 nor 2");
  return static_cast<Kind>(kind);
}

std::string text_of(ByteView bytes) { return std::string(as_text(bytes)); }

template <class Body>
Result<Body> finished(const codec::Reader& reader, Body body) {
  if (auto done = reader.finish(name_of(Body::kType)); !done) return carry(done);
  return body;
}

template <class Body>
Result<> parses(const OrganisationEntry& entry) {
  const auto body = Body::parse(entry.body);
  if (!body) return carry(body);
  return {};
}

}  // namespace

Bytes LogConfig::encode() const {
  ensure(!origin.empty(), "a log has an origin");
  codec::Writer writer;
  writer.vector8(as_bytes(origin), kOriginBytesMax);
  writer.raw(policy.bytes());
  writer.u8(to_byte(region));
  writer.u32(batch_ms);
  return std::move(writer).take();
}

Result<LogConfig> LogConfig::parse(ByteView body) {
  codec::Reader reader(body);
  LogConfig config;
  config.origin = text_of(reader.vector8(kOriginBytesMax));
  if (config.origin.empty()) reader.refuse("the origin is empty");
  config.policy = reader.id<PolicyHash>();
  config.region = read_region(reader);
  config.batch_ms = reader.u32();
  return finished(reader, std::move(config));
}

Bytes PurposeNotice::encode() const {
  ensure(language.size() >= kLanguageBytesMin, "a language tag has two letters or more");
  codec::Writer writer;
  writer.u8(purpose);
  writer.vector8(as_bytes(language), kLanguageBytesMax);
  writer.raw(notice.bytes());
  return std::move(writer).take();
}

Result<PurposeNotice> PurposeNotice::parse(ByteView body) {
  codec::Reader reader(body);
  PurposeNotice published;
  published.purpose = reader.u8();
  published.language = text_of(reader.vector8(kLanguageBytesMax));
  if (published.language.size() < kLanguageBytesMin) reader.refuse("the language is too short");
  published.notice = reader.id<consent::NoticeId>();
  return finished(reader, std::move(published));
}

Bytes ResidencyAssertion::encode() const {
  codec::Writer writer;
  writer.u8(to_byte(region));
  writer.u8(static_cast<std::uint8_t>(kind));
  writer.vector8(as_bytes(place), kPlaceBytesMax);
  return std::move(writer).take();
}

Result<ResidencyAssertion> ResidencyAssertion::parse(ByteView body) {
  codec::Reader reader(body);
  ResidencyAssertion assertion;
  assertion.region = read_region(reader);
  assertion.kind = read_kind<Kind>(reader);
  assertion.place = text_of(reader.vector8(kPlaceBytesMax));
  return finished(reader, std::move(assertion));
}

Bytes InventoryRoot::encode() const {
  codec::Writer writer;
  writer.u64(objects);
  writer.u64(bytes);
  writer.raw(root.bytes());
  return std::move(writer).take();
}

Result<InventoryRoot> InventoryRoot::parse(ByteView body) {
  codec::Reader reader(body);
  InventoryRoot inventory;
  inventory.objects = reader.u64();
  inventory.bytes = reader.u64();
  inventory.root = reader.id<InventoryHash>();
  return finished(reader, inventory);
}

Bytes AuditChallenge::encode() const {
  const ByteView hash = nonce_hash.bytes();
  return {hash.begin(), hash.end()};
}

Result<AuditChallenge> AuditChallenge::parse(ByteView body) {
  codec::Reader reader(body);
  const AuditChallenge challenge{reader.id<NonceHash>()};
  return finished(reader, challenge);
}

Bytes AuditResult::encode() const {
  codec::Writer writer;
  writer.raw(auditor.bytes());
  writer.raw(result.bytes());
  return std::move(writer).take();
}

Result<AuditResult> AuditResult::parse(ByteView body) {
  codec::Reader reader(body);
  AuditResult audit;
  audit.auditor = reader.id<AuditorId>();
  audit.result = reader.id<ResultHash>();
  return finished(reader, audit);
}

Bytes AuditAccess::encode() const {
  codec::Writer writer;
  writer.raw(auditor.bytes());
  writer.u8(static_cast<std::uint8_t>(kind));
  writer.u32(count);
  return std::move(writer).take();
}

Result<AuditAccess> AuditAccess::parse(ByteView body) {
  codec::Reader reader(body);
  AuditAccess access;
  access.auditor = reader.id<AuditorId>();
  access.kind = read_kind<Kind>(reader);
  access.count = reader.u32();
  return finished(reader, access);
}

Result<> check_body(const OrganisationEntry& entry) {
  switch (entry.type) {
    case EventType::log_config: return parses<LogConfig>(entry);
    case EventType::purpose_notice: return parses<PurposeNotice>(entry);
    case EventType::residency_assertion: return parses<ResidencyAssertion>(entry);
    case EventType::inventory_root: return parses<InventoryRoot>(entry);
    case EventType::audit_challenge: return parses<AuditChallenge>(entry);
    case EventType::audit_result: return parses<AuditResult>(entry);
    case EventType::audit_access: return parses<AuditAccess>(entry);
    default: return {};
  }
}

}  // namespace amanat::tlog
