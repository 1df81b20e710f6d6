#pragma once

// What a person wants to know about their vault, from what the phone remembers: reading it asks
// nothing over the network.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "amanat/consent/category.h"
#include "amanat/error/error.h"
#include "amanat/phone/session.h"

namespace amanat::phone {

struct CategoryStatus {
  consent::Category category = consent::Category::other;
  std::string state;             // "not asked", "given", "refused", "withdrawn", ...
  std::optional<Instant> since;  // of the last answer
  std::uint64_t files = 0;       // kept; a file of two categories counts for both
  std::uint64_t bytes = 0;
};

/// Files that stay on the phone, by reason.
struct LeftStatus {
  std::string reason;
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;
};

struct StatusReport {
  std::string custodian;
  std::string policy_hash;
  std::string region;
  std::size_t witnesses = 0;
  std::uint32_t quorum = 0;
  std::string account;
  std::uint32_t keyring_version = 0;
  std::size_t devices = 0;
  std::vector<std::string> folders;
  std::optional<Instant> protected_at;
  std::uint64_t kept_files = 0;
  std::uint64_t kept_bytes = 0;
  std::vector<CategoryStatus> categories;
  std::vector<LeftStatus> left;
  std::vector<PendingWithdrawal> withdrawals;
  std::string threats_version;
  std::uint64_t threats_signatures = 0;
  std::string sandbox;  // what of it is in force, in words; the caller's to ask of a worker
  std::uint64_t quarantined_files = 0;
  std::uint64_t waiting_packs = 0;  // sealed or stored, and not yet part of the vault
};

Result<StatusReport> read_status(Session& session);

}  // namespace amanat::phone
