// What the server costs: CPU time of its own threads for a small GET, and for each GB of PUT that a
// handler takes in pieces and hashes nothing of. Client threads run in the same process; their CPU
// time is measured apart and left out.
//
//   api_server_bench [GETs] [MiB of PUT]

#include "amanat/api/server.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <future>
#include <sys/resource.h>
#include <vector>

#include "amanat/api/certificate.h"
#include "amanat/api/client.h"
#include "amanat/clock/clock.h"

using namespace amanat;
using namespace amanat::api;

namespace {
constexpr std::uint64_t kPackBytes = std::uint64_t{16} << 20U;
constexpr std::uint64_t kClients = 8;

class SinkHandler final : public Handler {
 public:
  std::uint64_t body_size_max(Method /*method*/, std::string_view /*path*/) const override {
    return kPackBytes;
  }
  Response handle(Request& request) override {
    while (true) {
      const auto piece = request.body->next();
      if (!piece) return error_response(piece.error());
      if (!*piece) return json_response(200, R"({"status":"ok"})");
    }
  }
};

double seconds_of(clockid_t clock) {
  timespec time{};
  clock_gettime(clock, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

struct Cost {
  double server_cpu = 0;
  double wall = 0;
};

// One client's share of the work: asks `count` times and returns the CPU time of its own thread.
double ask_often(const ClientOptions& options, const ClientRequest& request, std::uint64_t count) {
  const auto client = Client::open(options);
  ensure(client.has_value(), "the client opens");
  for (std::uint64_t i = 0; i < count; ++i) {
    ensure((*client)->ask(request).has_value(), "the server answers");
  }
  return seconds_of(CLOCK_THREAD_CPUTIME_ID);
}

// Sends the request `count` times from several connections at once.
Cost measure(const ClientOptions& options, const ClientRequest& request, std::uint64_t count) {
  const double cpu = seconds_of(CLOCK_PROCESS_CPUTIME_ID);
  const double wall = seconds_of(CLOCK_MONOTONIC);
  std::vector<std::future<double>> clients;
  for (std::uint64_t i = 0; i < kClients; ++i) {
    clients.push_back(
        std::async(std::launch::async, ask_often, options, request, count / kClients));
  }
  Cost cost;
  for (auto& client : clients) cost.server_cpu -= client.get();
  cost.server_cpu += seconds_of(CLOCK_PROCESS_CPUTIME_ID) - cpu;
  cost.wall = seconds_of(CLOCK_MONOTONIC) - wall;
  return cost;
}

void run(bool with_tls, std::uint64_t gets, std::uint64_t megabytes) {
  const SystemClock clock;
  SinkHandler handler;
  ServerOptions options;
  ClientOptions client;
  client.allow_cleartext = !with_tls;
  if (with_tls) {
    const auto authority = make_authority("bench", clock.now());
    auto identity = make_server_certificate(*authority, {"127.0.0.1"}, clock.now());
    client.authority_pem = authority->certificate_pem;
    options.certificate_pem = std::move(identity->certificate_pem);
    options.private_key_pem = std::move(identity->private_key_pem);
  }
  const auto server = Server::start(std::move(options), handler);
  ensure(server.has_value(), "the server starts");
  client.base_url =
      (with_tls ? "https://127.0.0.1:" : "http://127.0.0.1:") + std::to_string((*server)->port());

  ClientRequest get;
  get.path = "/healthz";
  const Cost small = measure(client, get, gets);

  ClientRequest put;
  put.method = Method::put;
  put.path = "/v1/packs/00";
  put.body = Bytes(kPackBytes, 0x5a);
  const std::uint64_t packs =
      std::max(kClients, (megabytes << 20U) / kPackBytes / kClients * kClients);
  const Cost large = measure(client, put, packs);
  const double gigabytes = static_cast<double>(packs * kPackBytes) * 1e-9;
  std::printf("%-6s %7.1f us CPU per GET, %8.0f GET/s;  %5.2f s CPU per GB of PUT, %6.0f MB/s\n",
              with_tls ? "TLS" : "plain", small.server_cpu * 1e6 / static_cast<double>(gets),
              static_cast<double>(gets) / small.wall, large.server_cpu / gigabytes,
              gigabytes * 1e3 / large.wall);
}
}  // namespace

int main(int argc, char** argv) {
  const std::uint64_t gets = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 10'000;
  const std::uint64_t megabytes = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 512;
  run(false, gets, megabytes);
  run(true, gets, megabytes);
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  std::printf("peak RSS of server and client: %ld MB\n", usage.ru_maxrss / 1024);
  return 0;
}
