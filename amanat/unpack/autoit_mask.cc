#include "amanat/unpack/autoit_mask.h"

#include <array>
#include <bit>
#include <random>

namespace amanat::unpack {
namespace {

/// The generator that AutoIt has called LAME.
class TurnedWords {
 public:
  explicit TurnedWords(std::uint32_t seed) {
    constexpr std::uint32_t kFactor = 0x53a9'b4fb;
    constexpr int kWarmUp = 9;
    for (std::uint32_t& word : words_) word = seed = 1 - seed * kFactor;
    for (int i = 0; i < kWarmUp; ++i) next();
  }

  std::uint32_t next() {
    const std::uint32_t word = std::rotl(words_[first_], 9) + std::rotl(words_[second_], 13);
    words_[first_] = word;
    first_ = before(first_);
    second_ = before(second_);
    return word;
  }

 private:
  static constexpr std::size_t kWords = 17;
  static std::size_t before(std::size_t at) { return at == 0 ? kWords - 1 : at - 1; }

  std::array<std::uint32_t, kWords> words_{};
  std::size_t first_ = 0;
  std::size_t second_ = 10;
};

}  // namespace

void mask_ea05(ByteSpan bytes, std::uint32_t seed) {
  std::mt19937 random(seed);
  for (std::uint8_t& byte : bytes) byte ^= static_cast<std::uint8_t>(random() >> 1);
}

void mask_ea06(ByteSpan bytes, std::uint32_t seed) {
  TurnedWords random(seed & 0xffff);
  for (std::uint8_t& byte : bytes) {
    random.next();
    byte ^= static_cast<std::uint8_t>(random.next() >> 24);
  }
}

}  // namespace amanat::unpack
