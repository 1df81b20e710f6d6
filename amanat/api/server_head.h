#pragma once

// The heads of messages: request line and fields are parsed (Boost.Beast, strictly checked after),
// status line and fields are written.

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>

#include "amanat/api/http.h"
#include "amanat/api/range.h"
#include "amanat/bytes/bytes.h"
#include "amanat/clock/clock.h"

namespace amanat::api {

struct RequestHead {
  Request request;  // without a body yet; `authority` in lower case, port as sent
  bool keep_alive = true;
  bool expects_continue = false;
};

/// Why the server refuses a request that no handler has seen.
struct Refusal {
  int status = 400;
  Error error;
};

/// Parses one request head that arrives in parts.
class HeadParser {
 public:
  HeadParser();
  HeadParser(const HeadParser&) = delete;
  HeadParser& operator=(const HeadParser&) = delete;
  ~HeadParser();

  struct Step {
    std::optional<RequestHead> head;  // nothing while more is needed
    std::size_t used = 0;             // the rest is to be shown again, with more after it
  };
  std::expected<Step, Refusal> put(ByteView bytes);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Whether an answer with this status has a body and a Content-Length.
bool has_content(int status);

/// Status line, the response's own fields, Date, Content-Length and Connection, and the empty line.
std::string write_head(const Response& response, std::uint64_t content_length, bool keep_alive,
                       Instant now);

/// Honours the request's Range when the answer is a `BodyReader` under 200: sets status and
/// Content-Range, or turns the answer into 416. Returns the part of the body to send.
ByteRange apply_range(const Request& request, Response& response);

}  // namespace amanat::api
