#include "amanat/unpack/pdf_filters.h"

#include <algorithm>
#include <array>
#include <cstdlib>

#include "amanat/unpack/bits.h"
#include "amanat/unpack/inflate.h"
#include "amanat/unpack/transfer.h"

namespace amanat::unpack {
namespace {

End decode_hexadecimal(ByteView packed, Output& output) {
  std::uint8_t high = 16;
  for (const char c : as_text(packed)) {
    if (c == '>') break;
    const std::uint8_t digit = hex_digit(c);
    if (digit == 16) continue;
    if (high == 16) {
      high = digit;
      continue;
    }
    if (!output.add(static_cast<std::uint8_t>(high << 4 | digit))) return End::over_budget;
    high = 16;
  }
  if (high < 16 && !output.add(static_cast<std::uint8_t>(high << 4))) return End::over_budget;
  return End::whole;
}

// Five digits to the base of 85 make four bytes; `z` is four zeros; n digits at the end make n - 1.
End decode_ascii85(ByteView packed, Output& output) {
  std::uint32_t group = 0;
  unsigned have = 0;
  const auto put = [&](unsigned bytes) {
    for (unsigned i = 0; i < bytes; ++i) {
      if (!output.add(static_cast<std::uint8_t>(group >> (24 - 8 * i) & 0xff))) return false;
    }
    group = 0;
    have = 0;
    return true;
  };
  for (const char c : as_text(packed)) {
    if (c == '~') break;
    if (c == 'z' && have == 0) {
      if (!output.add_zeros(4)) return End::over_budget;
      continue;
    }
    if (c < '!' || c > 'u') continue;
    group = group * 85 + static_cast<std::uint32_t>(c - '!');
    if (++have == 5 && !put(4)) return End::over_budget;
  }
  if (have < 2) return End::whole;
  const unsigned bytes = have - 1;
  for (; have < 5; ++have) group = group * 85 + 84;
  return put(bytes) ? End::whole : End::over_budget;
}

End decode_runs(ByteView packed, Output& output) {
  constexpr std::uint8_t kEnd = 128;
  for (std::size_t at = 0; at < packed.size();) {
    const std::uint8_t length = packed[at++];
    if (length == kEnd) return End::whole;
    if (length < kEnd) {
      const std::size_t count = std::min<std::size_t>(length + 1U, packed.size() - at);
      if (!output.add(packed.subspan(at, count))) return End::over_budget;
      at += count;
    } else if (at < packed.size()) {
      const std::array<std::uint8_t, 1> byte{packed[at++]};
      for (int i = 0; i < 257 - length; ++i) {
        if (!output.add(byte)) return End::over_budget;
      }
    }
  }
  return End::whole;
}

// Each code stands for bytes seen before and one more: where they lie in the output is all that
// needs to be kept.
End decode_lzw(ByteView packed, bool early_change, Output& output) {
  constexpr std::uint32_t kClear = 256;
  constexpr std::uint32_t kEnd = 257;
  constexpr std::uint32_t kFirst = 258;
  constexpr std::uint32_t kCodesMax = 4096;
  struct Run {
    std::size_t at = 0;
    std::size_t size = 0;
  };
  std::array<Run, kCodesMax> runs{};
  std::uint32_t next = kFirst;
  Run last;
  HighBits bits(packed);
  while (true) {
    const std::uint32_t seen = next + (early_change ? 1 : 0);
    const unsigned width = seen < 512 ? 9 : seen < 1024 ? 10 : seen < 2048 ? 11 : 12;
    if (bits.bits_left() < width) return End::whole;
    const std::uint32_t code = bits.read(width);
    if (code == kEnd) return End::whole;
    if (code == kClear) {
      next = kFirst;
      last = {};
      continue;
    }
    const Run now{.at = output.size(), .size = code < kClear ? 1 : runs[code].size};
    if (code < kClear) {
      if (!output.add(static_cast<std::uint8_t>(code))) return End::over_budget;
    }
    // The bytes of the last code and the first one of this are a new code, which may be this one.
    if (last.size > 0 && next < kCodesMax) runs[next++] = {.at = last.at, .size = last.size + 1};
    if (code >= kFirst) {
      if (code >= next) return End::damaged;
      const Run run = runs[code];
      if (!output.copy(output.size() - run.at, run.size)) return End::over_budget;
      last = {.at = now.at, .size = run.size};
    } else {
      last = now;
    }
  }
}

std::uint8_t paeth(int left, int up, int corner) {
  const int guess = left + up - corner;
  const int to_left = std::abs(guess - left);
  const int to_up = std::abs(guess - up);
  const int to_corner = std::abs(guess - corner);
  if (to_left <= to_up && to_left <= to_corner) return static_cast<std::uint8_t>(left);
  return static_cast<std::uint8_t>(to_up <= to_corner ? up : corner);
}

// PNG's filters (RFC 2083 §6): each row begins with the number of its own.
End undo_png(const PdfFilter& filter, ByteView rows, Output& output) {
  const std::uint64_t pixel = std::max<std::uint64_t>(filter.colors * filter.bits / 8, 1);
  const std::uint64_t width = (std::uint64_t{filter.colors} * filter.bits * filter.columns + 7) / 8;
  Bytes above(width, 0);
  Bytes row(width, 0);
  for (std::size_t at = 0; at < rows.size(); at += width + 1) {
    const std::uint8_t method = rows[at];
    const ByteView in = rows.subspan(at + 1, std::min(width, rows.size() - at - 1));
    for (std::size_t i = 0; i < in.size(); ++i) {
      const int left = i >= pixel ? row[i - pixel] : 0;
      const int up = above[i];
      const int corner = i >= pixel ? above[i - pixel] : 0;
      const int guess = method == 1   ? left
                        : method == 2 ? up
                        : method == 3 ? (left + up) / 2
                        : method == 4 ? paeth(left, up, corner)
                                      : 0;
      row[i] = static_cast<std::uint8_t>(in[i] + guess);
    }
    if (!output.add(ByteView(row).first(in.size()))) return End::over_budget;
    above.swap(row);
  }
  return End::whole;
}

// TIFF's predictor 2 for whole bytes: each is the difference to the one a pixel before.
End undo_tiff(const PdfFilter& filter, ByteView rows, Output& output) {
  if (filter.bits != 8) return output.add(rows) ? End::whole : End::over_budget;
  const std::uint64_t width = std::uint64_t{filter.colors} * filter.columns;
  for (std::size_t at = 0; at < rows.size(); ++at) {
    const bool has_left = at % width >= filter.colors;
    const std::uint8_t left = has_left ? output.bytes()[at - filter.colors] : 0;
    if (!output.add(static_cast<std::uint8_t>(rows[at] + left))) return End::over_budget;
  }
  return End::whole;
}

End decode(const PdfFilter& filter, ByteView packed, Output& output) {
  const std::string_view name = filter.name;
  if (name == "FlateDecode" || name == "Fl") {
    // Of small streams a few grow much, and what did not fit is done again.
    constexpr std::uint64_t kUsualRatio = 4;
    constexpr std::uint64_t kRatioMax = 32;
    constexpr std::size_t kSmall = 64UL << 10;
    const std::uint64_t ratio = packed.size() <= kSmall ? kRatioMax : kUsualRatio;
    const End end = inflate_into(output, packed, Wrapping::zlib, packed.size() * ratio);
    if (end != End::damaged || output.size() > 0) return end;
    return inflate_into(output, packed, Wrapping::raw, 0);  // readers forgive a missing header
  }
  if (name == "ASCIIHexDecode" || name == "AHx") return decode_hexadecimal(packed, output);
  if (name == "ASCII85Decode" || name == "A85") return decode_ascii85(packed, output);
  if (name == "RunLengthDecode" || name == "RL") return decode_runs(packed, output);
  if (name == "LZWDecode" || name == "LZW") {
    return decode_lzw(packed, filter.early_change, output);
  }
  return End::unsupported;
}

}  // namespace

bool is_pdf_filter(std::string_view name) {
  constexpr auto kNames = std::to_array<std::string_view>(
      {"FlateDecode", "Fl", "ASCIIHexDecode", "AHx", "ASCII85Decode", "A85", "RunLengthDecode",
       "RL", "LZWDecode", "LZW"});
  return std::ranges::find(kNames, name) != kNames.end();
}

End run_pdf_filter(const PdfFilter& filter, ByteView packed, Output& output) {
  constexpr std::uint32_t kColorsMax = 64;
  constexpr std::uint32_t kBitsMax = 16;
  constexpr std::uint32_t kColumnsMax = 1U << 20;
  const bool predicted = filter.predictor > 1 && filter.colors > 0 && filter.colors <= kColorsMax
                         && filter.bits > 0 && filter.bits <= kBitsMax && filter.columns > 0
                         && filter.columns <= kColumnsMax;
  if (!predicted) return decode(filter, packed, output);
  Output rows(output.budget());
  rows.begin(packed.size());
  const End end = decode(filter, packed, rows);
  const End undone = filter.predictor == 2 ? undo_tiff(filter, rows.bytes(), output)
                                           : undo_png(filter, rows.bytes(), output);
  return std::max(end, undone);
}

}  // namespace amanat::unpack
