#include "amanat/match/screen.h"

#if defined(__x86_64__)
#include <immintrin.h>

namespace amanat::match {
namespace {

// Sixteen samples at a time. The position of each lane is kept beside, so that those that pass are
// written together.
__attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,popcnt"))) std::size_t screen_sixteen(
    const Screen& screen, const std::uint8_t* text, std::size_t count, std::uint32_t* candidates) {
  const __m512i low_factor = _mm512_set1_epi32(static_cast<int>(kScreenLow));
  const __m512i high_factor = _mm512_set1_epi32(static_cast<int>(kScreenHigh));
  const __m512i mix_factor = _mm512_set1_epi32(static_cast<int>(kScreenMix));
  const __m512i high_mask = _mm512_set1_epi32(static_cast<int>(screen.high_mask));
  const __m512i seed = _mm512_set1_epi32(static_cast<int>(screen.seed));
  const __m512i one = _mm512_set1_epi32(1);
  const __m128i shift = _mm_cvtsi32_si128(static_cast<int>(screen.shift));
  const __m512i lanes =
      _mm512_setr_epi32(0, 4, 8, 12, 16, 20, 24, 28, 32, 36, 40, 44, 48, 52, 56, 60);
  const std::uint8_t* filter = screen.filter;
  const std::size_t stride = screen.stride;
  std::size_t found = 0;
  for (std::size_t block = 0; block < count; block += 64) {
    for (std::size_t at = block; at < block + 4; at += stride) {
      const __m512i low = _mm512_loadu_si512(text + at);
      const __m512i high = _mm512_and_si512(_mm512_loadu_si512(text + at + 4), high_mask);
      __m512i hash = _mm512_add_epi32(_mm512_add_epi32(_mm512_mullo_epi32(low, low_factor), seed),
                                      _mm512_mullo_epi32(high, high_factor));
      hash = _mm512_xor_si512(hash, _mm512_srli_epi32(hash, kScreenFold));
      hash = _mm512_mullo_epi32(hash, mix_factor);
      const __m512i word = _mm512_i32gather_epi32(_mm512_srl_epi32(hash, shift), filter, 4);
      const __m512i mask = _mm512_or_si512(_mm512_rolv_epi32(one, hash),
                                           _mm512_rolv_epi32(one, _mm512_srli_epi32(hash, 5)));
      const __mmask16 passes = _mm512_testn_epi32_mask(_mm512_andnot_si512(word, mask), mask);
      const __m512i positions = _mm512_add_epi32(lanes, _mm512_set1_epi32(static_cast<int>(at)));
      _mm512_storeu_si512(candidates + found, _mm512_maskz_compress_epi32(passes, positions));
      found += static_cast<std::size_t>(__builtin_popcount(passes));
    }
  }
  return found;
}

}  // namespace

ScreenFunction screen_avx512() {
  const bool runs = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw")
                    && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl")
                    && __builtin_cpu_supports("popcnt");
  return runs ? screen_sixteen : nullptr;
}

}  // namespace amanat::match
#else
namespace amanat::match {
ScreenFunction screen_avx512() { return nullptr; }
}  // namespace amanat::match
#endif
