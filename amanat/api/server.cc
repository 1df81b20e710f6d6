#include "amanat/api/server.h"

#include <algorithm>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "amanat/api/server_session.h"
#include "amanat/api/server_tls.h"

namespace amanat::api {
namespace {
using asio::ip::tcp;
using boost::system::error_code;
using namespace std::chrono_literals;

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);
constexpr auto kLookInterval = 100ms;    // how often deadlines are looked at
constexpr auto kAcceptPause = 100ms;     // when no socket can be had
constexpr std::size_t kPrefixBytes = 8;  // of an IPv6 address: a /64 is one household

using Peer = std::array<std::uint8_t, 16>;

Peer peer_of(const tcp::socket& socket) {
  error_code ignored;
  const auto address = socket.remote_endpoint(ignored).address();
  Peer peer{};
  if (address.is_v4()) {
    std::ranges::copy(address.to_v4().to_bytes(), peer.begin());
    return peer;
  }
  const auto bytes = address.to_v6().to_bytes();
  if (address.to_v6().is_v4_mapped()) {
    std::copy(bytes.begin() + 12, bytes.end(), peer.begin());
    return peer;
  }
  std::copy_n(bytes.begin(), kPrefixBytes, peer.begin());
  peer.back() = 6;
  return peer;
}
}  // namespace

struct Server::Impl {
  Impl(ServerOptions given, Handler& handler)
      : options(std::move(given)),
        handlers(std::max(1U, options.handler_threads)),
        uploads(std::max(1U, options.upload_threads)),
        acceptor(asio::make_strand(network)),
        world{.handler = handler,
              .options = options,
              .handlers = handlers.get_executor(),
              .uploads = uploads.get_executor(),
              .default_port = options.certificate_pem.empty() ? ":80" : ":443",
              .clock = {},
              .stopping = false} {}

  Result<> listen();
  void run_network();
  asio::awaitable<void> accept_all();
  asio::awaitable<void> watch_deadlines();
  void admit(tcp::socket socket);
  void forget(const std::shared_ptr<Session>& session, const Peer& peer);
  void for_each_session(void (*act)(Session&));
  void stop(std::chrono::milliseconds patience);

  ServerOptions options;
  asio::io_context network;
  asio::thread_pool handlers;
  asio::thread_pool uploads;
  tcp::acceptor acceptor;
  std::uint16_t port = 0;
  SessionWorld world;
  std::vector<std::thread> threads;

  std::mutex mutex;  // guards what follows
  std::condition_variable session_ended;
  std::vector<std::shared_ptr<Session>> sessions;
  std::map<Peer, std::size_t> peers;  // connections of each
  TlsContext tls;
  bool stopped = false;
};

Result<> Server::Impl::listen() {
  error_code error;
  const auto address = asio::ip::make_address(options.address, error);
  if (error) return fail(Code::invalid_input, "the address to listen on is not an IP address");
  const tcp::endpoint endpoint(address, options.port);
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (!error) port = acceptor.local_endpoint(error).port();
  if (error) return fail(Code::unavailable, "cannot listen on the port: " + error.message());
  return {};
}

void Server::Impl::run_network() {
  const auto spawn = [this](asio::awaitable<void> task) {
    asio::co_spawn(acceptor.get_executor(), std::move(task), [](const std::exception_ptr&) {});
  };
  spawn(accept_all());
  spawn(watch_deadlines());
  for (unsigned i = 0; i < std::max(1U, options.network_threads); ++i) {
    threads.emplace_back([this] { network.run(); });
  }
}

asio::awaitable<void> Server::Impl::accept_all() {
  while (!world.stopping) {
    const asio::any_io_executor strand = asio::make_strand(network);
    auto [error, socket] = co_await acceptor.async_accept(strand, kAwait);
    if (!error) {
      admit(std::move(socket));
    } else if (error == asio::error::operation_aborted || !acceptor.is_open()) {
      break;
    } else {  // out of descriptors, or the peer is gone already
      asio::steady_timer pause(acceptor.get_executor(), kAcceptPause);
      co_await pause.async_wait(kAwait);
    }
  }
}

void Server::Impl::admit(tcp::socket socket) {
  error_code ignored;
  socket.set_option(tcp::no_delay(true), ignored);
  const Peer peer = peer_of(socket);

  const std::scoped_lock lock(mutex);
  const ServerLimits& limits = options.limits;
  if (world.stopping || sessions.size() >= limits.connections_max) return;  // closes the socket
  std::size_t& of_peer = peers[peer];
  if (of_peer >= limits.connections_per_peer_max) return;
  ++of_peer;
  auto connection =
      tls ? tls_connection(std::move(socket), tls) : plain_connection(std::move(socket));
  const auto session = std::make_shared<Session>(std::move(connection), world);
  sessions.push_back(session);
  asio::co_spawn(session->executor(), session->run(),
                 [this, session, peer](const std::exception_ptr&) { forget(session, peer); });
}

void Server::Impl::forget(const std::shared_ptr<Session>& session, const Peer& peer) {
  session->close();
  const std::scoped_lock lock(mutex);
  std::erase(sessions, session);
  if (const auto found = peers.find(peer); found != peers.end() && --found->second == 0) {
    peers.erase(found);
  }
  session_ended.notify_all();
}

asio::awaitable<void> Server::Impl::watch_deadlines() {
  asio::steady_timer timer(acceptor.get_executor());
  for (;;) {
    timer.expires_after(kLookInterval);
    const auto [error] = co_await timer.async_wait(kAwait);
    if (error) co_return;
    const auto now = std::chrono::steady_clock::now();
    const std::scoped_lock lock(mutex);
    for (const auto& session : sessions) {
      if (!session->is_late(now)) continue;
      asio::post(session->executor(), [session, now] { session->cut_if_late(now); });
    }
    if (stopped && sessions.empty()) co_return;
  }
}

// On each session's own strand. The caller holds the mutex.
void Server::Impl::for_each_session(void (*act)(Session&)) {
  for (const auto& session : sessions) {
    asio::post(session->executor(), [session, act] { act(*session); });
  }
}

void Server::Impl::stop(std::chrono::milliseconds patience) {
  {
    std::unique_lock lock(mutex);
    if (std::exchange(stopped, true)) return;
    world.stopping = true;
    asio::post(acceptor.get_executor(), [this] {
      error_code ignored;
      acceptor.close(ignored);
    });
    for_each_session([](Session& session) { session.close_if_idle(); });
    const auto none_left = [this] { return sessions.empty(); };
    if (!session_ended.wait_for(lock, patience, none_left)) {
      for_each_session([](Session& session) { session.close(); });
      session_ended.wait(lock, none_left);
    }
  }
  for (std::thread& thread : threads) thread.join();
  handlers.join();
  uploads.join();
}

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Server::~Server() { stop(0ms); }

Result<std::unique_ptr<Server>> Server::start(ServerOptions options, Handler& handler) {
  TlsContext tls;
  if (!options.certificate_pem.empty()) {
    auto made = make_tls_context(options.certificate_pem, options.private_key_pem);
    if (!made) return carry(made);
    tls = std::move(*made);
  }
  auto impl = std::make_unique<Impl>(std::move(options), handler);
  impl->tls = std::move(tls);
  if (auto listening = impl->listen(); !listening) return carry(listening);
  impl->run_network();
  return std::unique_ptr<Server>(new Server(std::move(impl)));
}

std::uint16_t Server::port() const { return impl_->port; }

Result<> Server::use_certificate(std::string_view certificate_pem,
                                 const SecretBytes& private_key_pem) {
  auto made = make_tls_context(certificate_pem, private_key_pem);
  if (!made) return carry(made);
  const std::scoped_lock lock(impl_->mutex);
  ensure(impl_->tls != nullptr, "a server without TLS stays without");
  impl_->tls = std::move(*made);
  return {};
}

void Server::stop(std::chrono::milliseconds patience) { impl_->stop(patience); }

std::uint64_t Handler::body_size_max(Method /*method*/, std::string_view /*path*/) const {
  return kControlBytesMax;
}

}  // namespace amanat::api
