#pragma once

// TLS 1.3 under a connection: no older version, no session tickets, no early data.

#include <memory>
#include <string_view>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>

#include "amanat/api/server_connection.h"
#include "amanat/bytes/bytes.h"
#include "amanat/error/error.h"

namespace amanat::api {

using TlsContext = std::shared_ptr<asio::ssl::context>;

/// Fails with invalid_input when certificate and key cannot be read or do not belong together.
Result<TlsContext> make_tls_context(std::string_view certificate_pem,
                                    const SecretBytes& private_key_pem);

std::unique_ptr<Connection> tls_connection(asio::ip::tcp::socket socket, TlsContext context);

}  // namespace amanat::api
