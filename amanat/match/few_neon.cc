#include "amanat/match/few.h"

#if defined(__aarch64__)
#include <array>

#include <arm_neon.h>

namespace amanat::match {
namespace {

std::size_t screen_sixteen_at_once(const Screen& screen, const std::uint8_t* text,
                                   std::size_t count, std::uint32_t* candidates) {
  std::array<uint8x16_t, kFewColumns> low;
  std::array<uint8x16_t, kFewColumns> high;
  for (std::size_t i = 0; i < kFewColumns; ++i) {
    low[i] = vld1q_u8(screen.filter + 32 * i);
    high[i] = vld1q_u8(screen.filter + 32 * i + 16);
  }
  const uint8x16_t half = vdupq_n_u8(15);
  std::size_t found = 0;
  for (std::size_t at = 0; at < count; at += 16) {
    uint8x16_t buckets = vdupq_n_u8(0xff);
    for (std::size_t i = 0; i < kFewColumns; ++i) {
      const uint8x16_t bytes = vld1q_u8(text + at + i);
      const uint8x16_t by_low = vqtbl1q_u8(low[i], vandq_u8(bytes, half));
      const uint8x16_t by_high = vqtbl1q_u8(high[i], vshrq_n_u8(bytes, 4));
      buckets = vandq_u8(buckets, vandq_u8(by_low, by_high));
    }
    if (vmaxvq_u8(buckets) == 0) continue;
    std::array<std::uint8_t, 16> of_lane;
    vst1q_u8(of_lane.data(), buckets);
    for (std::uint32_t lane = 0; lane < 16; ++lane) {
      candidates[found] = static_cast<std::uint32_t>(at) + lane;
      found += of_lane[lane] != 0 ? 1 : 0;
    }
  }
  return found;
}

}  // namespace

ScreenFunction screen_few_neon() { return screen_sixteen_at_once; }

}  // namespace amanat::match
#else
namespace amanat::match {
ScreenFunction screen_few_neon() { return nullptr; }
}  // namespace amanat::match
#endif
