#pragma once

// Remembers the nonces of signed requests while their signatures are young enough to be accepted,
// so that no request is accepted twice. Nothing outlives the process: after a restart a request of
// the last minutes could be replayed once, which TLS prevents for all but its sender, and to whom
// it gains nothing, since all our requests may be sent again (docs/api.md §6).

#include <chrono>
#include <cstddef>
#include <deque>
#include <mutex>
#include <unordered_map>
#include <unordered_set>

#include "amanat/api/signature_input.h"
#include "amanat/clock/clock.h"
#include "amanat/error/error.h"

namespace amanat::api {

class NonceMemory {
 public:
  /// Keeps at most `count_max` nonces (about 150 bytes each), of which no key has more than
  /// `one_key_max`, each for twice `window`: a signature may be dated that much ahead.
  NonceMemory(std::chrono::seconds window, std::size_t count_max, std::size_t one_key_max)
      : window_(window), count_max_(count_max), one_key_max_(one_key_max) {}

  /// Remembers a nonce of a request whose signature was verified. Thread-safe.
  ///
  ///   fails   forged when this key used it before: the request is a copy
  ///           unavailable when the memory, or this key's part of it, is full: nothing is
  ///           forgotten early
  Result<> remember(const KeyId& key, const Nonce& nonce, Instant now);

 private:
  using Name = Id<struct NonceNameTag, 32>;  // SHA-256(key id || nonce)
  struct Entry {
    Instant forget_at;
    Name name;
    KeyId key;
  };
  void forget_oldest();

  const std::chrono::seconds window_;
  const std::size_t count_max_;
  const std::size_t one_key_max_;
  std::mutex mutex_;  // guards what follows
  std::unordered_set<Name, IdHash> names_;
  std::deque<Entry> by_age_;  // oldest first
  std::unordered_map<KeyId, std::size_t, IdHash> count_of_;
};

}  // namespace amanat::api
