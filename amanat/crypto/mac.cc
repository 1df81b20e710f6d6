// HMAC (RFC 2104) and HKDF (RFC 5869), both over this thread's SHA-256 lane: HKDF is nothing but a
// chain of HMACs.

#include <algorithm>

#include "amanat/crypto/crypto.h"
#include "amanat/crypto/lane.h"

namespace amanat::crypto {
namespace {

constexpr std::size_t kBlockBytes = 64;
constexpr std::size_t kHkdfBlocksMax = 255;

// One HMAC: the lane hashes the inner message while it comes, then the outer one.
class Hmac {
 public:
  explicit Hmac(ByteView key) {
    if (key.size() > kBlockBytes) {
      lane_.update(key);
      lane_.finish(ByteSpan(pad_).first(Hash::kSize));
    } else {
      std::ranges::copy(key, pad_.begin());
    }
    start(0x36);
  }
  Hmac(const Hmac&) = delete;
  Hmac& operator=(const Hmac&) = delete;
  ~Hmac() { wipe(pad_); }

  void update(ByteView bytes) { lane_.update(bytes); }

  void finish(ByteSpan mac) {
    lane_.finish(mac);
    start(0x36 ^ 0x5c);  // turns the inner pad into the outer one
    lane_.update(mac);
    lane_.finish(mac);
  }

 private:
  void start(std::uint8_t mask) {
    for (std::uint8_t& byte : pad_) byte ^= mask;
    lane_.update(pad_);
  }

  Sha256Lane& lane_ = lane();
  std::array<std::uint8_t, kBlockBytes> pad_{};
};

}  // namespace

Hash hmac_sha256(ByteView key, std::initializer_list<ByteView> parts) {
  Hmac hmac(key);
  for (const ByteView part : parts) hmac.update(part);
  Hash mac;
  hmac.finish(mac.fill());
  return mac;
}

void hkdf(ByteView input_key, ByteView salt, std::initializer_list<ByteView> info, ByteSpan out) {
  // An empty salt stands for zeros, and HMAC pads its key with zeros: nothing to do for it.
  Hmac extract(salt);
  extract.update(input_key);
  MacKey key;
  extract.finish(key.expose());
  hkdf_expand(key.expose(), info, out);
}

void hkdf_expand(ByteView key, std::initializer_list<ByteView> info, ByteSpan out) {
  ensure(!out.empty() && out.size() <= kHkdfBlocksMax * Hash::kSize,
         "HKDF yields from 1 to 8,160 bytes");
  MacKey block;
  std::uint8_t counter = 0;
  for (std::size_t done = 0; done < out.size(); done += Hash::kSize) {
    Hmac hmac(key);
    if (counter > 0) hmac.update(block.expose());
    for (const ByteView part : info) hmac.update(part);
    ++counter;
    hmac.update({&counter, 1});
    hmac.finish(block.expose());
    const std::size_t count = std::min(Hash::kSize, out.size() - done);
    std::ranges::copy(ByteView(block.expose()).first(count),
                      out.begin() + static_cast<std::ptrdiff_t>(done));
  }
}

}  // namespace amanat::crypto
