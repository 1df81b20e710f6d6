#include "amanat/match/few.h"

#if defined(__x86_64__)
#include <immintrin.h>

namespace amanat::match {
namespace {

__attribute__((target("avx2"))) std::size_t screen_thirty_two(const Screen& screen,
                                                              const std::uint8_t* text,
                                                              std::size_t count,
                                                              std::uint32_t* candidates) {
  __m256i low[kFewColumns];
  __m256i high[kFewColumns];
  for (std::size_t i = 0; i < kFewColumns; ++i) {
    const auto* table = reinterpret_cast<const __m128i*>(screen.filter + 32 * i);
    low[i] = _mm256_broadcastsi128_si256(_mm_loadu_si128(table));
    high[i] = _mm256_broadcastsi128_si256(_mm_loadu_si128(table + 1));
  }
  const __m256i half = _mm256_set1_epi8(15);
  std::size_t found = 0;
  for (std::size_t at = 0; at < count; at += 32) {
    __m256i buckets = _mm256_set1_epi8(-1);
    for (std::size_t i = 0; i < kFewColumns; ++i) {
      const __m256i bytes = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(text + at + i));
      const __m256i upper = _mm256_and_si256(_mm256_srli_epi16(bytes, 4), half);
      const __m256i by_low = _mm256_shuffle_epi8(low[i], _mm256_and_si256(bytes, half));
      const __m256i by_high = _mm256_shuffle_epi8(high[i], upper);
      buckets = _mm256_and_si256(buckets, _mm256_and_si256(by_low, by_high));
    }
    const __m256i none = _mm256_cmpeq_epi8(buckets, _mm256_setzero_si256());
    auto passes = ~static_cast<unsigned>(_mm256_movemask_epi8(none));
    for (; passes != 0; passes &= passes - 1) {
      candidates[found++] =
          static_cast<std::uint32_t>(at) + static_cast<std::uint32_t>(__builtin_ctz(passes));
    }
  }
  return found;
}

}  // namespace

ScreenFunction screen_few_avx2() { return screen_avx2() != nullptr ? screen_thirty_two : nullptr; }

}  // namespace amanat::match
#else
namespace amanat::match {
ScreenFunction screen_few_avx2() { return nullptr; }
}  // namespace amanat::match
#endif
