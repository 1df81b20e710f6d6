#include "amanat/api/server.h"

#include <arpa/inet.h>
#include <atomic>
#include <future>
#include <mutex>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

#include <doctest/doctest.h>

#include "amanat/api/certificate.h"
#include "amanat/api/client.h"
#include "amanat/api/nonce_memory.h"
#include "amanat/api/signature.h"

using namespace amanat;
using namespace amanat::api;
using namespace std::chrono_literals;

namespace {
constexpr std::uint64_t kPackBytes = std::uint64_t{32} << 20U;

std::uint8_t byte_at(std::uint64_t position) {
  return static_cast<std::uint8_t>(position * 2654435761U >> 16U);
}

BodyReader computed_body(std::uint64_t size) {
  return {.size = size, .read = [size](std::uint64_t offset, ByteSpan out) -> Result<std::size_t> {
            const auto count =
                static_cast<std::size_t>(std::min<std::uint64_t>(out.size(), size - offset));
            for (std::size_t i = 0; i < count; ++i) out[i] = byte_at(offset + i);
            return count;
          }};
}

// Counts bytes and says whether they are those of `computed_body`.
struct BodyCheck {
  std::uint64_t size = 0;
  bool same = true;
  void take(ByteView piece) {
    for (const std::uint8_t byte : piece) same = same && byte == byte_at(size++);
  }
};

// A small custodian: stores nothing, checks everything.
class TestHandler final : public Handler {
 public:
  std::uint64_t body_size_max(Method method, std::string_view path) const override {
    return method == Method::put && path.starts_with("/v1/packs/") ? kPackBytes : 1000;
  }

  Response handle(Request& request) override {
    ++handled;
    if (request.path == "/healthz")
      return named("/healthz", json_response(200, R"({"status":"ok"})"));
    if (request.path == "/v1/refused")
      return error_response({Code::denied, "consent was withdrawn"});
    if (request.path == "/v1/slow") return slow();
    if (request.path == "/v1/signed") return answer_signed(request);
    if (request.path == "/v1/throws") throw std::runtime_error("a broken handler");
    if (request.path.starts_with("/v1/packs/")) return pack(request);
    return error_response({Code::not_found, "no such path"});
  }

  std::atomic<int> handled = 0;
  std::promise<void> slow_began;
  std::promise<void> slow_may_end;
  crypto::PublicKey device;
  NonceMemory nonces{kSignatureWindow, 1000, 1000};
  SystemClock clock;

 private:
  static Response named(std::string route, Response response) {
    response.route = std::move(route);
    return response;
  }

  Response slow() {
    slow_began.set_value();
    slow_may_end.get_future().wait();
    return json_response(200, R"({"slow":true})");
  }

  static Response pack(Request& request) {
    if (request.method != Method::put) {
      return {.status = 200,
              .headers = {},
              .body = computed_body(kPackBytes),
              .route = "/v1/packs/{id}"};
    }
    if (request.path.ends_with("refused"))
      return error_response({Code::denied, "consent was withdrawn"});
    BodyCheck check;
    for (;;) {
      const auto piece = request.body->next();
      if (!piece) return error_response(piece.error());
      if (!*piece) break;
      check.take(**piece);
    }
    return named("/v1/packs/{id}",
                 json_response(check.same ? 201 : 400, std::to_string(check.size)));
  }

  Response answer_signed(Request& request) {
    const auto claim = verify_request(request, device, clock.now());
    if (!claim) return error_response(claim.error());
    const auto fresh = nonces.remember(claim->input.key_id, *claim->input.nonce, clock.now());
    if (!fresh) return error_response(fresh.error());
    const auto body = read_signed_body(request);
    if (!body) return error_response(body.error());
    return json_response(200, as_text(*body));
  }
};

Identity make_identity(std::string& authority_pem) {
  const SystemClock clock;
  const auto authority = make_authority("Amanat test authority", clock.now());
  REQUIRE(authority);
  authority_pem = authority->certificate_pem;
  auto identity = make_server_certificate(*authority, {"127.0.0.1"}, clock.now());
  REQUIRE(identity);
  return std::move(*identity);
}

ServerLimits impatient() {
  ServerLimits limits;
  limits.handshake = 300ms;
  limits.header = 300ms;
  limits.idle = 500ms;
  limits.stall = 300ms;
  limits.linger = 300ms;
  return limits;
}

struct Running {
  std::string authority_pem;
  TestHandler handler;
  std::vector<AccessRecord> records;
  std::mutex records_mutex;
  std::unique_ptr<Server> server;
  bool secure = true;

  explicit Running(bool with_tls = true, const ServerLimits& limits = {}) : secure(with_tls) {
    ServerOptions options;
    options.limits = limits;
    if (with_tls) {
      Identity identity = make_identity(authority_pem);
      options.certificate_pem = std::move(identity.certificate_pem);
      options.private_key_pem = std::move(identity.private_key_pem);
    }
    options.access_log = [this](const AccessRecord& record) {
      const std::scoped_lock lock(records_mutex);
      records.push_back(record);
    };
    auto started = Server::start(std::move(options), handler);
    REQUIRE(started);
    server = std::move(*started);
  }

  ClientOptions client_options() const {
    ClientOptions options;
    options.base_url =
        (secure ? "https://127.0.0.1:" : "http://127.0.0.1:") + std::to_string(server->port());
    options.authority_pem = authority_pem;
    options.allow_cleartext = !secure;
    return options;
  }

  std::unique_ptr<Client> client() const {
    auto client = Client::open(client_options());
    REQUIRE(client);
    return std::move(*client);
  }
};

ClientRequest get(std::string path) {
  ClientRequest request;
  request.path = std::move(path);
  return request;
}

ClientRequest put_pack(std::uint64_t size, std::string name = "00ff") {
  ClientRequest request;
  request.method = Method::put;
  request.path = "/v1/packs/" + name;
  request.body = computed_body(size);
  request.expect_continue = true;
  return request;
}

// A client that speaks HTTP as badly as a test wants it to.
class RawClient {
 public:
  explicit RawClient(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0);
  }
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;
  ~RawClient() { ::close(socket_); }

  bool send(std::string_view text) {
    return ::send(socket_, text.data(), text.size(), MSG_NOSIGNAL)
           == static_cast<ssize_t>(text.size());
  }
  /// All that comes until the server closes, or nothing came for two seconds.
  std::string read_all() {
    std::string all;
    std::array<char, 4096> some{};
    pollfd ready{.fd = socket_, .events = POLLIN, .revents = 0};
    while (::poll(&ready, 1, 2000) == 1) {
      const ssize_t size = ::recv(socket_, some.data(), some.size(), 0);
      if (size <= 0) {
        closed_ = true;
        return all;
      }
      all.append(some.data(), static_cast<std::size_t>(size));
    }
    return all;
  }
  bool was_closed() const { return closed_; }

 private:
  int socket_;
  bool closed_ = false;
};

std::string ask_raw(std::uint16_t port, std::string_view request) {
  RawClient client(port);
  client.send(request);
  return client.read_all();
}
}  // namespace

TEST_CASE("a client with the pinned authority gets an answer over TLS 1.3") {
  Running running;
  const auto client = running.client();
  const auto response = client->send(get("/healthz"));
  REQUIRE(response);
  CHECK(response->status == 200);
  CHECK(as_text(response->body) == R"({"status":"ok"})");
  CHECK(response->headers.find("content-type") == "application/json");
  CHECK(response->headers.find("date").has_value());
  CHECK(response->tls.version == "TLSv1.3");
  CHECK(response->tls.chain_verified);
  CHECK(response->tls.chain_der.size() == 1);
  const auto missing = client->ask(get("/nothing"));
  CHECK(missing.error().code == Code::not_found);
  CHECK(missing.error().message == "no such path; look for something else");
}

TEST_CASE("a certificate of another authority is refused, and without a pin it is only seen") {
  Running running;
  Running other;
  ClientOptions options = running.client_options();
  options.authority_pem = other.authority_pem;
  auto client = Client::open(options);
  REQUIRE(client);
  CHECK((*client)->send(get("/healthz")).error().code == Code::forged);

  options.authority_pem.clear();
  client = Client::open(options);
  REQUIRE(client);
  const auto response = (*client)->send(get("/healthz"));
  REQUIRE(response);
  CHECK_FALSE(response->tls.chain_verified);
}

TEST_CASE("TLS 1.2 is refused") {
  Running running;
  const auto accepted = accepts_tls12(running.client_options());
  REQUIRE(accepted);
  CHECK_FALSE(*accepted);
}

TEST_CASE("a server that is away is unavailable, and the message says what to do") {
  ClientOptions options;
  {
    const Running running;
    options = running.client_options();
  }
  const auto client = Client::open(options);
  REQUIRE(client);
  const auto response = (*client)->send(get("/healthz"));
  REQUIRE_FALSE(response);
  CHECK(response.error().code == Code::unavailable);
  CHECK(response.error().message.contains("try later"));
  CHECK(accepts_tls12(options).error().code == Code::unavailable);
}

TEST_CASE("an address must be https, with a host and nothing more") {
  for (const std::string url :
       {"http://a", "ftp://a", "https://", "https://a/b", "https://u@a", "a"}) {
    CAPTURE(url);
    ClientOptions options;
    options.base_url = url;
    CHECK_FALSE(Client::open(options));
  }
  ClientOptions options;
  options.base_url = "https://Vault.Example:443";
  const auto client = Client::open(options);
  REQUIRE(client);
  CHECK((*client)->authority() == "vault.example");
}

TEST_CASE("a pack of 32 MiB goes up and comes down in pieces") {
  for (const bool with_tls : {true, false}) {
    CAPTURE(with_tls);
    Running running(with_tls);
    const auto client = running.client();
    const auto stored = client->send(put_pack(kPackBytes));
    REQUIRE(stored);
    CHECK(stored->status == 201);
    CHECK(as_text(stored->body) == std::to_string(kPackBytes));

    ClientRequest request = get("/v1/packs/00ff");
    BodyCheck check;
    request.sink = [&check](ByteView piece) -> Result<> {
      check.take(piece);
      return {};
    };
    const auto fetched = client->send(request);
    REQUIRE(fetched);
    CHECK(fetched->status == 200);
    CHECK(check.size == kPackBytes);
    CHECK(check.same);
  }
}

TEST_CASE("a refusal comes before the body is sent") {
  Running running;
  const auto client = running.client();
  ClientRequest request = put_pack(kPackBytes, "refused");
  std::uint64_t read = 0;
  auto& body = std::get<BodyReader>(request.body);
  body.read = [&read, inner = body.read](std::uint64_t offset, ByteSpan out) {
    read += out.size();
    return inner(offset, out);
  };
  const auto refused = client->ask(request);
  CHECK(refused.error().code == Code::denied);
  CHECK(read == 0);
  CHECK(client->send(get("/healthz"))->status == 200);  // on a new connection
}

TEST_CASE("a refused body that is sent all the same does not hide the refusal") {
  Running running;
  const auto client = running.client();
  ClientRequest request = put_pack(kPackBytes, "refused");
  request.expect_continue = false;
  const auto refused = client->ask(request);
  CHECK(refused.error().code == Code::denied);
}

TEST_CASE("a range of a stored body is answered with that part") {
  Running running;
  const auto client = running.client();
  ClientRequest request = get("/v1/packs/00ff");
  request.headers.set("range", "bytes=1000000-1000099");
  const auto part = client->send(request);
  REQUIRE(part);
  CHECK(part->status == 206);
  CHECK(part->headers.find("content-range") == "bytes 1000000-1000099/33554432");
  REQUIRE(part->body.size() == 100);
  CHECK(part->body.front() == byte_at(1000000));
  CHECK(part->body.back() == byte_at(1000099));
  request.headers.set("range", "bytes=33554432-");
  const auto outside = client->send(request);
  REQUIRE(outside);
  CHECK(outside->status == 416);
}

TEST_CASE("HEAD tells the size and sends nothing") {
  Running running;
  const auto client = running.client();
  ClientRequest request = get("/v1/packs/00ff");
  request.method = Method::head;
  const auto response = client->send(request);
  REQUIRE(response);
  CHECK(response->status == 200);
  CHECK(response->headers.find("content-length") == "33554432");
  CHECK(response->body.empty());
  CHECK(client->send(get("/healthz"))->status == 200);
}

TEST_CASE("one connection carries many requests") {
  Running running(false);
  RawClient client(running.server->port());
  for (int i = 0; i < 200; ++i) CHECK(client.send("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"));
  CHECK(client.send("GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"));
  const std::string answers = client.read_all();
  int count = 0;
  for (std::size_t at = 0; (at = answers.find("HTTP/1.1 200", at)) != std::string::npos; ++at)
    ++count;
  CHECK(count == 201);
  CHECK(running.handler.handled == 201);
}

TEST_CASE("the log names routes, sizes and statuses, never what was asked") {
  Running running;
  CHECK(running.client()->send(get("/healthz?secret=1"))->status == 200);
  CHECK(running.client()->send(put_pack(100))->status == 201);
  running.server->stop(1s);
  REQUIRE(running.records.size() == 2);
  CHECK(running.records[0].route == "/healthz");
  CHECK(running.records[0].status == 200);
  CHECK(running.records[0].sent > 15);
  CHECK(running.records[1].method == Method::put);
  CHECK(running.records[1].route == "/v1/packs/{id}");
  CHECK(running.records[1].received == 100);
}

TEST_CASE("a handler that throws is an error of the server, not its end") {
  Running running;
  const auto client = running.client();
  CHECK(client->send(get("/v1/throws"))->status == 500);
  CHECK(client->send(get("/healthz"))->status == 200);
}

TEST_CASE("malformed requests are refused with the status that says why") {
  Running running(false);
  struct Case {
    std::string_view request;
    std::string_view status;
  };
  const std::string long_header =
      "GET /healthz HTTP/1.1\r\nHost: a\r\nX: " + std::string(17000, 'x') + "\r\n\r\n";
  const auto cases = std::to_array<Case>({
      {"nonsense\r\n\r\n", "400"},
      {"GET /healthz HTTP/1.0\r\nHost: a\r\n\r\n", "505"},
      {"GET /healthz HTTP/1.1\r\n\r\n", "400"},
      {"GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "400"},
      {"GET /a/../healthz HTTP/1.1\r\nHost: a\r\n\r\n", "400"},
      {"GET http://a/healthz HTTP/1.1\r\nHost: a\r\n\r\n", "400"},
      {"DELETE /healthz HTTP/1.1\r\nHost: a\r\n\r\n", "405"},
      {"GET /healthz HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx", "400"},
      {"POST /v1/x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "411"},
      {"POST /v1/x HTTP/1.1\r\nHost: a\r\nContent-Length: 1001\r\n\r\n", "413"},
      {"POST /v1/x HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\n", "400"},
      {"POST /v1/x HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nExpect: tea\r\n\r\n", "417"},
      {"GET /healthz HTTP/1.1\r\nHost: a\r\nSignature: a\r\nSignature: b\r\n\r\n", "400"},
      {long_header, "431"},
  });
  for (const Case& c : cases) {
    CAPTURE(c.request.substr(0, 60));
    const std::string answer = ask_raw(running.server->port(), c.request);
    CHECK(answer.starts_with("HTTP/1.1 " + std::string(c.status)));
    CHECK(answer.contains("connection: close"));
  }
  CHECK(running.handler.handled == 0);
}

TEST_CASE("a name that is not the server's is refused") {
  TestHandler handler;
  ServerOptions options;
  options.authorities = {"vault.example"};
  const auto server = Server::start(std::move(options), handler);
  REQUIRE(server);
  const std::uint16_t port = (*server)->port();
  CHECK(ask_raw(port, "GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            .starts_with("HTTP/1.1 421"));
  CHECK(
      ask_raw(port, "GET /healthz HTTP/1.1\r\nHost: Vault.Example:80\r\nConnection: close\r\n\r\n")
          .starts_with("HTTP/1.1 200"));
}

TEST_CASE("requests sent in one breath are answered one after the other") {
  Running running(false);
  const std::string answer =
      ask_raw(running.server->port(),
              "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"
              "POST /v1/x HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"
              "GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  const std::size_t second = answer.find("HTTP/1.1 404");
  CHECK(answer.starts_with("HTTP/1.1 200"));
  REQUIRE(second != std::string::npos);
  CHECK(answer.find("HTTP/1.1 200", second) != std::string::npos);
}

TEST_CASE("a client that never finishes its header is cut, and delays nobody") {
  Running running(false, impatient());
  RawClient slow(running.server->port());
  CHECK(slow.send("GET /healthz HT"));
  std::atomic<bool> done = false;
  std::thread dribble([&] {
    while (!done && slow.send("T")) std::this_thread::sleep_for(50ms);
  });
  CHECK(running.client()->send(get("/healthz"))->status == 200);
  const auto before = std::chrono::steady_clock::now();
  CHECK(slow.read_all().empty());
  CHECK(slow.was_closed());
  CHECK(std::chrono::steady_clock::now() - before < 1500ms);
  done = true;
  dribble.join();
}

TEST_CASE("a hundred clients that never finish do not delay an honest one") {
  ServerLimits limits;
  limits.connections_per_peer_max = 200;
  Running running(false, limits);
  std::vector<std::unique_ptr<RawClient>> slow;
  for (int i = 0; i < 100; ++i) {
    slow.push_back(std::make_unique<RawClient>(running.server->port()));
    CHECK(slow.back()->send(
        i % 2 == 0 ? "GET /he" : "POST /v1/x HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nx"));
  }
  const auto before = std::chrono::steady_clock::now();
  CHECK(running.client()->send(get("/healthz"))->status == 200);
  CHECK(std::chrono::steady_clock::now() - before < 1s);
  CHECK(running.handler.handled == 1);
}

TEST_CASE("small bodies that never come occupy no thread, under Expect neither") {
  ServerLimits limits;
  limits.connections_per_peer_max = 200;
  Running running(false, limits);
  std::vector<std::unique_ptr<RawClient>> slow;
  for (int i = 0; i < 40; ++i) {
    slow.push_back(std::make_unique<RawClient>(running.server->port()));
    CHECK(
        slow.back()->send("PUT /v1/packs/00 HTTP/1.1\r\nHost: a\r\nContent-Length: 65536\r\n"
                          "Expect: 100-continue\r\n\r\nx"));
  }
  std::this_thread::sleep_for(100ms);
  CHECK(running.handler.handled == 0);
  CHECK(running.client()->send(put_pack(kPackBytes, "00"))->status < 300);
}

TEST_CASE("a body that stalls is cut, and the handler learns that the client went away") {
  Running running(false, impatient());
  RawClient slow(running.server->port());
  CHECK(slow.send("PUT /v1/packs/00 HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\nabc"));
  slow.read_all();
  CHECK(slow.was_closed());
  CHECK(running.handler.handled == 1);
}

TEST_CASE("an idle connection is closed, and so is one that never shakes hands") {
  Running plain(false, impatient());
  RawClient idle(plain.server->port());
  CHECK(idle.read_all().empty());
  CHECK(idle.was_closed());
  Running secure(true, impatient());
  RawClient silent(secure.server->port());
  CHECK(silent.read_all().empty());
  CHECK(silent.was_closed());
}

TEST_CASE("one peer cannot take every connection") {
  ServerLimits limits;
  limits.connections_per_peer_max = 2;
  Running running(false, limits);
  RawClient first(running.server->port());
  RawClient second(running.server->port());
  RawClient third(running.server->port());
  CHECK(third.read_all().empty());
  CHECK(third.was_closed());
  CHECK(first.send("GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"));
  CHECK(first.read_all().starts_with("HTTP/1.1 200"));
}

TEST_CASE("a signed request is answered once; altered or repeated it is refused") {
  Running running;
  const auto client = running.client();
  const crypto::Signer device = crypto::Signer::random();
  running.handler.device = device.public_key();
  const SystemClock clock;
  const std::string text = R"({"events":[]})";
  const auto make = [&] {
    ClientRequest request;
    request.method = Method::post;
    request.path = "/v1/signed";
    request.query = "a=1";
    request.body = Bytes(text.begin(), text.end());
    sign_request(request, client->authority(), device, clock.now());
    return request;
  };
  ClientRequest request = make();
  const auto accepted = client->ask(request);
  REQUIRE(accepted);
  CHECK(as_text(accepted->body) == text);
  CHECK(client->ask(request).error().message.starts_with("this request was sent before"));

  request = make();
  request.query = "a=2";
  CHECK(client->ask(request).error().code == Code::forged);
  request = make();
  std::get<Bytes>(request.body)[2] ^= 1;
  CHECK(client->ask(request).error().code == Code::forged);
  request = make();
  sign_request(request, client->authority(), device, clock.now() - 400s);
  CHECK(client->ask(request).error().code == Code::forged);
  request = make();
  sign_request(request, "other.example", device, clock.now());
  CHECK(client->ask(request).error().code == Code::forged);
}

TEST_CASE("stopping lets the request in flight finish and takes no new one") {
  Running running;
  const auto options = running.client_options();
  auto began = running.handler.slow_began.get_future();
  auto answer =
      std::async(std::launch::async, [&] { return running.client()->send(get("/v1/slow")); });
  began.wait();
  std::thread stopping([&] { running.server->stop(10s); });
  std::this_thread::sleep_for(200ms);
  const auto late = Client::open(options);
  REQUIRE(late);
  CHECK((*late)->send(get("/healthz")).error().code == Code::unavailable);
  running.handler.slow_may_end.set_value();
  const auto response = answer.get();
  REQUIRE(response);
  CHECK(response->status == 200);
  stopping.join();
}

TEST_CASE("stopping without patience cuts an upload in the middle") {
  Running running(false);
  RawClient slow(running.server->port());
  CHECK(slow.send("PUT /v1/packs/00 HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\nabc"));
  while (running.handler.handled == 0) std::this_thread::sleep_for(5ms);
  const auto before = std::chrono::steady_clock::now();
  running.server->stop(50ms);
  CHECK(std::chrono::steady_clock::now() - before < 2s);
}

TEST_CASE("a transfer stops when its progress says so, and errors of body and sink come back") {
  Running running;
  ClientOptions options = running.client_options();
  options.progress = [](const Progress& progress) { return progress.received < 1000; };
  const auto client = Client::open(options);
  REQUIRE(client);
  ClientRequest request = get("/v1/packs/00ff");
  request.sink = [](ByteView) -> Result<> { return {}; };
  CHECK((*client)->send(request).error().message == "the transfer was stopped");

  const auto patient = running.client();
  request.sink = [](ByteView) -> Result<> { return fail(Code::conflict, "disk full"); };
  CHECK(patient->send(request).error() == Error{Code::conflict, "disk full"});
  CHECK(patient->send(get("/v1/packs/00ff")).error().code == Code::invalid_input);  // over 1 MiB
  ClientRequest broken = put_pack(1000000);
  std::get<BodyReader>(broken.body).read = [](std::uint64_t, ByteSpan) -> Result<std::size_t> {
    return fail(Code::corrupt, "the file changed");
  };
  CHECK(patient->send(broken).error() == Error{Code::corrupt, "the file changed"});
  CHECK(patient->send(get("/healthz"))->status == 200);
}

TEST_CASE("a certificate can be replaced while the server runs") {
  Running running;
  std::string authority_pem;
  const Identity identity = make_identity(authority_pem);
  REQUIRE(running.server->use_certificate(identity.certificate_pem, identity.private_key_pem));
  CHECK(running.client()->send(get("/healthz")).error().code == Code::forged);
  running.authority_pem = authority_pem;
  CHECK(running.client()->send(get("/healthz"))->status == 200);
  CHECK_FALSE(running.server->use_certificate(identity.certificate_pem, SecretBytes(10)));
}
