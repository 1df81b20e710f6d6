#pragma once

// A connection as the session sees it, with or without TLS: so the session is compiled once.
// All calls come from the connection's own strand.

#include <memory>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "amanat/bytes/bytes.h"
#include "amanat/error/error.h"

namespace amanat::api {

namespace asio = boost::asio;

class Connection {
 public:
  Connection() = default;
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  virtual ~Connection() = default;

  /// The strand on which everything about this connection runs.
  virtual asio::any_io_executor executor() = 0;
  virtual asio::awaitable<Result<>> handshake() = 0;
  /// At least one byte, or 0 when the peer has ended its side.
  virtual asio::awaitable<Result<std::size_t>> read_some(ByteSpan out) = 0;
  virtual asio::awaitable<Result<>> write(ByteView bytes) = 0;
  /// Says goodbye and discards what still comes until the peer closes too, so that closing does
  /// not destroy an answer the peer has not read yet. Lasts until then or until `close`.
  virtual asio::awaitable<void> finish() = 0;
  /// Ends everything in progress.
  virtual void close() = 0;
};

std::unique_ptr<Connection> plain_connection(asio::ip::tcp::socket socket);

/// Reads and forgets until the peer ends its side or the socket is closed.
asio::awaitable<void> drain(asio::ip::tcp::socket& socket);

}  // namespace amanat::api
