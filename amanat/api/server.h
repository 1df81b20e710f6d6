#pragma once

// The HTTP/1.1 server of custodian, guardian and witness: TLS 1.3, or plain on a machine's own
// loopback. It holds many slow or hostile clients without delaying an honest one:
//
//   - each phase has an absolute deadline; a body or an answer has a lowest speed
//   - connections are capped, in all and per peer (an IPv6 /64 is one peer)
//   - a piece of a body is read only when the handler asks for it, an answer's piece only when the
//     client took the one before: memory does not grow with what is sent
//   - network and handlers run on different threads, and bodies too long to be read beforehand
//     have threads of their own, so that a slow upload holds up only uploads
//
// Transfer codings, trailers, upgrades and HTTP/1.0 are refused: a request has the length it says.

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "amanat/api/http.h"
#include "amanat/bytes/bytes.h"
#include "amanat/error/error.h"

namespace amanat::api {

/// Answers requests. Called from several threads at once; may block on disks and locks.
class Handler {
 public:
  Handler() = default;
  Handler(const Handler&) = delete;
  Handler& operator=(const Handler&) = delete;
  virtual ~Handler() = default;

  /// The largest body this route takes; larger ones are answered 413 unread. Must not block.
  virtual std::uint64_t body_size_max(Method method, std::string_view path) const;

  /// Called once the header fields are complete, before a body longer than 64 KiB, or one the
  /// client holds back by `Expect: 100-continue`, is read. A body left unread is discarded.
  virtual Response handle(Request& request) = 0;
};

/// One finished request: no query, no address, no name.
struct AccessRecord {
  Method method = Method::get;
  std::string route;  // as the handler gave it; empty when the server itself refused
  int status = 0;
  std::uint64_t received = 0;  // bytes of the body
  std::uint64_t sent = 0;      // bytes of head and body
  std::chrono::microseconds duration{};
};

struct ServerLimits {
  std::size_t connections_max = 1024;
  std::size_t connections_per_peer_max = 64;
  std::chrono::milliseconds handshake{10'000};
  std::chrono::milliseconds header{15'000};   // from a request's first byte
  std::chrono::milliseconds idle{60'000};     // between requests
  std::chrono::milliseconds stall{30'000};    // without a byte; also the start a slow body gets
  std::uint64_t bytes_per_second_min = 4096;  // of a body or an answer, on the average
  std::chrono::milliseconds linger{2'000};    // to let a refused client read why
};

struct ServerOptions {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;       // 0: any free one
  std::string certificate_pem;  // chain, the server's own first; empty: no TLS
  SecretBytes private_key_pem;
  /// The names we answer to, as in Request::authority; others get 421. Empty: any. A signed request
  /// made for another server is refused by this.
  std::vector<std::string> authorities;
  ServerLimits limits;
  unsigned network_threads = 1;
  unsigned handler_threads = 4;
  unsigned upload_threads = 16;
  /// Called on a network thread after each answer; must not block.
  std::function<void(const AccessRecord&)> access_log;
};

class Server {
 public:
  /// Listens and serves until `stop`. Borrows `handler`, which must outlive the server.
  ///
  ///   fails   invalid_input when address, certificate or key are not what they should be
  ///           unavailable when the port cannot be had
  static Result<std::unique_ptr<Server>> start(ServerOptions options, Handler& handler);
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server();  // stops at once

  std::uint16_t port() const;

  /// Uses another certificate for connections from now on.
  Result<> use_certificate(std::string_view certificate_pem, const SecretBytes& private_key_pem);

  /// Takes no new connections, closes idle ones, lets requests finish for at most `patience`, then
  /// cuts them. Returns when every thread has ended: a handler that never returns holds it up.
  void stop(std::chrono::milliseconds patience);

 private:
  struct Impl;
  explicit Server(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace amanat::api
