#include "amanat/api/nonce_memory.h"

#include <algorithm>

#include "amanat/crypto/crypto.h"

namespace amanat::api {

Result<> NonceMemory::remember(const KeyId& key, const Nonce& nonce, Instant now) {
  Name name;
  std::ranges::copy(crypto::sha256({key.bytes(), nonce.bytes()}).bytes(), name.fill().begin());

  const std::scoped_lock lock(mutex_);
  while (!by_age_.empty() && by_age_.front().forget_at < now) {
    names_.erase(by_age_.front().name);
    by_age_.pop_front();
  }
  if (names_.contains(name)) return fail(Code::forged, "this request was sent before");
  if (by_age_.size() >= count_max_) {
    return fail(Code::unavailable, "too many requests in the last minutes");
  }
  names_.insert(name);
  using std::chrono_literals::operator""s;
  by_age_.push_back({now + 2 * window_ + 1s, name});  // `created` is in whole seconds
  return {};
}

}  // namespace amanat::api
