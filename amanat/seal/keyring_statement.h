#pragma once

// Who may replace a keyring: version n+1, with all its wraps, is signed by a device of n, by n's
// phrase key or by the settled one, and names the hash of n; version 1 by both (docs/format.md
// §11.3). A phone seals nothing under a keyring that fails this, and never believes a custodian's
// list of devices.

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "amanat/clock/clock.h"
#include "amanat/seal/keyring.h"
#include "amanat/seal/wrap.h"

namespace amanat::seal {

inline constexpr std::size_t kKeyringStatementBytesMax = std::size_t{136} << 10;
inline constexpr std::size_t kKeyringSignaturesMax = 3;

struct KeyringWrap {
  DeviceId device;
  crypto::BoxPublicKey one_time_key;  // the newest the device published; used once
  DeviceWrap wrap;
  friend bool operator==(const KeyringWrap&, const KeyringWrap&) = default;
};

enum class KeyringSignerKind : std::uint8_t { device = 1, phrase_key = 2 };

struct KeyringSignature {
  KeyringSignerKind kind = KeyringSignerKind::device;
  crypto::PublicKey key;
  crypto::Signature signature;
  friend bool operator==(const KeyringSignature&, const KeyringSignature&) = default;
};

/// What is signed about a keyring.
struct KeyringTerms {
  AccountId account;
  std::uint32_t version = 0;
  KeyringHash previous;  // zeros for version 1
  KeyringHash sealed;
  RecoveryWrap recovery_wrap;
  std::vector<KeyringWrap> wraps;          // ascending by device, exactly the devices of the body
  crypto::BoxPublicKey next_one_time_key;  // of `device`
  DeviceId device;                         // the one that made this version
  crypto::PublicKey phrase_key;
  bool confirmed = false;  // true: signed by the settled phrase key, effective now, not in 72 h
  Instant time;

  WrapPlace place() const { return {account, version, sealed}; }
  const KeyringWrap* find_wrap(const DeviceId& id) const;
  Bytes encode() const;
  friend bool operator==(const KeyringTerms&, const KeyringTerms&) = default;
};

/// A parsed keyring statement; its signatures hold only once `verify_*` says so. Copies freely.
class KeyringStatement {
 public:
  static Result<KeyringStatement> parse(ByteView statement);

  const KeyringTerms& terms_unverified() const { return terms_; }
  const std::vector<KeyringSignature>& signatures() const { return signatures_; }
  ByteView bytes() const { return bytes_; }

 private:
  friend Result<> verify_signatures(const KeyringStatement&);
  KeyringTerms terms_;
  std::vector<KeyringSignature> signatures_;
  Bytes bytes_;
  std::size_t signed_size_ = 0;
};

/// One who signs, and as what.
struct KeyringSigner {
  KeyringSignerKind kind;
  const crypto::Signer& signer;
};

/// Signs terms by 1 to 3 signers, in this order.
Bytes sign_keyring(const KeyringTerms& terms, std::span<const KeyringSigner> signers);

/// Checks that every signature holds, whatever its signer may do.
Result<> verify_signatures(const KeyringStatement& statement);

/// Version 1: signed by its device and by its phrase key. `forged` when not.
Result<> verify_first(const KeyringStatement& first);

/// Whether `key` is among those that signed as a phrase key. Says nothing of the signature itself.
bool is_signed_by_phrase_key(const KeyringStatement& statement, const crypto::PublicKey& key);

/// Version n+1 after a version n that was verified before. Which words confirm a version depends on
/// what its keeper still keeps, so a confirmed one need only be signed by some phrase key here.
///
///   settled  the settled phrase key, where it is known: it may stand behind the version too
///   fails    conflict  it does not follow: another account, version or previous hash
///            forged    a signature does not hold, or no signer of n stands behind it
Result<> verify_successor(const KeyringStatement& previous, const KeyringStatement& next,
                          const std::optional<crypto::PublicKey>& settled = {});

/// Signed by the phrase key that the reader knows itself, or by a device of the body: the check of
/// one who recovers and has seen no earlier version (§12).
Result<> verify_for_recovery(const KeyringStatement& statement, const KeyringBody& body,
                             const crypto::PublicKey& phrase_key);

/// Whether statement, sealed bytes and opened body tell the same story: account, version, hashes,
/// phrase key, and exactly the body's devices. `forged` when not.
Result<> match_keyring(const KeyringStatement& statement, ByteView sealed, const KeyringBody& body);

}  // namespace amanat::seal
