#include "amanat/api/certificate.h"

#include <doctest/doctest.h>

using namespace amanat;
using namespace amanat::api;
using namespace std::chrono_literals;

namespace {
const Instant kNow(std::chrono::seconds(1767225600));
}

TEST_CASE("a server certificate lasts 397 days and is renewed in its last 30") {
  const auto authority = make_authority("Amanat test authority", kNow);
  REQUIRE(authority);
  const std::vector<std::string> hosts{"vault.example", "127.0.0.1", "::1"};
  const auto server = make_server_certificate(*authority, hosts, kNow);
  REQUIRE(server);
  const auto end = certificate_end(server->certificate_pem);
  REQUIRE(end);
  CHECK(*end == kNow - 1h + kServerLifetime);

  const auto early = renew_server_certificate(*authority, *server, hosts, *end - kRenewBefore);
  REQUIRE(early);
  CHECK_FALSE(early->has_value());
  const auto due = renew_server_certificate(*authority, *server, hosts, *end - kRenewBefore + 1s);
  REQUIRE(due);
  REQUIRE(due->has_value());
  CHECK(*certificate_end((*due)->certificate_pem) > *end);
}

TEST_CASE("what is not a host does not get into a certificate") {
  const auto authority = make_authority("Amanat test authority", kNow);
  REQUIRE(authority);
  for (const std::string host :
       {"", "a b", "a,DNS:b", "UPPER.example", ".example", "a..b", "a/b"}) {
    CAPTURE(host);
    CHECK_FALSE(make_server_certificate(*authority, {host}, kNow));
  }
  CHECK_FALSE(make_server_certificate(*authority, {}, kNow));
  CHECK_FALSE(make_authority("", kNow));
}

TEST_CASE("an authority whose key is another's signs nothing") {
  auto authority = make_authority("one", kNow);
  auto other = make_authority("two", kNow);
  REQUIRE(authority);
  REQUIRE(other);
  authority->private_key_pem = std::move(other->private_key_pem);
  CHECK_FALSE(make_server_certificate(*authority, {"vault.example"}, kNow));
  CHECK_FALSE(certificate_end("no certificate"));
}
