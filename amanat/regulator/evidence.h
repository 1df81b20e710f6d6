#pragma once

// What one run of the verifier saw, and all that is judged (docs/api.md §7). A run can be judged
// again anywhere: `judge` reads nothing else, has no clock and no network.
//
// What counts in here are signed bytes: the policy under its pinned hash, the log's checkpoint and
// the entries under it, and answers that the policy's answer key signed. Evidence can be made up,
// what it holds cannot: bytes whose signatures do not hold are as good as absent.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "amanat/api/http.h"
#include "amanat/api/messages.h"
#include "amanat/api/policy.h"
#include "amanat/bytes/bytes.h"
#include "amanat/clock/clock.h"
#include "amanat/crypto/crypto.h"
#include "amanat/error/error.h"
#include "amanat/regulator/bundle.h"

namespace amanat::regulator {

inline constexpr std::size_t kEvidenceBytesMax = std::size_t{256} << 20U;
inline constexpr std::size_t kLogBundlesMax = 1U << 16U;  // 16 million entries
inline constexpr std::size_t kExchangesMax = 20'000;
inline constexpr std::size_t kBundlesMax = 1'000;
inline constexpr std::uint32_t kSamplesMax = 20'000;

/// What a request was for; the judge looks for answers by it.
enum class Purpose : std::uint8_t { region, challenge, openings, leaves, notice };
std::string_view name_of(Purpose purpose);

/// One request and what came back, as sent and received.
struct Exchange {
  Purpose purpose = Purpose::region;
  api::Method method = api::Method::get;
  std::string path;
  std::string query;
  api::Headers request_headers;
  Bytes request_body;
  int status = 0;
  api::Headers response_headers;
  Bytes response_body;
};

/// What the verifier's own handshakes showed; nobody signed it.
struct TlsSeen {
  std::string version;
  std::string cipher;
  bool chain_verified = false;
  bool tls12_accepted = false;
  friend bool operator==(const TlsSeen&, const TlsSeen&) = default;
};

/// Something that was asked and not answered in a way that counts, with a clock running.
struct Unanswered {
  std::string what;
  std::string why;
  std::uint64_t since = 0;  // milliseconds since 1970
  friend bool operator==(const Unanswered&, const Unanswered&) = default;
};

struct Evidence {
  std::string url;  // https://host:port
  std::uint64_t started = 0;
  std::uint64_t finished = 0;
  api::PolicyHash pinned;
  Bytes policy;                // as served
  api::AuditNonce nonce;       // docs/format.md §13
  crypto::PublicKey auditor;   // who asked: signed every request
  std::uint32_t samples = 0;   // random draws
  std::string checkpoint;      // C of §13 when a nonce could be fixed, else the present one
  std::vector<Bytes> entries;  // bundles of up to 256, as the log serves them
  std::vector<Exchange> exchanges;
  std::optional<TlsSeen> tls;
  std::optional<std::string> remembered;  // an earlier checkpoint, from this verifier's memory
  std::vector<Bundle> bundles;
  std::vector<Unanswered> unanswered;
};

std::string to_text(const Evidence& evidence);
/// Reads evidence; refuses unknown members, wrong types and counts over the limits.
Result<Evidence> parse_evidence(std::string_view text);

/// host[:port] of an https URL, as it stands in "@authority".
std::string authority_of(std::string_view url);

}  // namespace amanat::regulator
