#include "amanat/api/signature.h"

#include <fstream>
#include <map>
#include <sstream>

#include <doctest/doctest.h>

#include "amanat/api/nonce_memory.h"

using namespace amanat;
using namespace amanat::api;
using namespace std::chrono_literals;

namespace {
constexpr std::string_view kAuthority = "vault.example";
const Instant kNow(std::chrono::seconds(1767225600));

crypto::Signer signer_of(std::uint8_t fill) {
  crypto::SigningSeed seed;
  std::ranges::fill(seed.expose(), fill);
  return crypto::Signer(std::move(seed));
}

struct Vector {
  std::map<std::string, std::string> fields;
  std::string base;
};

Vector read_vector(const std::string& name) {
  std::ifstream file(std::string(AMANAT_SOURCE_DIR) + "/amanat/api/vectors/" + name + ".txt");
  REQUIRE(file.is_open());
  Vector vector;
  for (std::string line; std::getline(file, line) && line != "base:";) {
    const std::size_t colon = line.find(": ");
    vector.fields[line.substr(0, colon)] = line.substr(colon + 2);
  }
  std::ostringstream rest;
  rest << file.rdbuf();
  vector.base = rest.str();
  vector.base.pop_back();  // the file ends in a line break, the base does not
  return vector;
}

ClientRequest request_of(const Vector& vector) {
  ClientRequest request;
  request.method = *method_from_name(vector.fields.at("method"));
  request.path = vector.fields.at("path");
  request.query = vector.fields.at("query");
  if (vector.fields.contains("body")) {
    const ByteView body = as_bytes(vector.fields.at("body"));
    request.body = Bytes(body.begin(), body.end());
  }
  if (vector.fields.contains("size")) {
    request.body = BodyReader{.size = std::stoull(vector.fields.at("size")), .read = {}};
  }
  if (vector.fields.contains("amanat-object")) {
    request.headers.set("Amanat-Object", vector.fields.at("amanat-object"));
  }
  return request;
}

// What arrives at the other side.
Request received(const ClientRequest& sent, std::string_view authority = kAuthority) {
  Request request;
  request.method = sent.method;
  request.authority = authority;
  request.path = sent.path;
  request.query = sent.query;
  request.headers = sent.headers;
  return request;
}

ClientRequest signed_post(const crypto::Signer& signer, std::string_view text) {
  ClientRequest request;
  request.method = Method::post;
  request.path = "/v1/events";
  request.query = "a=1";
  request.body = Bytes(text.begin(), text.end());
  sign_request(request, kAuthority, signer, kNow);
  return request;
}
}  // namespace

TEST_CASE("a signature base is the one RFC 9421 prints, and its signature holds") {
  const Vector vector = read_vector("rfc9421_b26");
  const std::vector<ComponentLine> lines = {{"\"date\"", "Tue, 20 Apr 2021 02:07:55 GMT"},
                                            {"\"@method\"", "POST"},
                                            {"\"@path\"", "/foo"},
                                            {"\"@authority\"", "example.com"},
                                            {"\"content-type\"", "application/json"},
                                            {"\"content-length\"", "18"}};
  const std::string base = signature_base(
      lines,
      R"(("date" "@method" "@path" "@authority" "content-type" "content-length");created=1618884473;keyid="test-key-ed25519")");
  CHECK(base == vector.base);
  const auto key = crypto::PublicKey::from_hex(vector.fields.at("key"));
  const auto bytes = from_base64(vector.fields.at("signature"));
  const auto signature = crypto::Signature::from(*bytes);
  CHECK(crypto::verify(*key, as_bytes(base), *signature));
}

TEST_CASE("requests are signed byte for byte as the vectors say") {
  for (const std::string name : {"request_get", "request_post", "request_put_pack"}) {
    CAPTURE(name);
    const Vector vector = read_vector(name);
    const crypto::Signer signer(*crypto::SigningSeed::from(*from_hex(vector.fields.at("seed"))));
    CHECK(signer.public_key().hex() == vector.fields.at("key"));
    ClientRequest request = request_of(vector);
    const Instant created(std::chrono::seconds(std::stoll(vector.fields.at("created"))));
    const auto nonce = Nonce::from_hex(vector.fields.at("nonce"));
    sign_request(request, vector.fields.at("authority"), signer, created, *nonce);
    CHECK(request.headers.find("signature-input") == vector.fields.at("signature-input"));
    CHECK(request.headers.find("signature") == "amanat=:" + vector.fields.at("signature") + ":");
    const Request arrived = received(request, vector.fields.at("authority"));
    CHECK(verify_request(arrived, signer.public_key(), created));
  }
}

TEST_CASE("answers are signed byte for byte as the vector says") {
  const Vector vector = read_vector("answer");
  const crypto::Signer signer(*crypto::SigningSeed::from(*from_hex(vector.fields.at("seed"))));
  Request request;
  request.headers.set("signature", "amanat=:" + vector.fields.at("request-signature") + ":");
  Response response = json_response(200, vector.fields.at("body"));
  const Instant created(std::chrono::seconds(std::stoll(vector.fields.at("created"))));
  sign_response(response, request, signer, created);
  CHECK(response.headers.find("signature-input") == vector.fields.at("signature-input"));
  CHECK(response.headers.find("signature") == "amanat=:" + vector.fields.at("signature") + ":");
}

TEST_CASE("a signed request verifies, and nothing about it can be changed") {
  const crypto::Signer signer = signer_of(1);
  const ClientRequest sent = signed_post(signer, "{}");
  const Request sound = received(sent);
  const auto claim = verify_request(sound, signer.public_key(), kNow);
  REQUIRE(claim);
  CHECK(claim->input.key_id == key_id_of(signer.public_key()));

  struct Change {
    std::string_view what;
    void (*make)(Request&);
  };
  const auto changes = std::to_array<Change>({
      {"method", [](Request& r) { r.method = Method::put; }},
      {"authority", [](Request& r) { r.authority = "other.example"; }},
      {"path", [](Request& r) { r.path = "/v1/commits"; }},
      {"query", [](Request& r) { r.query = "a=2"; }},
      {"no query", [](Request& r) { r.query.clear(); }},
      {"length", [](Request& r) { r.headers.set("content-length", "3"); }},
      {"no length", [](Request& r) { r.headers.set("content-length", "0"); }},
      {"digest", [](Request& r) { r.headers.set("content-digest", content_digest({})); }},
      {"object", [](Request& r) { r.headers.set("amanat-object", "AAAA"); }},
  });
  for (const Change& change : changes) {
    CAPTURE(change.what);
    Request bent = sound;
    change.make(bent);
    const auto refused = verify_request(bent, signer.public_key(), kNow);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Code::forged);
  }
  CHECK(verify_request(sound, signer_of(2).public_key(), kNow).error().code == Code::forged);
  CHECK(verify_request(Request(), signer.public_key(), kNow).error().code == Code::forged);
}

TEST_CASE("a signature is accepted for 300 seconds either way and not longer") {
  const crypto::Signer signer = signer_of(1);
  const Request request = received(signed_post(signer, "{}"));
  const auto verify_at = [&](Instant now) {
    return verify_request(request, signer.public_key(), now).has_value();
  };
  CHECK(verify_at(kNow + 300s));
  CHECK(verify_at(kNow - 300s));
  CHECK_FALSE(verify_at(kNow + 301s));
  CHECK_FALSE(verify_at(kNow - 301s));
}

TEST_CASE("the body must be the one the signature names") {
  const crypto::Signer signer = signer_of(1);
  Request request = received(signed_post(signer, "{\"a\":1}"));
  BytesBody sound({'{', '"', 'a', '"', ':', '1', '}'});
  request.body = &sound;
  CHECK(read_signed_body(request));
  BytesBody bent({'{', '"', 'a', '"', ':', '2', '}'});
  request.body = &bent;
  CHECK(read_signed_body(request).error().code == Code::forged);
  request.body = &sound;  // read to its end already: an empty body where one was signed
  CHECK(read_signed_body(request).error().code == Code::forged);
}

TEST_CASE("a field of a signature has one spelling") {
  const crypto::Signer signer = signer_of(1);
  const Request sound = received(signed_post(signer, "{}"));
  const std::string input(*sound.headers.find("signature-input"));
  REQUIRE(parse_signature_input(input));
  const auto bent = std::to_array<std::string>({
      "",
      " " + input,
      input + " ",
      "sig1" + input.substr(6),
      input + ";alg=\"ed25519\"",
      "amanat=();created=1",
      "amanat=(\"@method\"  \"@path\");created=1;keyid=\"00\"",
      input + "," + input,
      input.substr(0, input.size() - 1),
      "amanat=(\"A\");created=01;keyid=\"" + std::string(64, '0') + "\"",
      "amanat=(\"a\");created=-1;keyid=\"" + std::string(64, '0') + "\"",
      "amanat=(\"a\");created=1000000000000000;keyid=\"" + std::string(64, '0') + "\"",
  });
  for (const std::string& text : bent) {
    CAPTURE(text);
    CHECK_FALSE(parse_signature_input(text));
  }
  CHECK_FALSE(parse_signature_field("amanat=:AAAA:"));
  CHECK_FALSE(parse_content_digest("sha-512=:AAAA:"));
  CHECK_FALSE(parse_content_digest(content_digest({}) + ", " + content_digest({})));

  Request repeated = sound;
  repeated.headers.add("signature", *sound.headers.find("signature"));
  CHECK(verify_request(repeated, signer.public_key(), kNow).error().code == Code::invalid_input);
}

TEST_CASE("a nonce is accepted once for each key, and remembered while its signature is young") {
  NonceMemory memory(300s, 3, 3);
  const KeyId key = key_id_of(signer_of(1).public_key());
  const KeyId other = key_id_of(signer_of(2).public_key());
  const auto nonce = crypto::random_id<Nonce>();
  CHECK(memory.remember(key, nonce, kNow));
  CHECK(memory.remember(key, nonce, kNow + 599s).error().code == Code::forged);
  CHECK(memory.remember(other, nonce, kNow));
  CHECK(memory.remember(key, crypto::random_id<Nonce>(), kNow));
  CHECK(memory.remember(key, crypto::random_id<Nonce>(), kNow).error().code == Code::unavailable);
  CHECK(memory.remember(key, nonce, kNow + 602s));  // verify_request refuses it by then
}

TEST_CASE("one key cannot use up the memory for nonces of all") {
  NonceMemory memory(300s, 10, 2);
  const KeyId busy = key_id_of(signer_of(1).public_key());
  const KeyId other = key_id_of(signer_of(2).public_key());
  const auto ask = [&](const KeyId& key, Instant now) {
    return memory.remember(key, crypto::random_id<Nonce>(), now);
  };
  CHECK(ask(busy, kNow));
  CHECK(ask(busy, kNow + 300s));
  CHECK(ask(busy, kNow + 301s).error().code == Code::unavailable);
  CHECK(ask(other, kNow + 301s));
  CHECK(ask(busy, kNow + 602s));
  CHECK(ask(busy, kNow + 602s).error().code == Code::unavailable);
}

TEST_CASE("an answer holds only as the answer to its request") {
  const crypto::Signer device = signer_of(1);
  const crypto::Signer answer_key = signer_of(3);
  const Request request = received(signed_post(device, "{}"));
  Response response = json_response(200, R"({"region":"ap-south-1"})");
  sign_response(response, request, answer_key, kNow);
  const Bytes body = std::get<Bytes>(response.body);
  const auto verify = [&](int status, ByteView bytes, const Headers& asked) {
    return verify_response(status, response.headers, bytes, asked, answer_key.public_key());
  };
  const auto when = verify(200, body, request.headers);
  REQUIRE(when);
  CHECK(*when == kNow);
  CHECK(verify(201, body, request.headers).error().code == Code::forged);
  CHECK(verify(200, as_bytes("{}"), request.headers).error().code == Code::forged);
  const Request again = received(signed_post(device, "{}"));
  CHECK(verify(200, body, again.headers).error().code == Code::forged);
  CHECK(verify(200, body, Headers()).error().code == Code::forged);
  const auto by_other =
      verify_response(200, response.headers, body, request.headers, device.public_key());
  CHECK(by_other.error().code == Code::forged);
}

TEST_CASE("an answer to an unsigned request is signed without a request") {
  const crypto::Signer answer_key = signer_of(3);
  Response response = json_response(200, "{}");
  sign_response(response, Request(), answer_key, kNow);
  const Bytes body = std::get<Bytes>(response.body);
  CHECK(verify_response(200, response.headers, body, Headers(), answer_key.public_key()));
}
