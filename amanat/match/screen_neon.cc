#include "amanat/match/screen.h"

#if defined(__aarch64__)
#include <array>
#include <cstring>

#include <arm_neon.h>

namespace amanat::match {
namespace {

// Four hashes at a time; the filter's words are read one by one, since NEON does not gather.
std::size_t screen_four(const Screen& screen, const std::uint8_t* text, std::size_t count,
                        std::uint32_t* candidates) {
  const std::uint8_t* filter = screen.filter;
  const std::uint32_t shift = screen.shift;
  const std::size_t stride = screen.stride;
  const uint32x4_t seed = vdupq_n_u32(screen.seed);
  const uint32x4_t high_mask = vdupq_n_u32(screen.high_mask);
  std::size_t found = 0;
  for (std::size_t block = 0; block < count; block += 16) {
    for (std::size_t at = block; at < block + 4; at += stride) {
      const uint32x4_t low = vreinterpretq_u32_u8(vld1q_u8(text + at));
      const uint32x4_t high = vandq_u32(vreinterpretq_u32_u8(vld1q_u8(text + at + 4)), high_mask);
      uint32x4_t hash = vmlaq_n_u32(seed, low, kScreenLow);
      hash = vmlaq_n_u32(hash, high, kScreenHigh);
      hash = veorq_u32(hash, vshrq_n_u32(hash, kScreenFold));
      std::array<std::uint32_t, 4> hashes;
      vst1q_u32(hashes.data(), vmulq_n_u32(hash, kScreenMix));
      for (std::uint32_t lane = 0; lane < 4; ++lane) {
        std::uint32_t word = 0;
        std::memcpy(&word, filter + std::size_t{hashes[lane] >> shift} * 4, 4);
        candidates[found] = static_cast<std::uint32_t>(at) + 4 * lane;
        found += (screen_mask(hashes[lane]) & ~word) == 0 ? 1 : 0;
      }
    }
  }
  return found;
}

}  // namespace

ScreenFunction screen_neon() { return screen_four; }

}  // namespace amanat::match
#else
namespace amanat::match {
ScreenFunction screen_neon() { return nullptr; }
}  // namespace amanat::match
#endif
