#include "amanat/api/server_head.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <ctime>

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>

#include "amanat/api/target.h"

namespace amanat::api {
namespace {
namespace http = boost::beast::http;
using Parser = http::request_parser<http::empty_body>;

std::unexpected<Refusal> refuse(int status, std::string message) {
  return std::unexpected(Refusal{status, Error{Code::invalid_input, std::move(message)}});
}

std::string_view view(boost::beast::string_view text) { return {text.data(), text.size()}; }

std::string lower(std::string_view text) {
  std::string lowered(text);
  std::ranges::transform(lowered, lowered.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return lowered;
}

// Two values for one of these are two opinions about one fact.
std::optional<std::string_view> find_repeated(const Headers& headers) {
  constexpr auto kOnce = std::to_array<std::string_view>(
      {"host", "content-length", "content-digest", "content-type", "signature", "signature-input",
       "amanat-object", "expect", "range", "if-none-match", "if-match", "authorization"});
  for (const std::string_view name : kOnce) {
    if (headers.count(name) > 1) return name;
  }
  return std::nullopt;
}

std::expected<void, Refusal> check_fields(const Headers& headers) {
  if (const auto name = find_repeated(headers)) {
    return refuse(400, std::string(*name) + " is there more than once");
  }
  if (headers.find("transfer-encoding")) {
    return refuse(411, "a body is sent with its length, not in chunks");
  }
  const auto expectation = headers.find("expect");
  if (expectation && lower(*expectation) != "100-continue") {
    return refuse(417, "only 100-continue can be expected");
  }
  return {};
}

std::expected<std::uint64_t, Refusal> read_length(Method method, const Headers& headers) {
  const std::string_view digits = headers.find("content-length").value_or("0");
  std::uint64_t length = 0;
  const char* end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, length);
  const bool padded = digits.size() > 1 && digits.front() == '0';
  if (error != std::errc{} || stop != end || padded) {
    return refuse(400, "content-length is not a number");
  }
  if (length > 0 && (method == Method::get || method == Method::head)) {
    return refuse(400, "this method has no body");
  }
  return length;
}

std::expected<RequestHead, Refusal> to_head(const Parser& parser) {
  const auto& message = parser.get();
  if (message.version() != 11) return refuse(505, "only HTTP/1.1 is spoken here");
  const auto method = method_from_name(view(message.method_string()));
  if (!method) return refuse(405, "no route has this method");
  auto target = parse_target(view(message.target()));
  if (!target) return refuse(400, target.error().message);

  RequestHead head;
  Request& request = head.request;
  request.method = *method;
  request.path = std::move(target->path);
  request.query = std::move(target->query);
  for (const auto& field : message) {
    request.headers.add(view(field.name_string()), view(field.value()));
  }
  if (auto checked = check_fields(request.headers); !checked) {
    return std::unexpected(checked.error());
  }
  const auto host = request.headers.find("host");
  if (!host || host->empty()) return refuse(400, "host is missing");
  request.authority = lower(*host);
  const auto length = read_length(*method, request.headers);
  if (!length) return std::unexpected(length.error());
  request.content_length = *length;
  head.keep_alive = message.keep_alive();
  head.expects_continue = request.headers.find("expect").has_value() && *length > 0;
  return head;
}

std::string_view reason_of(int status) {
  struct Reason {
    int status;
    std::string_view text;
  };
  constexpr auto kReasons = std::to_array<Reason>({
      {200, "OK"},
      {201, "Created"},
      {204, "No Content"},
      {206, "Partial Content"},
      {304, "Not Modified"},
      {400, "Bad Request"},
      {401, "Unauthorized"},
      {403, "Forbidden"},
      {404, "Not Found"},
      {405, "Method Not Allowed"},
      {409, "Conflict"},
      {410, "Gone"},
      {411, "Length Required"},
      {412, "Precondition Failed"},
      {413, "Content Too Large"},
      {416, "Range Not Satisfiable"},
      {417, "Expectation Failed"},
      {421, "Misdirected Request"},
      {429, "Too Many Requests"},
      {431, "Request Header Fields Too Large"},
      {500, "Internal Server Error"},
      {503, "Service Unavailable"},
      {505, "HTTP Version Not Supported"},
  });
  const auto* found = std::ranges::find(kReasons, status, &Reason::status);
  return found == kReasons.end() ? "Other" : found->text;
}

std::string http_date(Instant now) {
  const auto seconds = static_cast<std::time_t>(
      std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count());
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 32> text{};  // in the C locale, which no part of this program changes
  const std::size_t size =
      std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
  return {text.data(), size};
}

// A value may hold what came from outside; a line break in it must not begin a new field.
void append_value(std::string& text, std::string_view value) {
  for (const char c : value) text += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? ' ' : c;
}
}  // namespace

struct HeadParser::State {
  Parser parser;
};

HeadParser::HeadParser() : state_(std::make_unique<State>()) {
  state_->parser.header_limit(static_cast<std::uint32_t>(kHeaderBytesMax));
  state_->parser.body_limit(boost::none);  // the session's to check, by route
}

HeadParser::~HeadParser() = default;

std::expected<HeadParser::Step, Refusal> HeadParser::put(ByteView bytes) {
  boost::beast::error_code error;
  Parser& parser = state_->parser;
  const std::size_t used = parser.put(boost::asio::buffer(bytes.data(), bytes.size()), error);
  if (error == http::error::header_limit) {
    return refuse(431, "the header fields are larger than 16 KiB");
  }
  if (error && error != http::error::need_more) return refuse(400, "this is not HTTP/1.1");
  if (!parser.is_header_done()) return Step{.head = std::nullopt, .used = used};
  auto head = to_head(parser);
  if (!head) return std::unexpected(head.error());
  return Step{.head = std::move(*head), .used = used};
}

bool has_content(int status) { return status >= 200 && status != 204 && status != 304; }

std::string write_head(const Response& response, std::uint64_t content_length, bool keep_alive,
                       Instant now) {
  std::string text = "HTTP/1.1 " + std::to_string(response.status) + ' ';
  text.append(reason_of(response.status)).append("\r\n");
  for (const Headers::Field& field : response.headers.all()) {
    append_value(text, field.name);
    text += ": ";
    append_value(text, field.value);
    text += "\r\n";
  }
  text.append("date: ").append(http_date(now)).append("\r\n");
  if (has_content(response.status)) {
    text.append("content-length: ").append(std::to_string(content_length)).append("\r\n");
  }
  if (!keep_alive) text += "connection: close\r\n";
  return text += "\r\n";
}

ByteRange apply_range(const Request& request, Response& response) {
  if (const auto* bytes = std::get_if<Bytes>(&response.body)) return {0, bytes->size()};
  const std::uint64_t size = std::get<BodyReader>(response.body).size;
  if (response.status != 200) return {0, size};
  response.headers.set("accept-ranges", "bytes");
  if (request.method != Method::get) return {0, size};

  const RangeAnswer answer = choose_range(request.headers.find("range"), size);
  const std::string of_size = "/" + std::to_string(size);
  if (answer.kind == RangeKind::part) {
    response.status = 206;
    response.headers.set("content-range",
                         "bytes " + std::to_string(answer.range.offset) + "-"
                             + std::to_string(answer.range.offset + answer.range.size - 1)
                             + of_size);
  } else if (answer.kind == RangeKind::unsatisfiable) {
    std::string route = std::move(response.route);
    const Error error{Code::invalid_input, "the range is outside the body"};
    response = error_response(416, error, "ask for bytes that are there");
    response.headers.set("content-range", "bytes *" + of_size);
    response.route = std::move(route);
    return {0, std::get<Bytes>(response.body).size()};
  }
  return answer.range;
}

}  // namespace amanat::api
