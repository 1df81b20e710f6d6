#include "amanat/unpack/text.h"

#include <array>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace amanat::unpack {
namespace {

constexpr std::uint8_t kVanishes = 0;

// What becomes of each byte: itself, its small letter, a space, or nothing.
constexpr std::array<std::uint8_t, 256> kNormal = [] {
  std::array<std::uint8_t, 256> normal{};
  for (std::size_t c = 0x21; c < 0x80; ++c) normal[c] = static_cast<std::uint8_t>(c);
  for (std::size_t c = 'A'; c <= 'Z'; ++c) normal[c] = static_cast<std::uint8_t>(c + 0x20);
  for (std::size_t c = '\t'; c <= '\r'; ++c) normal[c] = ' ';
  normal[' '] = ' ';
  return normal;
}();

// Every byte is written and the place moves on or not: no branches, so that real text, which has a
// space every five letters, does not wait for wrong guesses. `last` is the last byte that stayed.
std::size_t normalise_plain(ByteView text, std::uint8_t* out, std::uint8_t& last) {
  std::size_t size = 0;
  std::uint8_t before = last;
  for (const std::uint8_t byte : text) {
    const std::uint8_t normal = kNormal[byte];
    out[size] = normal;
    const bool vanishes = normal == kVanishes;
    const bool repeats = normal == ' ' && before == ' ';
    size += static_cast<std::size_t>(!vanishes && !repeats);
    before = vanishes ? before : normal;
  }
  last = before;
  return size;
}

#if defined(__x86_64__)
// 64 bytes at a time. Bit i of a mask speaks of byte i. Of the bytes that stay or are spaces, drawn
// together so that what vanishes is out of the way, a space behind a space goes.
__attribute__((target("avx512f,avx512bw,avx512vl,avx512vbmi2,bmi2,popcnt"))) std::size_t
normalise_64(ByteView text, std::uint8_t* out, std::uint8_t& last) {
  const auto set = [](int value) __attribute__((target("avx512f,avx512bw"))) {
    return _mm512_set1_epi8(static_cast<char>(value));
  };
  const __m512i space = set(' ');
  std::size_t size = 0;
  std::uint64_t after_space = last == ' ' ? 1 : 0;
  std::size_t at = 0;
  for (; text.size() - at >= 64; at += 64) {
    const __m512i bytes = _mm512_loadu_si512(text.data() + at);
    const std::uint64_t white = _mm512_cmpeq_epi8_mask(bytes, space)
                                | _mm512_cmple_epu8_mask(_mm512_sub_epi8(bytes, set('\t')), set(4));
    const std::uint64_t graph =
        _mm512_cmple_epu8_mask(_mm512_sub_epi8(bytes, set(0x21)), set(0x7f - 0x21));
    const std::uint64_t stays = white | graph;
    const int count = __builtin_popcountll(stays);
    if (count == 0) continue;
    const std::uint64_t spaces = _pext_u64(white, stays);
    const std::uint64_t repeats = spaces & (spaces << 1 | after_space);
    after_space = spaces >> (count - 1) & 1;
    const std::uint64_t kept = stays & ~_pdep_u64(repeats, stays);
    const __mmask64 capital = _mm512_cmple_epu8_mask(_mm512_sub_epi8(bytes, set('A')), set(25));
    __m512i normal = _mm512_mask_add_epi8(bytes, capital, bytes, space);
    normal = _mm512_mask_mov_epi8(normal, white, space);
    _mm512_storeu_si512(out + size, _mm512_maskz_compress_epi8(kept, normal));
    size += static_cast<std::size_t>(__builtin_popcountll(kept));
  }
  last = after_space != 0 ? ' ' : kVanishes;
  return size + normalise_plain(text.subspan(at), out + size, last);
}

bool can_compress_64() {
  return __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl")
         && __builtin_cpu_supports("avx512vbmi2") && __builtin_cpu_supports("bmi2");
}
#else
constexpr auto normalise_64 = normalise_plain;
bool can_compress_64() { return false; }
#endif

constexpr std::size_t kNormaliseRoom = 64;  // behind the normal form

std::size_t normalise(ByteView text, std::uint8_t* out, std::uint8_t& last) {
  static const bool can_64 = can_compress_64();
  return can_64 ? normalise_64(text, out, last) : normalise_plain(text, out, last);
}

}  // namespace

ByteView TextNormaliser::feed(ByteView piece) {
  const std::size_t needed = piece.size() + kNormaliseRoom;
  if (needed > capacity_) {
    capacity_ = needed + needed / 2;
    memory_ = std::make_unique_for_overwrite<std::uint8_t[]>(capacity_);
  }
  return {memory_.get(), normalise(piece, memory_.get(), last_)};
}

ByteView TextNormaliser::whole(ByteView text) {
  last_ = 0;
  return feed(text);
}

Bytes normalise_text(Kind kind, ByteView text) {
  if (text.size() > kTextBytesMax) return {};
  Bytes narrow;
  if (kind == Kind::text_utf16_le || kind == Kind::text_utf16_be) {
    narrow = cut_utf16_to_ascii(text, kind == Kind::text_utf16_be);
    text = narrow;
  }
  TextNormaliser normaliser;
  const ByteView normal = normaliser.whole(text);
  return {normal.begin(), normal.end()};
}

Bytes cut_utf16_to_ascii(ByteView text, bool big_endian) {
  Bytes ascii;
  ascii.reserve(text.size() / 2);
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
    const std::uint8_t high = text[big_endian ? i : i + 1];
    const std::uint8_t low = text[big_endian ? i + 1 : i];
    if (high == 0 && low < 0x80) ascii.push_back(low);
  }
  return ascii;
}

}  // namespace amanat::unpack
