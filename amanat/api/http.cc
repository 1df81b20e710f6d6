#include "amanat/api/http.h"

#include <algorithm>
#include <array>

#include "amanat/codec/json.h"

namespace amanat::api {
namespace {
constexpr std::size_t kErrorBytesMax = std::size_t{16} << 10U;
constexpr std::size_t kErrorTextBytesMax = 4096;
constexpr std::string_view kRetrySeconds = "5";

constexpr auto kMethodNames = std::to_array<std::string_view>({"GET", "HEAD", "PUT", "POST"});

// In the order of Code.
struct CodeOnTheWire {
  int status;
  std::string_view advice;
};
constexpr auto kCodes = std::to_array<CodeOnTheWire>({
    {400, "fix the request"},
    {401, "sign with the right key, with a clock that is right"},
    {403, "ask the person, or the custodian's operator"},
    {404, "look for something else"},
    {409, "read /v1/heads and decide again"},
    {503, "try again later"},
    {410, "fetch a newer one"},
    {500, "tell the operator: the custodian has stopped writing"},
});

char to_lower(char letter) {
  return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

std::string lower(std::string_view text) {
  std::string lowered(text);
  std::ranges::transform(lowered, lowered.begin(), to_lower);
  return lowered;
}

bool same_name(std::string_view lowered, std::string_view name) {
  return std::ranges::equal(lowered, name, {}, {}, to_lower);
}

Code code_for(int status) {
  for (std::size_t i = 0; i < kCodes.size(); ++i) {
    if (kCodes.at(i).status == status) return static_cast<Code>(i);
  }
  return status == 429 || status >= 500 ? Code::unavailable : Code::invalid_input;
}
}  // namespace

std::string_view name_of(Method method) {
  return kMethodNames.at(static_cast<std::size_t>(method));
}

std::optional<Method> method_from_name(std::string_view name) {
  for (std::size_t i = 0; i < kMethodNames.size(); ++i) {
    if (kMethodNames.at(i) == name) return static_cast<Method>(i);
  }
  return std::nullopt;
}

void Headers::add(std::string_view name, std::string_view value) {
  fields_.push_back({lower(name), std::string(value)});
}

void Headers::set(std::string_view name, std::string_view value) {
  std::erase_if(fields_, [&](const Field& field) { return same_name(field.name, name); });
  add(name, value);
}

std::optional<std::string_view> Headers::find(std::string_view name) const {
  for (const Field& field : fields_) {
    if (same_name(field.name, name)) return field.value;
  }
  return std::nullopt;
}

std::size_t Headers::count(std::string_view name) const {
  return static_cast<std::size_t>(std::ranges::count_if(
      fields_, [&](const Field& field) { return same_name(field.name, name); }));
}

Result<std::optional<ByteView>> BytesBody::next() {
  const ByteView left = ByteView(bytes_).subspan(position_);
  if (left.empty()) return std::nullopt;
  const ByteView piece = left.first(std::min(left.size(), kPieceBytesMax));
  position_ += piece.size();
  return piece;
}

Result<Bytes> read_body(Request& request, std::size_t size_max) {
  Bytes whole;
  for (;;) {
    const auto piece = request.body->next();
    if (!piece) return carry(piece, "reading the body");
    if (!*piece) return whole;
    if ((*piece)->size() > size_max - whole.size()) {
      return fail(Code::invalid_input, "the body is larger than this route takes");
    }
    append(whole, **piece);
  }
}

Response json_response(int status, std::string_view json) {
  Response response{.status = status, .headers = {}, .body = {}, .route = {}};
  response.headers.set("content-type", "application/json");
  const ByteView bytes = as_bytes(json);
  response.body = Bytes(bytes.begin(), bytes.end());
  return response;
}

int status_of(Code code) { return kCodes.at(static_cast<std::size_t>(code)).status; }

std::string_view advice_for(Code code) { return kCodes.at(static_cast<std::size_t>(code)).advice; }

Response error_response(const Error& error) {
  return error_response(status_of(error.code), error, advice_for(error.code));
}

Response error_response(int status, const Error& error, std::string_view advice) {
  json::Object body;
  body.emplace_back("code", name_of(error.code));
  body.emplace_back("message", error.message);
  body.emplace_back("do", advice);
  Response response = json_response(status, json::to_text(json::Value(std::move(body))));
  if (status == 429 || status == 503) response.headers.set("retry-after", kRetrySeconds);
  return response;
}

Error error_from(int status, ByteView body) {
  const Error unknown{code_for(status), "the other side answered with status "
                                            + std::to_string(status) + " and no reason; "
                                            + std::string(advice_for(code_for(status)))};
  const auto parsed = json::parse(as_text(body), kErrorBytesMax);
  if (!parsed) return unknown;
  json::Fields fields(*parsed, "error");
  const auto code = code_from_name(fields.text("code", 32));
  const std::string message = fields.text("message", kErrorTextBytesMax);
  const std::string advice = fields.text("do", kErrorTextBytesMax);
  if (!fields.finish_open() || !code) return unknown;
  return {*code, message + "; " + advice};
}

}  // namespace amanat::api
