#include "amanat/match/few.h"

#if defined(__x86_64__)
#include <immintrin.h>

namespace amanat::match {
namespace {

// The numbers of those that pass are moved together as bytes; most often there are no more than
// sixteen.
__attribute__((target("avx512f,avx512bw,avx512vbmi2,popcnt"))) std::size_t screen_sixty_four(
    const Screen& screen, const std::uint8_t* text, std::size_t count, std::uint32_t* candidates) {
  __m512i low[kFewColumns];
  __m512i high[kFewColumns];
  for (std::size_t i = 0; i < kFewColumns; ++i) {
    const auto* table = reinterpret_cast<const __m128i*>(screen.filter + 32 * i);
    low[i] = _mm512_broadcast_i32x4(_mm_loadu_si128(table));
    high[i] = _mm512_broadcast_i32x4(_mm_loadu_si128(table + 1));
  }
  const __m512i half = _mm512_set1_epi8(15);
  alignas(64) std::uint8_t numbers[64];
  for (std::uint8_t i = 0; i < 64; ++i) numbers[i] = i;
  const __m512i lanes = _mm512_load_si512(numbers);
  std::size_t found = 0;
  for (std::size_t at = 0; at < count; at += 64) {
    __m512i buckets = _mm512_set1_epi8(-1);
    for (std::size_t i = 0; i < kFewColumns; ++i) {
      const __m512i bytes = _mm512_loadu_si512(text + at + i);
      const __m512i upper = _mm512_and_si512(_mm512_srli_epi16(bytes, 4), half);
      const __m512i by_low = _mm512_shuffle_epi8(low[i], _mm512_and_si512(bytes, half));
      const __m512i by_high = _mm512_shuffle_epi8(high[i], upper);
      buckets = _mm512_ternarylogic_epi32(buckets, by_low, by_high, 0x80);  // all three
    }
    const std::uint64_t passes = _mm512_test_epi8_mask(buckets, buckets);
    const __m512i together = _mm512_maskz_compress_epi8(passes, lanes);
    const __m512i base = _mm512_set1_epi32(static_cast<int>(at));
    const __m512i first = _mm512_cvtepu8_epi32(_mm512_castsi512_si128(together));
    _mm512_storeu_si512(candidates + found, _mm512_add_epi32(first, base));
    const auto here = static_cast<std::size_t>(__builtin_popcountll(passes));
    if (here > 16) [[unlikely]] {
      _mm512_store_si512(numbers, together);
      for (std::size_t i = 16; i < here; ++i) {
        candidates[found + i] = static_cast<std::uint32_t>(at) + numbers[i];
      }
    }
    found += here;
  }
  return found;
}

}  // namespace

ScreenFunction screen_few_avx512() {
  if (screen_avx512() == nullptr) return nullptr;
  return __builtin_cpu_supports("avx512vbmi2") ? screen_sixty_four : screen_few_avx2();
}

}  // namespace amanat::match
#else
namespace amanat::match {
ScreenFunction screen_few_avx512() { return nullptr; }
}  // namespace amanat::match
#endif
