#include "amanat/api/server_tls.h"

#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <openssl/err.h>
#include <openssl/ssl.h>

namespace amanat::api {
namespace {
constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);
using asio::ip::tcp;
using boost::system::error_code;

class TlsConnection final : public Connection {
 public:
  TlsConnection(tcp::socket socket, TlsContext context)
      : context_(std::move(context)), stream_(std::move(socket), *context_) {}

  asio::any_io_executor executor() override { return stream_.get_executor(); }

  asio::awaitable<Result<>> handshake() override {
    const auto [error] = co_await stream_.async_handshake(asio::ssl::stream_base::server, kAwait);
    if (error) co_return fail(Code::unavailable, "the handshake failed");
    co_return Result<>();
  }

  asio::awaitable<Result<std::size_t>> read_some(ByteSpan out) override {
    const auto [error, size] =
        co_await stream_.async_read_some(asio::buffer(out.data(), out.size()), kAwait);
    if (error && error != asio::error::eof) co_return fail(Code::unavailable, "reading failed");
    co_return size;
  }

  asio::awaitable<Result<>> write(ByteView bytes) override {
    while (!bytes.empty()) {
      const auto [error, size] =
          co_await stream_.async_write_some(asio::buffer(bytes.data(), bytes.size()), kAwait);
      if (error) co_return fail(Code::unavailable, "writing failed");
      bytes = bytes.subspan(size);
    }
    co_return Result<>();
  }

  asio::awaitable<void> finish() override {
    // Fails when application data still comes in; the goodbye has been sent all the same.
    co_await stream_.async_shutdown(kAwait);
    error_code ignored;
    stream_.next_layer().shutdown(tcp::socket::shutdown_send, ignored);
    co_await drain(stream_.next_layer());
  }

  void close() override {
    error_code ignored;
    stream_.next_layer().close(ignored);
  }

 private:
  TlsContext context_;
  asio::ssl::stream<tcp::socket> stream_;
};
}  // namespace

Result<TlsContext> make_tls_context(std::string_view certificate_pem,
                                    const SecretBytes& private_key_pem) {
  auto context = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_server);
  SSL_CTX* native = context->native_handle();
  ensure(SSL_CTX_set_min_proto_version(native, TLS1_3_VERSION) == 1, "OpenSSL speaks TLS 1.3");
  SSL_CTX_set_num_tickets(native, 0);
  SSL_CTX_set_mode(native, SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_session_cache_mode(native, SSL_SESS_CACHE_OFF);
  // An encrypted key is refused instead of asked about on the terminal.
  SSL_CTX_set_default_passwd_cb(native, [](char*, int, int, void*) { return -1; });

  error_code error;
  context->use_certificate_chain(asio::buffer(certificate_pem.data(), certificate_pem.size()),
                                 error);
  if (error) return fail(Code::invalid_input, "the server certificate cannot be read");
  const ByteView key = private_key_pem.expose();
  context->use_private_key(asio::buffer(key.data(), key.size()), asio::ssl::context::pem, error);
  const bool fits = !error && SSL_CTX_check_private_key(native) == 1;
  ERR_clear_error();
  if (!fits) return fail(Code::invalid_input, "the private key is not the certificate's");
  return context;
}

std::unique_ptr<Connection> tls_connection(tcp::socket socket, TlsContext context) {
  return std::make_unique<TlsConnection>(std::move(socket), std::move(context));
}

}  // namespace amanat::api
