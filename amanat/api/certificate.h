#pragma once

// The custodian's own certificate authority and server certificate (X.509, ECDSA on P-256). The
// policy names the CA, so a phone trusts this one and none that came with its system.

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "amanat/bytes/bytes.h"
#include "amanat/clock/clock.h"
#include "amanat/error/error.h"

namespace amanat::api {

inline constexpr std::chrono::days kAuthorityLifetime{3652};
inline constexpr std::chrono::days kServerLifetime{397};
inline constexpr std::chrono::days kRenewBefore{30};
inline constexpr std::size_t kPemBytesMax = std::size_t{64} << 10U;
inline constexpr std::size_t kHostsMax = 64;

/// A certificate and its private key (PKCS#8), both as PEM.
struct Identity {
  std::string certificate_pem;
  SecretBytes private_key_pem;
};

/// Makes a CA that signs server certificates and nothing else.
///
///   name    its common name, 1 to 64 bytes; invalid_input otherwise
Result<Identity> make_authority(std::string_view name, Instant now);

/// Makes a server certificate, valid from an hour before `now`.
///
///   hosts   1 to kHostsMax DNS names in lower case or IP addresses
///   fails   invalid_input when the CA cannot be read or a host is not a name
Result<Identity> make_server_certificate(const Identity& authority,
                                         const std::vector<std::string>& hosts, Instant now);

/// When the first certificate in `certificate_pem` ends.
Result<Instant> certificate_end(std::string_view certificate_pem);

/// A new server certificate when `current` has less than kRenewBefore left, else nothing.
Result<std::optional<Identity>> renew_server_certificate(const Identity& authority,
                                                         const Identity& current,
                                                         const std::vector<std::string>& hosts,
                                                         Instant now);

}  // namespace amanat::api
