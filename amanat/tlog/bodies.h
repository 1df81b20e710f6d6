#pragma once

// The bodies of the organisation's entries (docs/format.md §4.4). Each knows its type, so that
//
//   const OrganisationEntry entry = organisation_entry(AuditChallenge{hash}, minute);
//   const auto challenge = body_of<AuditChallenge>(entry);
//
// are inverse to each other.

#include <cstdint>
#include <string>

#include "amanat/bytes/bytes.h"
#include "amanat/consent/grant_id.h"
#include "amanat/crypto/crypto.h"
#include "amanat/error/error.h"
#include "amanat/tlog/entry.h"

namespace amanat::tlog {

inline constexpr std::size_t kOriginBytesMax = 255;
inline constexpr std::size_t kLanguageBytesMin = 2;
inline constexpr std::size_t kLanguageBytesMax = 35;
inline constexpr std::size_t kPlaceBytesMax = 255;

using PolicyHash = Id<struct PolicyHashTag, 32>;    // SHA-256 of the policy's bytes
using NonceHash = Id<struct NonceHashTag, 32>;      // SHA-256 of a verifier's nonce
using AuditorId = Id<struct AuditorTag, 32>;        // key id of the audit credential
using InventoryHash = Id<struct InventoryTag, 32>;  // root over what is stored
using ResultHash = Id<struct ResultTag, 32>;        // SHA-256 of an auditor's evidence

/// Index 0 of every log: what this log is.
struct LogConfig {
  static constexpr EventType kType = EventType::log_config;
  std::string origin;  // 1 to 255 bytes
  PolicyHash policy;
  Region region = Region::none;
  std::uint32_t batch_ms = 0;  // the longest an event waits for its batch
  Bytes encode() const;
  static Result<LogConfig> parse(ByteView body);
  friend bool operator==(const LogConfig&, const LogConfig&) = default;
};

/// A notice was published: decisions may name it from now on.
struct PurposeNotice {
  static constexpr EventType kType = EventType::purpose_notice;
  std::uint8_t purpose = 0;  // consent::Purpose
  std::string language;      // BCP 47, 2 to 35 bytes
  consent::NoticeId notice;
  Bytes encode() const;
  static Result<PurposeNotice> parse(ByteView body);
  friend bool operator==(const PurposeNotice&, const PurposeNotice&) = default;
};

/// The custodian's word on where the bytes lie.
struct ResidencyAssertion {
  static constexpr EventType kType = EventType::residency_assertion;
  enum class Kind : std::uint8_t { folder = 1, s3 = 2 };
  Region region = Region::none;
  Kind kind = Kind::folder;
  std::string place;  // host and bucket; for a folder may be empty
  Bytes encode() const;
  static Result<ResidencyAssertion> parse(ByteView body);
  friend bool operator==(const ResidencyAssertion&, const ResidencyAssertion&) = default;
};

/// What is stored, counted and hashed.
struct InventoryRoot {
  static constexpr EventType kType = EventType::inventory_root;
  std::uint64_t objects = 0;
  std::uint64_t bytes = 0;
  InventoryHash root;
  Bytes encode() const;
  static Result<InventoryRoot> parse(ByteView body);
  friend bool operator==(const InventoryRoot&, const InventoryRoot&) = default;
};

/// A verifier fixed its nonce: from here on the draws cannot be chosen (§13).
struct AuditChallenge {
  static constexpr EventType kType = EventType::audit_challenge;
  NonceHash nonce_hash;
  Bytes encode() const;
  static Result<AuditChallenge> parse(ByteView body);
  friend bool operator==(const AuditChallenge&, const AuditChallenge&) = default;
};

/// An auditor's evidence, by its hash.
struct AuditResult {
  static constexpr EventType kType = EventType::audit_result;
  AuditorId auditor;
  ResultHash result;
  Bytes encode() const;
  static Result<AuditResult> parse(ByteView body);
  friend bool operator==(const AuditResult&, const AuditResult&) = default;
};

/// An auditor looked: the log watches the watchers too.
struct AuditAccess {
  static constexpr EventType kType = EventType::audit_access;
  enum class Kind : std::uint8_t { openings = 1, challenges = 2 };
  AuditorId auditor;
  Kind kind = Kind::openings;
  std::uint32_t count = 0;
  Bytes encode() const;
  static Result<AuditAccess> parse(ByteView body);
  friend bool operator==(const AuditAccess&, const AuditAccess&) = default;
};

template <class Body>
OrganisationEntry organisation_entry(const Body& body, Minute minute) {
  return {.type = Body::kType, .minute = minute, .body = body.encode()};
}

/// The body of `entry`; invalid_input when it is of another type or malformed.
template <class Body>
Result<Body> body_of(const OrganisationEntry& entry) {
  if (entry.type != Body::kType) return fail(Code::invalid_input, "the entry has another type");
  return Body::parse(entry.body);
}

/// Checks the body of any type that has one here; types nobody writes yet pass unread.
Result<> check_body(const OrganisationEntry& entry);

}  // namespace amanat::tlog
