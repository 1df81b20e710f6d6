#include "amanat/phone/custodian_link.h"

#include <array>
#include <utility>

#include "amanat/api/signature.h"
#include "amanat/phone/home.h"
#include "amanat/tlog/reader.h"

namespace amanat::phone {
namespace {

constexpr std::size_t kTileBytesMax = 128 * 1024;

api::ClientRequest request_for(api::Method method, std::string path, std::string query = {}) {
  api::ClientRequest request;
  request.method = method;
  request.path = std::move(path);
  request.query = std::move(query);
  return request;
}

api::ClientRequest json_request(api::Method method, std::string path, const std::string& body) {
  api::ClientRequest request = request_for(method, std::move(path));
  request.headers.set("content-type", "application/json");
  const ByteView bytes = as_bytes(body);
  request.body = Bytes(bytes.begin(), bytes.end());
  return request;
}

std::string pack_path(const seal::PackId& pack) { return "/v1/packs/" + pack.hex(); }

}  // namespace

Result<Bytes> fetch_pinned_policy(const api::EnrolAddress& address) {
  api::ClientOptions options;
  options.base_url = address.url;
  auto client = api::Client::open(std::move(options));
  if (!client) return carry(client, "enrolling");
  api::ClientRequest request = request_for(api::Method::get, "/v1/policy");
  request.response_bytes_max = api::kPolicyBytesMax;
  auto answer = (*client)->ask(request);
  if (!answer) return carry(answer, "fetching the policy");
  if (api::hash_of_policy(as_text(answer->body)) != address.policy) {
    return fail(
        Code::forged,
        "the custodian's policy is not the one this address names: ask its operator for the "
        "right address, and do not enrol before it fits");
  }
  return std::move(answer->body);
}

Result<std::unique_ptr<CustodianLink>> CustodianLink::open(Options options) {
  std::unique_ptr<CustodianLink> link(new CustodianLink(std::move(options)));
  api::ClientOptions client_options;
  client_options.base_url = link->options_.url;
  client_options.authority_pem = link->options_.policy.certificate_authority;
  auto client = api::Client::open(std::move(client_options));
  if (!client) return carry(client, "opening the link to the custodian");
  link->client_ = std::move(*client);
  return link;
}

Result<Bytes> CustodianLink::fetch(std::string_view path, std::size_t bytes_max) {
  api::ClientRequest request = request_for(api::Method::get, std::string(path));
  request.response_bytes_max = bytes_max;
  auto answer = client_->ask(request);
  if (!answer) return carry(answer);
  return std::move(answer->body);
}

Result<std::vector<api::Notices::Notice>> CustodianLink::notices() {
  auto body = fetch("/v1/notices", api::kControlBodyBytesMax);
  if (!body) return carry(body, "listing notices");
  auto notices = api::parse_notices(as_text(*body));
  if (!notices) return carry(notices);
  return std::move(notices->notices);
}

/// Sends a signed request; the answer's signature is checked whether it is good news or bad.
Result<api::ClientResponse> CustodianLink::ask_signed(const crypto::Signer& signer,
                                                      api::ClientRequest request) {
  api::sign_request(request, client_->authority(), signer, options_.clock->now());
  auto answer = client_->send(request);
  if (!answer) return carry(answer);
  const bool has_json = request.method != api::Method::head
                        && answer->headers.find("content-type") == "application/json";
  if (has_json) {
    auto held = api::verify_response(answer->status, answer->headers, answer->body, request.headers,
                                     options_.policy.answer_key);
    if (!held) {
      return fail(Code::unavailable, "the custodian's answer is not signed as its policy says ("
                                         + held.error().message
                                         + "): try again, and tell its operator");
    }
  }
  if (answer->status >= 400) {
    return std::unexpected<Error>(api::error_from(answer->status, answer->body));
  }
  return answer;
}

Result<std::string> CustodianLink::ask_text(const crypto::Signer& signer,
                                            api::ClientRequest request) {
  auto answer = ask_signed(signer, std::move(request));
  if (!answer) return carry(answer);
  return std::string(as_text(answer->body));
}

Result<std::vector<tlog::Receipt>> CustodianLink::check_receipts(
    const api::Receipts& answer, std::span<const tlog::Event> events) {
  if (answer.receipts.size() != events.size()) {
    return fail(Code::forged, "the custodian answered for another number of events than were sent");
  }
  std::vector<tlog::Receipt> receipts;
  for (std::size_t i = 0; i < events.size(); ++i) {
    const api::ReceiptMessage& message = answer.receipts[i];
    tlog::Receipt receipt{.event = events[i],
                          .index = message.index,
                          .entry = message.entry,
                          .proof = message.proof,
                          .checkpoint = answer.checkpoint};
    auto checkpoint = tlog::check(receipt, options_.policy.log_key);
    if (!checkpoint) {
      const Bytes bytes = tlog::encode(receipt);
      return keep_evidence("receipt", checkpoint.error(), std::array{ByteView(bytes)});
    }
    if (i == 0) {
      if (auto kept = remember_checkpoint(*checkpoint); !kept) return carry(kept);
    }
    receipts.push_back(std::move(receipt));
  }
  return receipts;
}

Result<> CustodianLink::remember_checkpoint(const note::VerifiedCheckpoint& checkpoint) {
  if (options_.records == nullptr) return {};
  const auto kept = options_.records->fact(fact::kCheckpoint);
  if (!kept) return carry(kept);
  if (*kept) {
    auto older = note::open_checkpoint(as_text(**kept), options_.policy.log_key);
    if (!older) return carry(older, "the checkpoint in phone.db");
    // An answer may have been overtaken by a newer one; then it must be the newer one's beginning.
    const bool grew = checkpoint.root().leaves >= older->root().leaves;
    const auto& first = grew ? *older : checkpoint;
    const auto& second = grew ? checkpoint : *older;
    if (first.root() != second.root()) {
      const auto fetch_tile = [this](std::string_view path) {
        return fetch("/log/" + std::string(path), kTileBytesMax);
      };
      auto follows = tlog::check_growth(fetch_tile, first.root(), second.root());
      if (!follows && follows.error().code == Code::forged) {
        return keep_evidence("log", follows.error(),
                             std::array{as_bytes(first.note()), as_bytes(second.note())});
      }
      if (!follows) return carry(follows, "checking that the log only grew");
    }
    if (!grew) return {};
  }
  return options_.records->set_fact(fact::kCheckpoint, as_bytes(checkpoint.note()));
}

std::unexpected<Error> CustodianLink::keep_evidence(std::string_view what, const Error& error,
                                                    std::span<const ByteView> parts) {
  Bytes all;
  for (const ByteView part : parts) append(all, part);
  const std::string name =
      std::string(what) + "-" + crypto::sha256(all).hex().substr(0, 16) + ".bin";
  const auto path = options_.evidence / name;
  std::string message = error.message;
  if (write_private_file(path, all)) {
    message += "; the bytes that show it are kept in evidence/" + name;
  }
  return fail(error.code, std::move(message));
}

Result<std::vector<tlog::Receipt>> CustodianLink::open_account(const crypto::Signer& device,
                                                               const api::OpenAccount& request,
                                                               const tlog::Event& event) {
  auto text =
      ask_text(device, json_request(api::Method::post, "/v1/accounts", api::to_text(request)));
  if (!text) return carry(text, "opening an account");
  auto answer = api::parse_receipts(*text);
  if (!answer) return carry(answer, "opening an account");
  return check_receipts(*answer, std::array{event});
}

Result<std::vector<tlog::Receipt>> CustodianLink::add_device(const crypto::Signer& phrase_key,
                                                             const api::AddDevice& request,
                                                             const tlog::Event& event) {
  auto text =
      ask_text(phrase_key, json_request(api::Method::post, "/v1/devices", api::to_text(request)));
  if (!text) return carry(text, "adding this device");
  auto answer = api::parse_receipts(*text);
  if (!answer) return carry(answer, "adding this device");
  return check_receipts(*answer, std::array{event});
}

Result<std::vector<tlog::Receipt>> CustodianLink::post_events(const crypto::Signer& device,
                                                              std::span<const tlog::Event> events) {
  api::PostEvents request;
  for (const tlog::Event& event : events) request.events.push_back(tlog::encode(event));
  auto text =
      ask_text(device, json_request(api::Method::post, "/v1/events", api::to_text(request)));
  if (!text) return carry(text, "sending events");
  auto answer = api::parse_receipts(*text);
  if (!answer) return carry(answer, "sending events");
  return check_receipts(*answer, events);
}

Result<std::vector<tlog::Receipt>> CustodianLink::post_commit(const crypto::Signer& device,
                                                              ByteView commit,
                                                              std::span<const tlog::Event> stored,
                                                              const VaultStep& step) {
  const api::PostCommit request{.commit = Bytes(commit.begin(), commit.end()),
                                .sequence = step.sequence,
                                .head = tlog::encode(step.head)};
  auto text =
      ask_text(device, json_request(api::Method::post, "/v1/commits", api::to_text(request)));
  if (!text) return carry(text, "committing");
  auto answer = api::parse_receipts(*text);
  if (!answer) return carry(answer, "committing");
  std::vector<tlog::Event> events(stored.begin(), stored.end());
  events.push_back(step.head);
  return check_receipts(*answer, events);
}

Result<std::vector<tlog::Receipt>> CustodianLink::put_keyring(const crypto::Signer& signer,
                                                              std::uint32_t version,
                                                              ByteView sealed, ByteView statement,
                                                              const VaultStep& step) {
  const api::PutKeyring request{.keyring = Bytes(sealed.begin(), sealed.end()),
                                .statement = Bytes(statement.begin(), statement.end()),
                                .sequence = step.sequence,
                                .head = tlog::encode(step.head)};
  auto text =
      ask_text(signer, json_request(api::Method::put, "/v1/keyrings/" + std::to_string(version),
                                    api::to_text(request)));
  if (!text) return carry(text, "storing the keyring");
  auto answer = api::parse_receipts(*text);
  if (!answer) return carry(answer, "storing the keyring");
  return check_receipts(*answer, std::array{step.head});
}

Result<api::Heads> CustodianLink::heads(const crypto::Signer& signer,
                                        std::optional<seal::Generation> generation) {
  auto text = ask_text(signer, request_for(api::Method::get, "/v1/heads",
                                           generation ? "generation=" + std::to_string(*generation)
                                                      : std::string()));
  if (!text) return carry(text, "asking where the account stands");
  auto heads = api::parse_heads(*text);
  if (!heads) return carry(heads);
  auto checkpoint = note::open_checkpoint(heads->checkpoint, options_.policy.log_key);
  if (!checkpoint) return carry(checkpoint, "asking where the account stands");
  if (auto kept = remember_checkpoint(*checkpoint); !kept) return carry(kept);
  return heads;
}

Result<api::KeyringAnswer> CustodianLink::keyring(const crypto::Signer& signer,
                                                  std::uint32_t version) {
  auto text =
      ask_text(signer, request_for(api::Method::get, "/v1/keyrings/" + std::to_string(version)));
  if (!text) return carry(text, "fetching the keyring");
  return api::parse_keyring_answer(*text);
}

Result<api::Inventory> CustodianLink::inventory(const crypto::Signer& device,
                                                const std::optional<seal::PackId>& after) {
  auto text = ask_text(device, request_for(api::Method::get, "/v1/inventory",
                                           after ? "after=" + after->hex() : std::string()));
  if (!text) return carry(text, "listing packs");
  return api::parse_inventory(*text);
}

Result<api::LeafAnswers> CustodianLink::leaves(const crypto::Signer& device,
                                               const api::OwnLeaves& request) {
  auto text =
      ask_text(device, json_request(api::Method::post, "/v1/challenges", api::to_text(request)));
  if (!text) return carry(text, "challenging the custodian");
  return api::parse_leaf_answers(*text);
}

Result<> CustodianLink::put_pack(const crypto::Signer& device, const seal::PackId& pack,
                                 const tlog::Event& event, const api::BodyReader& body) {
  api::ClientRequest request = request_for(api::Method::put, pack_path(pack));
  request.headers.set("if-none-match", "*");
  request.headers.set("content-type", "application/octet-stream");
  request.headers.set("amanat-object", to_base64(tlog::encode(event)));
  request.body = body;
  request.expect_continue = true;
  auto answer = ask_signed(device, std::move(request));
  if (!answer) return carry(answer, "storing a pack");
  return {};
}

Result<bool> CustodianLink::has_pack(const crypto::Signer& device, const seal::PackId& pack) {
  auto answer = ask_signed(device, request_for(api::Method::head, pack_path(pack)));
  if (answer) return true;
  if (answer.error().code == Code::not_found) return false;
  return carry(answer, "asking for a pack");
}

Result<Bytes> CustodianLink::get_pack(const crypto::Signer& device, const seal::PackId& pack,
                                      std::uint64_t offset, std::size_t size) {
  api::ClientRequest request = request_for(api::Method::get, pack_path(pack));
  request.response_bytes_max = size == 0 ? seal::kPackBytesMax : size;
  if (size != 0) {
    request.headers.set(
        "range", "bytes=" + std::to_string(offset) + "-" + std::to_string(offset + size - 1));
  }
  auto answer = ask_signed(device, std::move(request));
  if (!answer) return carry(answer, "fetching pack " + pack.hex().substr(0, 8));
  if (size != 0 && answer->body.size() != size) {
    return fail(Code::corrupt, "the custodian answered another range than was asked for");
  }
  return std::move(answer->body);
}

}  // namespace amanat::phone
