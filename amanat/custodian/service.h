#pragma once

// The custodian behind its HTTP server: finds the route, the caller's key and whether its signature
// holds, and signs every answer to a signed request, refusals too (docs/api.md §3).

#include <cstdint>
#include <string_view>

#include "amanat/api/server.h"
#include "amanat/custodian/routes.h"
#include "amanat/custodian/world.h"

namespace amanat::custodian {

class Service final : public api::Handler {
 public:
  /// Copies `world`; what it borrows outlives the service.
  explicit Service(const World& world);

  std::uint64_t body_size_max(api::Method method, std::string_view path) const override;
  api::Response handle(api::Request& request) override;

 private:
  struct Found {
    const Route* route = nullptr;
    std::string parameter;
  };
  Result<Found> find_route(const api::Request& request) const;
  Answer answer(const Found& found, api::Request& request) const;
  Result<Caller> authenticate(const Route& route, const api::Request& request, Instant now) const;

  const World world_;
};

/// A key's owner. From any connection.
///
///   fails   forged when no account and no auditor has this key, denied for a device that was
///           removed
Result<Caller> find_caller(store::Database& database, const api::KeyId& key);

/// Checks signature and digest of a request whose key is in its own body, which was read already:
/// what a `newcomer` route does itself. The nonce is not remembered: strangers would fill the
/// memory, and to open an account again changes nothing.
Result<> verify_newcomer(Call& call, const crypto::PublicKey& key, ByteView body);

}  // namespace amanat::custodian
