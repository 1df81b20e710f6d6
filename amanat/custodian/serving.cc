#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "amanat/custodian/custodian.h"

namespace amanat::custodian {

struct Serving::State {
  Custodian& custodian;
  ServeOptions options;
  std::vector<std::string> certified_hosts;
  api::EnrolAddress address;
  Instant certificate_end;
  std::unique_ptr<api::Server> server;

  std::mutex mutex;  // guards what follows
  std::condition_variable changed;
  bool stopping = false;
  std::thread thread;

  State(Custodian& given, ServeOptions given_options)
      : custodian(given), options(std::move(given_options)) {}
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() { stop(std::chrono::milliseconds(0)); }

  void stop(std::chrono::milliseconds patience);
  void look_after();
  Result<> renew_certificate();
};

namespace {

bool is_wildcard(std::string_view address) { return address == "0.0.0.0" || address == "::"; }

std::string in_url(const std::string& host) { return host.contains(':') ? "[" + host + "]" : host; }

/// All names under which the server may be reached, the one for phones first.
std::vector<std::string> list_hosts(const ServeOptions& options) {
  std::vector<std::string> hosts = options.hosts;
  const auto add = [&hosts](const std::string& host) {
    if (std::ranges::find(hosts, host) == hosts.end()) hosts.push_back(host);
  };
  if (!is_wildcard(options.address)) add(options.address);
  add("127.0.0.1");
  add("localhost");
  return hosts;
}

std::string authority_of(const std::string& host, std::uint16_t port) {
  return port == 443 ? in_url(host) : fmt::format("{}:{}", in_url(host), port);
}

}  // namespace

void Serving::State::stop(std::chrono::milliseconds patience) {
  {
    const std::scoped_lock lock(mutex);
    if (std::exchange(stopping, true)) return;
  }
  changed.notify_all();
  if (server) server->stop(patience);
  if (thread.joinable()) thread.join();
}

void Serving::State::look_after() {
  std::unique_lock lock(mutex);
  while (!stopping) {
    lock.unlock();
    SweepReport report = custodian.sweep();
    if (auto renewed = renew_certificate(); !renewed) {
      report.failures.push_back(carry(renewed, "renewing the certificate").error());
    }
    if (options.sweep_log) options.sweep_log(report);
    lock.lock();
    changed.wait_for(lock, options.sweep_every, [this] { return stopping; });
  }
}

Result<> Serving::State::renew_certificate() {
  if (SystemClock().now() + api::kRenewBefore < certificate_end) return {};
  const auto certificate = custodian.make_certificate(certified_hosts);
  if (!certificate) return carry(certificate);
  auto used = server->use_certificate(certificate->certificate_pem, certificate->private_key_pem);
  if (!used) return used;
  const auto end = api::certificate_end(certificate->certificate_pem);
  if (!end) return carry(end);
  certificate_end = *end;
  return {};
}

Serving::Serving(std::unique_ptr<State> state) : state_(std::move(state)) {}
Serving::~Serving() = default;

std::uint16_t Serving::port() const { return state_->server->port(); }
const api::EnrolAddress& Serving::address() const { return state_->address; }
void Serving::stop(std::chrono::milliseconds patience) { state_->stop(patience); }

Result<std::unique_ptr<Serving>> serve(Custodian& custodian, ServeOptions options) {
  auto state = std::make_unique<Serving::State>(custodian, std::move(options));
  state->certified_hosts = list_hosts(state->options);
  auto certificate = custodian.make_certificate(state->certified_hosts);
  if (!certificate) return carry(certificate, "making the server's certificate");
  const auto end = api::certificate_end(certificate->certificate_pem);
  if (!end) return carry(end);
  state->certificate_end = *end;

  api::ServerOptions server_options;
  server_options.address = state->options.address;
  server_options.port = state->options.port;
  server_options.certificate_pem = std::move(certificate->certificate_pem);
  server_options.private_key_pem = std::move(certificate->private_key_pem);
  server_options.access_log = state->options.access_log;
  // With a port of the system's choice nobody knows our name before we listen.
  if (state->options.port != 0) {
    for (const std::string& host : state->certified_hosts) {
      server_options.authorities.push_back(authority_of(host, state->options.port));
    }
  }
  auto server = api::Server::start(std::move(server_options), custodian.handler());
  if (!server) return carry(server, "starting the server");
  state->server = *std::move(server);

  state->address = {
      .url = "https://" + authority_of(state->certified_hosts.front(), state->server->port()),
      .policy = custodian.policy_hash()};
  if (auto written = custodian.write_address(api::to_text(state->address)); !written) {
    return carry(written);
  }
  auto* const running = state.get();
  state->thread = std::thread([running] { running->look_after(); });
  return std::unique_ptr<Serving>(new Serving(std::move(state)));
}

}  // namespace amanat::custodian
