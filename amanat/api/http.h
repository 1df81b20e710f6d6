#pragma once

// HTTP as our handlers see it: values, no sockets. The server (server.h) and the client (client.h)
// are two shells around these types; signature.h signs and verifies them.
//
// A body longer than a control message is pulled in pieces, so a pack never lies in memory whole.
// An error travels as {"code": …, "message": …, "do": …}; the code says what the caller can do.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "amanat/bytes/bytes.h"
#include "amanat/error/error.h"

namespace amanat::api {

inline constexpr std::size_t kControlBytesMax = std::size_t{1} << 20U;  // of a JSON body
inline constexpr std::size_t kPieceBytesMax = std::size_t{256} << 10U;  // of one step of a stream
inline constexpr std::size_t kHeaderBytesMax = std::size_t{16} << 10U;  // request line and fields

/// The methods our routes use; every other one is answered 405.
enum class Method : std::uint8_t { get, head, put, post };
std::string_view name_of(Method method);
std::optional<Method> method_from_name(std::string_view name);

/// Header fields in their order. Names are kept in lower case; lookup ignores case.
class Headers {
 public:
  struct Field {
    std::string name;
    std::string value;
    friend bool operator==(const Field&, const Field&) = default;
  };

  void add(std::string_view name, std::string_view value);
  /// Replaces every field of this name by one.
  void set(std::string_view name, std::string_view value);
  /// The value of the first field with this name. Borrows.
  std::optional<std::string_view> find(std::string_view name) const;
  std::size_t count(std::string_view name) const;
  const std::vector<Field>& all() const { return fields_; }

 private:
  std::vector<Field> fields_;
};

/// A body of known size that can be read from anywhere, any number of times: a file, a slice of
/// one, something computed. Calls may block; they never come from two threads at once.
struct BodyReader {
  std::uint64_t size = 0;
  /// Fills `out` from `offset` on; returns how much of it (0 only at the end).
  std::function<Result<std::size_t>(std::uint64_t offset, ByteSpan out)> read;
};

/// The body of a request as it arrives.
class RequestBody {
 public:
  RequestBody() = default;
  RequestBody(const RequestBody&) = delete;
  RequestBody& operator=(const RequestBody&) = delete;
  virtual ~RequestBody() = default;

  /// Waits for the next piece: 1 to kPieceBytesMax bytes, valid until the next call; nothing at the
  /// end. The first call is what lets a client that sent `Expect: 100-continue` begin.
  ///
  ///   fails   unavailable when the client went away or was too slow: answer as you like, nobody
  ///           will read it
  virtual Result<std::optional<ByteView>> next() = 0;
};

/// A body that is already in memory, for small requests and for tests of handlers.
class BytesBody final : public RequestBody {
 public:
  explicit BytesBody(Bytes bytes) : bytes_(std::move(bytes)) {}
  Result<std::optional<ByteView>> next() override;

 private:
  Bytes bytes_;
  std::size_t position_ = 0;
};

/// What a handler is asked. `path` and `query` are as sent (see target.h for their grammar).
struct Request {
  Method method = Method::get;
  std::string authority;  // the Host field in lower case, without the scheme's default port
  std::string path;
  std::string query;  // without '?'; empty when there is none
  Headers headers;
  std::uint64_t content_length = 0;
  RequestBody* body = nullptr;  // borrowed for the time of the call; never null in a handler
};

/// The whole body of a control message; `invalid_input` when it is longer than `size_max`.
Result<Bytes> read_body(Request& request, std::size_t size_max = kControlBytesMax);

/// What a handler answers. Content-Length, Connection and Date are the server's to write. A
/// `BodyReader` under status 200 honours a single range (`Range: bytes=a-b`) by itself.
struct Response {
  int status = 200;
  Headers headers;
  std::variant<Bytes, BodyReader> body;
  std::string route;  // template for the access log, "/v1/packs/{id}": never the path itself
};

Response json_response(int status, std::string_view json);

/// The status under which an error of this code travels (docs/api.md, Errors).
int status_of(Code code);
/// What the caller can do, in a few words, when nobody knows better.
std::string_view advice_for(Code code);

/// {"code": …, "message": …, "do": …} under the code's status.
Response error_response(const Error& error);
/// The same with a status of its own (405, 413, 429, 431 …) and its own advice.
Response error_response(int status, const Error& error, std::string_view advice);

/// The error that an answer with status 400 or above stands for: code and "<message>; <do>" when
/// the body is ours, else a code that fits the status.
Error error_from(int status, ByteView body);

}  // namespace amanat::api
