#pragma once

// What a phone hands to a verifier without saying anything about its owner: entries, proofs and
// checkpoints, no openings (docs/format.md §15).

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "amanat/api/policy.h"
#include "amanat/bytes/bytes.h"
#include "amanat/codec/json.h"
#include "amanat/error/error.h"
#include "amanat/merkle/merkle.h"

namespace amanat::regulator {

inline constexpr std::size_t kBundleBytesMax = std::size_t{64} << 20U;
inline constexpr std::size_t kBundleReceiptsMax = 100'000;

struct Bundle {
  struct Receipt {
    std::uint64_t index = 0;
    Bytes entry;
    merkle::Proof proof;
    std::string checkpoint;  // the signed note
    friend bool operator==(const Receipt&, const Receipt&) = default;
  };
  api::PolicyHash policy;
  std::vector<Receipt> receipts;
  friend bool operator==(const Bundle&, const Bundle&) = default;
};

json::Value to_json(const Bundle& bundle);
/// Fails with invalid_input on unknown members, wrong types and counts over the limits.
Result<Bundle> bundle_from_json(const json::Value& value);
Result<Bundle> parse_bundle(std::string_view text);

/// Hashes as an array of base64, as everywhere in JSON.
json::Array proof_to_json(const merkle::Proof& proof);
Result<merkle::Proof> proof_from_json(const json::Array& array);

}  // namespace amanat::regulator
