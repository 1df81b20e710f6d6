#pragma once

// The HTTP client of phone and regulator: one connection kept alive, TLS 1.3 only, no redirects, no
// proxy, nothing taken from the environment. A client belongs to one thread at a time.

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "amanat/api/http.h"
#include "amanat/bytes/bytes.h"
#include "amanat/error/error.h"

namespace amanat::api {

struct Progress {
  std::uint64_t sent = 0;
  std::uint64_t received = 0;
};

struct ClientOptions {
  std::string base_url;       // https://host or https://host:port, nothing after it
  std::string authority_pem;  // the CA to trust and no other; empty accepts any certificate: only
                              // to fetch what is pinned by its hash
  bool allow_cleartext = false;  // http:// too, for tests and a proxy on the same machine
  std::chrono::milliseconds connect_timeout{10'000};
  std::chrono::seconds stall_timeout{30};  // without a byte in either direction
  /// Called often during a transfer; returning false stops it.
  std::function<bool(const Progress&)> progress;
};

struct ClientRequest {
  Method method = Method::get;
  std::string path;
  std::string query;  // without '?'
  Headers headers;
  std::variant<Bytes, BodyReader> body;
  bool expect_continue = false;  // send the body only once the server has seen the headers
  std::size_t response_bytes_max = kControlBytesMax;
  /// Takes the body of an answer below 300 as it comes, instead of `ClientResponse::body`.
  std::function<Result<>(ByteView)> sink;
};

/// What the TLS handshake of the last answer's connection established.
struct PeerTls {
  std::string version;  // "TLSv1.3"; empty without TLS
  std::string cipher;
  bool chain_verified = false;   // against `authority_pem`, host name included
  std::vector<Bytes> chain_der;  // as sent, the server's own first
};

struct ClientResponse {
  int status = 0;
  Headers headers;
  Bytes body;
  PeerTls tls;
};

class Client {
 public:
  /// Fails with invalid_input when the URL is not one we can use; connects to nothing yet.
  static Result<std::unique_ptr<Client>> open(ClientOptions options);
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  ~Client();

  /// Sends one request and waits for the whole answer, whatever its status.
  ///
  ///   fails   unavailable when the server is away, too slow, or was stopped by `progress`
  ///           forged when its certificate is not the CA's or not for this host
  ///           invalid_input when the answer is larger than asked for
  ///           what `sink` or the body's reader failed with
  Result<ClientResponse> send(const ClientRequest& request);

  /// The same, but an answer of 400 or above becomes the error it states (see `error_from`).
  Result<ClientResponse> ask(const ClientRequest& request);

  /// host[:port] as it stands in "@authority": lower case, without the default port.
  const std::string& authority() const;

 private:
  struct Impl;
  explicit Client(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// Whether the server at `options.base_url` would still speak TLS 1.2; `unavailable` when it does
/// not answer at all.
Result<bool> accepts_tls12(const ClientOptions& options);

}  // namespace amanat::api
