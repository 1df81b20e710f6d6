#include "amanat/api/signature.h"

#include <algorithm>
#include <array>
#include <cstdlib>

namespace amanat::api {
namespace {
constexpr std::string_view kRequestSignature = R"("signature";req;key="amanat")";

// A request as signatures see it. Borrows everything.
struct Message {
  Method method;
  std::string_view authority;
  std::string_view path;
  std::string_view query;
  const Headers& headers;
};

Message message_of(const Request& request) {
  return {request.method, request.authority, request.path, request.query, request.headers};
}

bool is_pack(Method method, std::string_view path) {
  return method == Method::put && path.starts_with("/v1/packs/");
}

bool has_body(const Headers& headers) {
  const auto length = headers.find("content-length");
  return length && *length != "0";
}

std::string quoted(std::string_view name) { return '"' + std::string(name) + '"'; }

// A covered field that is missing or repeated reads as empty; `verify` has then failed before.
void add_field(std::vector<ComponentLine>& lines, const Headers& headers, std::string_view name) {
  lines.emplace_back(quoted(name), headers.find(name).value_or(""));
}

std::vector<ComponentLine> request_lines(const Message& message) {
  std::vector<ComponentLine> lines;
  lines.emplace_back("\"@method\"", name_of(message.method));
  lines.emplace_back("\"@authority\"", message.authority);
  lines.emplace_back("\"@path\"", message.path);
  lines.emplace_back("\"@query\"", "?" + std::string(message.query));
  if (has_body(message.headers)) {
    add_field(lines, message.headers, "content-length");
    if (!is_pack(message.method, message.path)) {
      add_field(lines, message.headers, "content-digest");
    }
  }
  if (message.headers.find("amanat-object")) add_field(lines, message.headers, "amanat-object");
  return lines;
}

std::vector<ComponentLine> response_lines(int status, const Headers& headers,
                                          const Headers& request_headers) {
  std::vector<ComponentLine> lines;
  lines.emplace_back("\"@status\"", std::to_string(status));
  add_field(lines, headers, "content-digest");
  // The member's value is what follows its label in the field, once the field parses.
  if (const auto field = request_headers.find("signature");
      field && parse_signature_field(*field)) {
    lines.emplace_back(kRequestSignature, field->substr(field->find('=') + 1));
  }
  return lines;
}

std::vector<std::string> components_of(const std::vector<ComponentLine>& lines) {
  std::vector<std::string> components;
  components.reserve(lines.size());
  for (const auto& [identifier, value] : lines) components.push_back(identifier);
  return components;
}

std::uint64_t seconds_of(Instant now) { return millis_of(now) / 1000; }

void put_signature(Headers& headers, const std::vector<ComponentLine>& lines, SignatureInput input,
                   const crypto::Signer& signer) {
  input.components = components_of(lines);
  input.key_id = key_id_of(signer.public_key());
  const std::string base = signature_base(lines, to_parameters(input));
  headers.set("signature-input", to_field(input));
  headers.set("signature", to_field(signer.sign(as_bytes(base))));
}

Result<> refuse_repeated(const Headers& headers) {
  constexpr auto kOnce = std::to_array<std::string_view>(
      {"signature", "signature-input", "content-length", "content-digest", "amanat-object"});
  for (const std::string_view name : kOnce) {
    if (headers.count(name) > 1) {
      return fail(Code::invalid_input, std::string(name) + " is there more than once");
    }
  }
  return {};
}

Result<ClaimedSignature> parse_claim(const Headers& headers) {
  if (auto once = refuse_repeated(headers); !once) return carry(once);
  const auto input_field = headers.find("signature-input");
  const auto signature_field = headers.find("signature");
  if (!input_field || !signature_field) return fail(Code::forged, "there is no signature");
  const auto input = parse_signature_input(*input_field);
  if (!input) return carry(input);
  const auto signature = parse_signature_field(*signature_field);
  if (!signature) return carry(signature);
  return ClaimedSignature{*input, *signature};
}

// Key, list of components and signature; time and nonce are the caller's.
Result<> verify_claim(const ClaimedSignature& claim, const std::vector<ComponentLine>& lines,
                      const crypto::PublicKey& key) {
  if (claim.input.key_id != key_id_of(key)) {
    return fail(Code::forged, "the signature names another key");
  }
  if (claim.input.components != components_of(lines)) {
    return fail(Code::forged, "the signature does not cover what it has to");
  }
  const std::string base = signature_base(lines, to_parameters(claim.input));
  return crypto::verify(key, as_bytes(base), claim.signature);
}

Result<> verify_digest(const Headers& headers, ByteView body) {
  const auto field = headers.find("content-digest");
  if (!field) return fail(Code::forged, "there is no content-digest");
  const auto digest = parse_content_digest(*field);
  if (!digest) return carry(digest);
  if (*digest != crypto::sha256(body)) {
    return fail(Code::forged, "the body is not what content-digest says");
  }
  return {};
}

bool is_within(std::uint64_t seconds, Instant now, std::chrono::seconds window) {
  const auto moment = std::chrono::sys_seconds(std::chrono::seconds(seconds));
  return moment >= std::chrono::floor<std::chrono::seconds>(now) - window && moment <= now + window;
}
}  // namespace

std::string signature_base(const std::vector<ComponentLine>& lines, std::string_view parameters) {
  std::string base;
  for (const auto& [identifier, value] : lines) base.append(identifier + ": " + value + '\n');
  return base.append("\"@signature-params\": ").append(parameters);
}

KeyId key_id_of(const crypto::PublicKey& key) {
  KeyId id;
  std::ranges::copy(crypto::sha256(key.bytes()).bytes(), id.fill().begin());
  return id;
}

void sign_request(ClientRequest& request, std::string_view authority, const crypto::Signer& signer,
                  Instant now) {
  sign_request(request, authority, signer, now, crypto::random_id<Nonce>());
}

void sign_request(ClientRequest& request, std::string_view authority, const crypto::Signer& signer,
                  Instant now, const Nonce& nonce) {
  const auto* bytes = std::get_if<Bytes>(&request.body);
  const std::uint64_t size =
      bytes != nullptr ? bytes->size() : std::get<BodyReader>(request.body).size;
  if (size > 0) {
    request.headers.set("content-length", std::to_string(size));
    if (!is_pack(request.method, request.path)) {
      ensure(bytes != nullptr, "only a pack is signed without being in memory");
      request.headers.set("content-digest", content_digest(*bytes));
    }
  }
  const auto lines =
      request_lines({request.method, authority, request.path, request.query, request.headers});
  put_signature(request.headers, lines,
                {.components = {}, .created = seconds_of(now), .nonce = nonce, .key_id = {}},
                signer);
}

Result<ClaimedSignature> parse_signature(const Request& request) {
  auto claim = parse_claim(request.headers);
  if (claim && !claim->input.nonce) {
    return fail(Code::invalid_input, "the signature has no nonce");
  }
  return claim;
}

Result<ClaimedSignature> verify_request(const Request& request, const crypto::PublicKey& key,
                                        Instant now, std::chrono::seconds window) {
  auto claim = parse_signature(request);
  if (!claim) return carry(claim);
  if (!is_within(claim->input.created, now, window)) {
    return fail(Code::forged, "the signature was not made within the last minutes");
  }
  const auto held = verify_claim(*claim, request_lines(message_of(request)), key);
  if (!held) return carry(held, "signature of the request");
  return claim;
}

Result<Bytes> read_signed_body(Request& request, std::size_t size_max) {
  auto body = read_body(request, size_max);
  if (!body) return carry(body);
  if (body->empty() && !request.headers.find("content-digest")) return body;
  if (auto same = verify_digest(request.headers, *body); !same) return carry(same);
  return body;
}

void sign_response(Response& response, const Request& request, const crypto::Signer& answer_key,
                   Instant now) {
  const auto* bytes = std::get_if<Bytes>(&response.body);
  ensure(bytes != nullptr && bytes->size() <= kControlBytesMax, "a signed answer is in memory");
  response.headers.set("content-digest", content_digest(*bytes));
  const auto lines = response_lines(response.status, response.headers, request.headers);
  put_signature(response.headers, lines,
                {.components = {}, .created = seconds_of(now), .nonce = {}, .key_id = {}},
                answer_key);
}

Result<Instant> verify_response(int status, const Headers& headers, ByteView body,
                                const Headers& request_headers,
                                const crypto::PublicKey& answer_key) {
  const auto claim = parse_claim(headers);
  if (!claim) return carry(claim, "answer");
  if (claim->input.nonce) return fail(Code::invalid_input, "an answer's signature has no nonce");
  const auto lines = response_lines(status, headers, request_headers);
  if (auto held = verify_claim(*claim, lines, answer_key); !held) {
    return carry(held, "signature of the answer");
  }
  if (auto same = verify_digest(headers, body); !same) return carry(same, "answer");
  return Instant(std::chrono::seconds(claim->input.created));
}

}  // namespace amanat::api
