#pragma once

// One connection's life: handshake, then request after request. Everything runs on the connection's
// strand, except handlers and body readers, to which the session hops on a worker thread.
//
// Deadlines are absolute moments in an atomic; the server looks at all of them several times a
// second and cuts who is late, so a phase costs no timer.

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "amanat/api/http.h"
#include "amanat/api/server.h"
#include "amanat/api/server_connection.h"
#include "amanat/api/server_head.h"
#include "amanat/clock/clock.h"

namespace amanat::api {

using SteadyTime = std::chrono::steady_clock::time_point;

/// What all sessions share; the server owns it and outlives them.
struct SessionWorld {
  Handler& handler;
  const ServerOptions& options;
  asio::any_io_executor handlers;  // short requests, and pieces of answers
  asio::any_io_executor uploads;   // handlers that wait for their body
  std::string_view default_port;   // ":443" or ":80"
  SystemClock clock;
  std::atomic<bool> stopping = false;
};

/// How long a transfer may still take: it has `stall` at the start and between bytes, and no more
/// time in all than `stall` and its bytes at the lowest speed.
class Pace {
 public:
  explicit Pace(const ServerLimits& limits) : limits_(&limits) {}
  std::chrono::milliseconds allowance() const;
  void count(std::uint64_t bytes, std::chrono::steady_clock::duration took);

 private:
  const ServerLimits* limits_;
  std::uint64_t bytes_ = 0;
  std::chrono::steady_clock::duration spent_{};
};

class Session {
 public:
  Session(std::unique_ptr<Connection> connection, SessionWorld& world);

  asio::any_io_executor executor() const { return executor_; }
  asio::awaitable<void> run();

  /// Whether the phase's deadline has passed. From any thread.
  bool is_late(SteadyTime now) const { return now >= deadline_.load(); }
  // On the strand:
  void cut_if_late(SteadyTime now);
  void close_if_idle();
  void close() { connection_->close(); }

 private:
  friend class StreamedBody;  // pulls pieces from a worker thread

  asio::awaitable<bool> serve_one();
  asio::awaitable<std::expected<std::optional<RequestHead>, Refusal>> read_head();
  std::optional<Refusal> admit(Request& request) const;
  asio::awaitable<Response> ask_handler(Request& request);
  asio::awaitable<Result<std::optional<ByteView>>> next_piece();
  asio::awaitable<Result<std::size_t>> fill_from_peer(ByteSpan out);
  asio::awaitable<bool> answer(const Request& request, Response response);
  asio::awaitable<bool> refuse(const Request& request, Refusal refusal);
  asio::awaitable<bool> send_body(const Response& response, ByteRange range);
  asio::awaitable<Result<>> write_paced(ByteView bytes, Pace& pace);
  asio::awaitable<bool> discard_body();
  bool may_keep_alive() const;
  void begin_request(const RequestHead& head);
  void log(const Request& request, const Response& response) const;

  std::size_t take_buffered(ByteSpan out);
  void allow(std::chrono::milliseconds time);
  void allow_any_time() { deadline_ = SteadyTime::max(); }

  std::unique_ptr<Connection> connection_;
  SessionWorld& world_;
  const asio::any_io_executor executor_;
  std::atomic<SteadyTime> deadline_;
  bool idle_ = true;  // nothing of a request has arrived: may be closed without loss

  // Bytes read from the peer and not yet used: [begin_, end_) of the buffer.
  std::unique_ptr<std::uint8_t[]> buffer_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;

  // The request in progress.
  bool keep_alive_ = true;
  bool expect_pending_ = false;  // the client waits for 100 before it sends the body
  std::uint64_t body_left_ = 0;
  std::uint64_t received_ = 0;
  std::uint64_t sent_ = 0;
  std::optional<Pace> pace_;
  Bytes piece_;
  SteadyTime started_;
};

}  // namespace amanat::api
