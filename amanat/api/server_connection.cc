#include "amanat/api/server_connection.h"

#include <array>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace amanat::api {
namespace {
constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);
using boost::system::error_code;

class PlainConnection final : public Connection {
 public:
  explicit PlainConnection(asio::ip::tcp::socket socket) : socket_(std::move(socket)) {}

  asio::any_io_executor executor() override { return socket_.get_executor(); }

  asio::awaitable<Result<>> handshake() override { co_return Result<>(); }

  asio::awaitable<Result<std::size_t>> read_some(ByteSpan out) override {
    const auto [error, size] =
        co_await socket_.async_read_some(asio::buffer(out.data(), out.size()), kAwait);
    if (error && error != asio::error::eof) co_return fail(Code::unavailable, "reading failed");
    co_return size;
  }

  asio::awaitable<Result<>> write(ByteView bytes) override {
    while (!bytes.empty()) {
      const auto [error, size] =
          co_await socket_.async_write_some(asio::buffer(bytes.data(), bytes.size()), kAwait);
      if (error) co_return fail(Code::unavailable, "writing failed");
      bytes = bytes.subspan(size);
    }
    co_return Result<>();
  }

  asio::awaitable<void> finish() override {
    error_code ignored;
    socket_.shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
    co_await drain(socket_);
  }

  void close() override {
    error_code ignored;
    socket_.close(ignored);
  }

 private:
  asio::ip::tcp::socket socket_;
};
}  // namespace

std::unique_ptr<Connection> plain_connection(asio::ip::tcp::socket socket) {
  return std::make_unique<PlainConnection>(std::move(socket));
}

asio::awaitable<void> drain(asio::ip::tcp::socket& socket) {
  std::array<std::uint8_t, 4096> forgotten{};
  for (;;) {
    const auto [error, size] =
        co_await socket.async_read_some(asio::buffer(forgotten.data(), forgotten.size()), kAwait);
    if (error || size == 0) co_return;
  }
}

}  // namespace amanat::api
