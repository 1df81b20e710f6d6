#include "amanat/match/screen.h"

#include <cstring>

namespace amanat::match {

std::size_t screen_portable(const Screen& screen, const std::uint8_t* text, std::size_t count,
                            std::uint32_t* candidates) {
  const Screen held = screen;  // so that writing candidates changes nothing, as compilers see it
  std::size_t found = 0;
  for (std::size_t at = 0; at < count; at += held.stride) {
    Gram gram;
    std::memcpy(&gram.low, text + at, 4);
    std::memcpy(&gram.high, text + at + 4, 4);
    gram.high &= held.high_mask;
    const std::uint32_t hash = screen_hash(gram, held.seed);
    std::uint32_t word = 0;
    std::memcpy(&word, held.filter + std::size_t{hash >> held.shift} * 4, 4);
    candidates[found] = static_cast<std::uint32_t>(at);
    found += (screen_mask(hash) & ~word) == 0 ? 1 : 0;
  }
  return found;
}

ScreenFunction screen_for(Simd simd) {
  switch (simd) {
    case Simd::portable: return screen_portable;
    case Simd::avx2: return screen_avx2();
    case Simd::avx512: return screen_avx512();
    case Simd::neon: return screen_neon();
    case Simd::best: break;
  }
  for (const Simd choice : {Simd::avx512, Simd::avx2, Simd::neon}) {
    if (const ScreenFunction function = screen_for(choice)) return function;
  }
  return screen_portable;
}

bool is_available(Simd simd) { return screen_for(simd) != nullptr; }

}  // namespace amanat::match
