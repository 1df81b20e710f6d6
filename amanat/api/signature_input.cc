#include "amanat/api/signature_input.h"

#include <algorithm>
#include <charconv>

namespace amanat::api {
namespace {
constexpr std::string_view kLabel = "amanat=";
constexpr std::string_view kDigestLabel = "sha-256=";
constexpr std::uint64_t kSecondsMax = 999'999'999'999'999;  // what a structured integer can hold

// Reads along a text; the first thing that does not fit makes every later read fail too.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : rest_(text) {}

  bool take(std::string_view expected) {
    if (failed_ || !rest_.starts_with(expected)) return false;
    rest_.remove_prefix(expected.size());
    return true;
  }
  void need(std::string_view expected) {
    if (!take(expected)) failed_ = true;
  }
  std::string_view until(char stop) {
    const std::size_t end = rest_.find(stop);
    if (failed_ || end == std::string_view::npos) {
      failed_ = true;
      return {};
    }
    const std::string_view taken = rest_.substr(0, end);
    rest_.remove_prefix(end);
    return taken;
  }
  bool at_end() const { return !failed_ && rest_.empty(); }
  bool failed() const { return failed_; }
  void refuse() { failed_ = true; }

 private:
  std::string_view rest_;
  bool failed_ = false;
};

bool is_component_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '@';
}

// `"name"`, or the one identifier with parameters that we know: the request's signature.
std::string read_component(Cursor& cursor) {
  if (cursor.take(R"("signature";req;key="amanat")")) return R"("signature";req;key="amanat")";
  cursor.need("\"");
  const std::string_view name = cursor.until('"');
  cursor.need("\"");
  if (name.empty() || !std::ranges::all_of(name, is_component_letter)) cursor.refuse();
  return '"' + std::string(name) + '"';
}

std::vector<std::string> read_components(Cursor& cursor) {
  std::vector<std::string> components;
  cursor.need("(");
  while (!cursor.failed() && !cursor.take(")")) {
    if (components.size() == kComponentsMax) cursor.refuse();
    if (!components.empty()) cursor.need(" ");
    components.push_back(read_component(cursor));
  }
  return components;
}

std::uint64_t read_seconds(Cursor& cursor, char stop) {
  const std::string_view digits = cursor.until(stop);
  std::uint64_t seconds = 0;
  const char* end = digits.data() + digits.size();
  const auto [at, error] = std::from_chars(digits.data(), end, seconds);
  const bool padded = digits.size() > 1 && digits.front() == '0';
  if (error != std::errc{} || at != end || padded || seconds > kSecondsMax) cursor.refuse();
  return seconds;
}

Nonce read_nonce(Cursor& cursor) {
  const auto bytes = from_base64url(cursor.until('"'));
  cursor.need("\"");
  const auto nonce = bytes ? Nonce::from(*bytes) : Nonce::from({});
  if (!nonce) cursor.refuse();
  return nonce.value_or(Nonce{});
}

// `<label>:<base64>:` and nothing after it.
Result<Bytes> read_byte_sequence(std::string_view field, std::string_view label) {
  Cursor cursor(field);
  cursor.need(label);
  cursor.need(":");
  const std::string_view text = cursor.until(':');
  cursor.need(":");
  if (!cursor.at_end()) return fail(Code::invalid_input, "not a byte sequence with its label");
  return from_base64(text);
}

std::string byte_sequence(std::string_view label, ByteView bytes) {
  return std::string(label) + ":" + to_base64(bytes) + ":";
}
}  // namespace

std::string to_parameters(const SignatureInput& input) {
  std::string text = "(";
  for (const std::string& component : input.components) {
    if (text.size() > 1) text += ' ';
    text += component;
  }
  text += ");created=" + std::to_string(input.created);
  if (input.nonce) text += ";nonce=\"" + to_base64url(input.nonce->bytes()) + '"';
  return text + ";keyid=\"" + input.key_id.hex() + '"';
}

std::string to_field(const SignatureInput& input) {
  return std::string(kLabel) + to_parameters(input);
}

Result<SignatureInput> parse_signature_input(std::string_view field) {
  Cursor cursor(field);
  SignatureInput input;
  cursor.need(kLabel);
  input.components = read_components(cursor);
  cursor.need(";created=");
  input.created = read_seconds(cursor, ';');
  if (cursor.take(";nonce=\"")) input.nonce = read_nonce(cursor);
  cursor.need(";keyid=\"");
  const auto key_id = KeyId::from_hex(cursor.until('"'));
  cursor.need("\"");
  if (!key_id || !cursor.at_end()) {
    return fail(Code::invalid_input, "signature-input is not in its one form");
  }
  input.key_id = *key_id;
  return input;
}

std::string to_field(const crypto::Signature& signature) {
  return byte_sequence(kLabel, signature.bytes());
}

Result<crypto::Signature> parse_signature_field(std::string_view field) {
  const auto bytes = read_byte_sequence(field, kLabel);
  if (!bytes) return carry(bytes, "signature");
  return crypto::Signature::from(*bytes);
}

std::string content_digest(ByteView body) {
  return byte_sequence(kDigestLabel, crypto::sha256(body).bytes());
}

Result<crypto::Hash> parse_content_digest(std::string_view field) {
  const auto bytes = read_byte_sequence(field, kDigestLabel);
  if (!bytes) return carry(bytes, "content-digest");
  return crypto::Hash::from(*bytes);
}

}  // namespace amanat::api
