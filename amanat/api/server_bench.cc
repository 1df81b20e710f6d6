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
#include <sys/resource.h>
#include <thread>

#include "amanat/api/certificate.h"
#include "amanat/api/client.h"
#include "amanat/clock/clock.h"

using namespace amanat;
using namespace amanat::api;

namespace {
constexpr std::uint64_t kPackBytes = std::uint64_t{16} << 20U;

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

// Sends the request `count` times from one client and subtracts the client's own thread.
Cost measure(const ClientOptions& options, const ClientRequest& request, std::uint64_t count) {
  Cost cost;
  std::thread client_thread([&] {
    const auto client = Client::open(options);
    ensure(client.has_value() && (*client)->ask(request).has_value(), "the server answers");
    const double cpu = seconds_of(CLOCK_PROCESS_CPUTIME_ID);
    const double own = seconds_of(CLOCK_THREAD_CPUTIME_ID);
    const double wall = seconds_of(CLOCK_MONOTONIC);
    for (std::uint64_t i = 0; i < count; ++i) {
      ensure((*client)->ask(request).has_value(), "the server answers");
    }
    cost.wall = seconds_of(CLOCK_MONOTONIC) - wall;
    cost.server_cpu =
        seconds_of(CLOCK_PROCESS_CPUTIME_ID) - cpu - (seconds_of(CLOCK_THREAD_CPUTIME_ID) - own);
  });
  client_thread.join();
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
  const std::uint64_t packs = std::max<std::uint64_t>(1, (megabytes << 20U) / kPackBytes);
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
