#include "amanat/regulator/gather.h"

#include <algorithm>
#include <memory>
#include <set>
#include <span>
#include <utility>

#include <fmt/format.h>

#include "amanat/api/client.h"
#include "amanat/api/signature.h"
#include "amanat/note/note.h"
#include "amanat/regulator/case.h"
#include "amanat/tlog/tile.h"

namespace amanat::regulator {
namespace {

// An opening with 15 consents that were all withdrawn is 20 KiB; an answer has at most 1 MiB.
constexpr std::size_t kOpeningsABatch = 48;
constexpr std::string_view kLogPath = "/log/";

class Gatherer {
 public:
  Gatherer(const GatherOptions& options, const crypto::Signer& auditor, const Clock& clock)
      : options_(options), auditor_(auditor), clock_(clock) {}

  Result<Evidence> run();

 private:
  Result<> fetch_policy();
  Result<> meet();
  void fix_nonce();
  void fetch_log();
  void probe_tls();
  void ask_region();
  void ask_notices(const Log& log);
  void ask_openings(const std::vector<std::uint64_t>& wanted);
  void ask_leaves(const Case& judged);

  /// Sends a signed request and keeps the exchange; the body of an answer that counts.
  std::optional<Bytes> ask(Purpose purpose, api::Method method, std::string path,
                           std::string_view body = {});
  Result<Bytes> fetch(std::string path, std::size_t bytes_max);
  void miss(std::string what, std::string why);
  std::uint64_t now() const { return millis_of(clock_.now()); }

  const GatherOptions& options_;
  const crypto::Signer& auditor_;
  const Clock& clock_;
  std::unique_ptr<api::Client> client_;
  api::Policy policy_;
  Evidence evidence_;
};

void Gatherer::miss(std::string what, std::string why) {
  evidence_.unanswered.push_back({.what = std::move(what), .why = std::move(why), .since = now()});
}

/// The policy itself is fetched from whoever answers: its hash is what we trust.
Result<> Gatherer::fetch_policy() {
  auto client = api::Client::open({.base_url = options_.address.url,
                                   .authority_pem = {},
                                   .allow_cleartext = false,
                                   .progress = {}});
  if (!client) return carry(client);
  client_ = *std::move(client);
  auto bytes = fetch("/v1/policy", api::kPolicyBytesMax);
  if (!bytes) return carry(bytes, "fetching the policy");
  evidence_.policy = *std::move(bytes);
  if (api::hash_of_policy(as_text(evidence_.policy)) != options_.address.policy) {
    return fail(Code::forged, "the policy that is served is not the one in the address");
  }
  auto policy = api::parse_policy(as_text(evidence_.policy));
  if (!policy) return carry(policy);
  policy_ = *std::move(policy);
  return {};
}

/// From here on only the policy's certificate authority counts.
Result<> Gatherer::meet() {
  auto client = api::Client::open({.base_url = options_.address.url,
                                   .authority_pem = policy_.certificate_authority,
                                   .allow_cleartext = false,
                                   .progress = {}});
  if (!client) return carry(client);
  client_ = *std::move(client);
  api::ClientRequest request;
  request.path = "/healthz";
  const auto answer = client_->send(request);
  if (!answer) return carry(answer, "meeting the custodian");
  evidence_.tls = TlsSeen{.version = answer->tls.version,
                          .cipher = answer->tls.cipher,
                          .chain_verified = answer->tls.chain_verified,
                          .tls12_accepted = false};
  return {};
}

void Gatherer::probe_tls() {
  const auto accepted = api::accepts_tls12({.base_url = options_.address.url,
                                            .authority_pem = policy_.certificate_authority,
                                            .allow_cleartext = false,
                                            .progress = {}});
  if (accepted) {
    evidence_.tls->tls12_accepted = *accepted;
  } else {
    miss("whether TLS 1.2 is refused", accepted.error().message);
    evidence_.tls.reset();
  }
}

Result<Bytes> Gatherer::fetch(std::string path, std::size_t bytes_max) {
  api::ClientRequest request;
  request.path = std::move(path);
  request.response_bytes_max = bytes_max;
  auto answer = client_->ask(request);
  if (!answer) return carry(answer);
  return std::move(answer->body);
}

/// The fields that a signature needs; the others say nothing and would only make evidence larger.
api::Headers signed_fields(const api::Headers& headers) {
  api::Headers kept;
  for (const std::string_view name : {"content-digest", "signature-input", "signature"}) {
    if (const auto value = headers.find(name)) kept.add(name, *value);
  }
  return kept;
}

std::optional<Bytes> Gatherer::ask(Purpose purpose, api::Method method, std::string path,
                                   std::string_view body) {
  const std::string what = fmt::format("{} {}", api::name_of(method), path);
  if (evidence_.exchanges.size() >= kExchangesMax) {
    miss(what, "the evidence of one run is full");
    return {};
  }
  api::ClientRequest request;
  request.method = method;
  request.path = std::move(path);
  const ByteView bytes = as_bytes(body);
  if (!body.empty()) {
    request.headers.set("content-type", "application/json");
    request.body = Bytes(bytes.begin(), bytes.end());
  }
  api::sign_request(request, client_->authority(), auditor_, clock_.now());
  auto answer = client_->send(request);
  if (!answer) {
    miss(what, answer.error().message);
    return {};
  }
  Exchange exchange{.purpose = purpose,
                    .method = method,
                    .path = request.path,
                    .query = {},
                    .request_headers = request.headers,
                    .request_body = Bytes(bytes.begin(), bytes.end()),
                    .status = answer->status,
                    .response_headers = signed_fields(answer->headers),
                    .response_body = std::move(answer->body)};
  const auto counts = check_exchange(exchange, evidence_, policy_.answer_key);
  std::optional<Bytes> good;
  if (!counts) {
    miss(what, counts.error().message);
  } else if (exchange.status >= 400) {
    miss(what, api::error_from(exchange.status, exchange.response_body).message);
  } else {
    good = exchange.response_body;
  }
  evidence_.exchanges.push_back(std::move(exchange));
  return good;
}

/// The nonce is fixed by its hash before the checkpoint is signed: neither side chooses the draws.
void Gatherer::fix_nonce() {
  evidence_.nonce = crypto::random_id<api::AuditNonce>();
  const auto hash = crypto::sha256(evidence_.nonce.bytes());
  const api::FixNonce request{.nonce_hash = api::NonceHash::from(hash.bytes()).value()};
  const auto body =
      ask(Purpose::challenge, api::Method::post, "/v1/challenges", api::to_text(request));
  if (body) {
    if (const auto receipts = api::parse_receipts(as_text(*body))) {
      evidence_.checkpoint = receipts->checkpoint;
      return;
    }
    miss("POST /v1/challenges", "the answer is not receipts");
  }
  const auto checkpoint = fetch("/log/checkpoint", note::kNoteBytesMax);
  if (checkpoint) {
    evidence_.checkpoint = std::string(as_text(*checkpoint));
  } else {
    miss("GET /log/checkpoint", checkpoint.error().message);
  }
}

void Gatherer::fetch_log() {
  const auto checkpoint = note::open_checkpoint(evidence_.checkpoint, policy_.log_key);
  if (!checkpoint) {
    miss("the log's checkpoint", checkpoint.error().message);
    return;
  }
  const std::uint64_t size = checkpoint->root().leaves;
  const std::uint64_t bundles = (size + tlog::kTileWidth - 1) / tlog::kTileWidth;
  if (bundles > kLogBundlesMax) {
    miss("the entries of the log", "the log is longer than one run reads");
    return;
  }
  for (std::uint64_t i = 0; i < bundles; ++i) {
    const auto path = tlog::path_of({.level = {}, .index = i, .width = tlog::width_at(0, i, size)});
    auto bundle = fetch(std::string(kLogPath) + path, tlog::kBundleBytesMax);
    if (!bundle) {
      miss("GET /log/" + path, bundle.error().message);
      return;
    }
    evidence_.entries.push_back(*std::move(bundle));
  }
}

void Gatherer::ask_region() { ask(Purpose::region, api::Method::get, "/v1/region"); }

void Gatherer::ask_notices(const Log& log) {
  std::set<consent::NoticeId> asked;
  for (const PublishedNotice& published : log.notices()) {
    if (!asked.insert(published.notice.notice).second) continue;
    ask(Purpose::notice, api::Method::get, "/v1/notices/" + published.notice.notice.hex());
  }
}

void Gatherer::ask_openings(const std::vector<std::uint64_t>& wanted) {
  for (std::size_t at = 0; at < wanted.size(); at += kOpeningsABatch) {
    const auto batch = std::span(wanted).subspan(at, std::min(kOpeningsABatch, wanted.size() - at));
    ask(Purpose::openings, api::Method::post, "/v1/openings",
        api::to_text(api::OpeningsRequest{.indices = {batch.begin(), batch.end()}}));
  }
}

void Gatherer::ask_leaves(const Case& judged) {
  std::set<Answers::LeafName> wanted;
  for (const DrawnLeaf& drawn : judged.drawn_leaves()) wanted.emplace(drawn.index, drawn.leaf);
  for (const DrawnLeaf& drawn : judged.header_leaves()) wanted.emplace(drawn.index, drawn.leaf);
  api::DrawnLeaves request{.nonce = evidence_.nonce, .leaves = {}};
  const auto send = [&] {
    if (request.leaves.empty()) return;
    ask(Purpose::leaves, api::Method::post, "/v1/challenges", api::to_text(request));
    request.leaves.clear();
  };
  for (const auto& [index, leaf] : wanted) {
    request.leaves.push_back({.index = index, .leaf = leaf});
    if (request.leaves.size() == api::kLeavesMax) send();
  }
  send();
}

Result<Evidence> Gatherer::run() {
  evidence_.url = options_.address.url;
  evidence_.started = now();
  evidence_.pinned = options_.address.policy;
  evidence_.auditor = auditor_.public_key();
  evidence_.samples = options_.samples;
  evidence_.remembered = options_.remembered;
  evidence_.bundles = options_.bundles;
  if (auto done = fetch_policy(); !done) return carry(done);
  if (auto done = meet(); !done) return carry(done);
  probe_tls();
  fix_nonce();
  fetch_log();
  ask_region();
  if (const auto log_only = Case::read(evidence_)) {
    ask_notices(log_only->log);
    ask_openings(log_only->wanted_openings());
  } else {
    miss("the log", log_only.error().message);
  }
  if (const auto opened = Case::read(evidence_)) ask_leaves(*opened);
  // What is missing may have been erased since: its opening says so.
  if (const auto asked = Case::read(evidence_)) ask_openings(asked->missing_objects());
  evidence_.finished = now();
  return std::move(evidence_);
}

}  // namespace

Result<Evidence> gather(const GatherOptions& options, const crypto::Signer& auditor,
                        const Clock& clock) {
  return Gatherer(options, auditor, clock).run();
}

}  // namespace amanat::regulator
