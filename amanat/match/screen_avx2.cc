#include "amanat/match/screen.h"

#if defined(__x86_64__)
#include <immintrin.h>

namespace amanat::match {
namespace {

// Eight samples at a time.
__attribute__((target("avx2"))) std::size_t screen_eight(const Screen& screen,
                                                         const std::uint8_t* text,
                                                         std::size_t count,
                                                         std::uint32_t* candidates) {
  const __m256i low_factor = _mm256_set1_epi32(static_cast<int>(kScreenLow));
  const __m256i high_factor = _mm256_set1_epi32(static_cast<int>(kScreenHigh));
  const __m256i mix_factor = _mm256_set1_epi32(static_cast<int>(kScreenMix));
  const __m256i high_mask = _mm256_set1_epi32(static_cast<int>(screen.high_mask));
  const __m256i seed = _mm256_set1_epi32(static_cast<int>(screen.seed));
  const __m256i one = _mm256_set1_epi32(1);
  const __m256i five_bits = _mm256_set1_epi32(31);
  const __m128i shift = _mm_cvtsi32_si128(static_cast<int>(screen.shift));
  const auto* filter = reinterpret_cast<const int*>(screen.filter);
  const std::size_t stride = screen.stride;
  std::size_t found = 0;
  for (std::size_t block = 0; block < count; block += 32) {
    for (std::size_t at = block; at < block + 4; at += stride) {
      const auto* here = reinterpret_cast<const __m256i_u*>(text + at);
      const auto* ahead = reinterpret_cast<const __m256i_u*>(text + at + 4);
      const __m256i low = _mm256_loadu_si256(here);
      const __m256i high = _mm256_and_si256(_mm256_loadu_si256(ahead), high_mask);
      __m256i hash = _mm256_add_epi32(_mm256_add_epi32(_mm256_mullo_epi32(low, low_factor), seed),
                                      _mm256_mullo_epi32(high, high_factor));
      hash = _mm256_xor_si256(hash, _mm256_srli_epi32(hash, kScreenFold));
      hash = _mm256_mullo_epi32(hash, mix_factor);
      const __m256i word = _mm256_i32gather_epi32(filter, _mm256_srl_epi32(hash, shift), 4);
      const __m256i first = _mm256_and_si256(hash, five_bits);
      const __m256i second = _mm256_and_si256(_mm256_srli_epi32(hash, 5), five_bits);
      const __m256i mask =
          _mm256_or_si256(_mm256_sllv_epi32(one, first), _mm256_sllv_epi32(one, second));
      const __m256i missing = _mm256_andnot_si256(word, mask);
      const __m256i passes = _mm256_cmpeq_epi32(missing, _mm256_setzero_si256());
      auto bits = static_cast<unsigned>(_mm256_movemask_ps(_mm256_castsi256_ps(passes)));
      for (; bits != 0; bits &= bits - 1) {
        candidates[found++] =
            static_cast<std::uint32_t>(at) + 4 * static_cast<std::uint32_t>(__builtin_ctz(bits));
      }
    }
  }
  return found;
}

}  // namespace

ScreenFunction screen_avx2() { return __builtin_cpu_supports("avx2") ? screen_eight : nullptr; }

}  // namespace amanat::match
#else
namespace amanat::match {
ScreenFunction screen_avx2() { return nullptr; }
}  // namespace amanat::match
#endif
