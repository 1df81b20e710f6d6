#include "amanat/api/nonce_memory.h"

#include <algorithm>

#include "amanat/crypto/crypto.h"

namespace amanat::api {

Result<> NonceMemory::remember(const KeyId& key, const Nonce& nonce, Instant now) {
  Name name;
  std::ranges::copy(crypto::sha256({key.bytes(), nonce.bytes()}).bytes(), name.fill().begin());

  const std::scoped_lock lock(mutex_);
  while (!by_age_.empty() && by_age_.front().forget_at < now) {
    forget_oldest();
  }
  if (names_.contains(name)) return fail(Code::forged, "this request was sent before");
  std::size_t& of_this_key = count_of_[key];
  if (by_age_.size() >= count_max_ || of_this_key >= one_key_max_) {
    if (of_this_key == 0) count_of_.erase(key);
    return fail(Code::unavailable, "too many requests in the last minutes");
  }
  ++of_this_key;
  names_.insert(name);
  using std::chrono_literals::operator""s;
  by_age_.push_back({now + 2 * window_ + 1s, name, key});  // `created` is in whole seconds
  return {};
}

void NonceMemory::forget_oldest() {
  const Entry& oldest = by_age_.front();
  names_.erase(oldest.name);
  const auto count = count_of_.find(oldest.key);
  if (--count->second == 0) count_of_.erase(count);
  by_age_.pop_front();
}

}  // namespace amanat::api
