#include "amanat/unpack/upx.h"

#include <array>
#include <optional>

#include "amanat/unpack/little.h"

namespace amanat::unpack {
namespace {

// Bits from the high end of 32-bit words, low byte first; bytes stand between the words as they are
// needed (the "le32" of the UCL library).
class UclBits {
 public:
  explicit UclBits(ByteView bytes) : bytes_(bytes) {}

  std::uint32_t bit() {
    if (left_ == 0) {
      if (!has(bytes_, at_, 4)) {
        is_over_ = true;
        return 0;
      }
      word_ = little32(bytes_, at_);
      at_ += 4;
      left_ = 32;
    }
    return word_ >> --left_ & 1;
  }
  std::uint8_t byte() {
    if (at_ >= bytes_.size()) {
      is_over_ = true;
      return 0;
    }
    return bytes_[at_++];
  }
  bool is_over() const { return is_over_; }

 private:
  ByteView bytes_;
  std::size_t at_ = 0;
  std::uint32_t word_ = 0;
  unsigned left_ = 0;
  bool is_over_ = false;
};

enum class Method : std::uint8_t { nrv2b, nrv2d, nrv2e };

/// What the three methods have in common: how a distance and a length are written.
struct Nrv {
  Method method;
  std::uint32_t far;  // beyond this distance a match is one longer

  std::uint32_t distance_prefix(UclBits& bits) const {
    std::uint32_t prefix = 1;
    while (!bits.is_over()) {
      prefix = prefix * 2 + bits.bit();
      if (bits.bit() == 1 || prefix > 0x0100'0000) return prefix;
      if (method != Method::nrv2b) prefix = (prefix - 1) * 2 + bits.bit();
    }
    return prefix;
  }
};

std::uint32_t read_length_tail(UclBits& bits) {
  std::uint32_t length = 1;
  do {
    length = length * 2 + bits.bit();
  } while (!bits.is_over() && length < 0x0100'0000 && bits.bit() == 0);
  return length;
}

End unpack_nrv(ByteView packed, const Nrv& nrv, Output& output) {
  constexpr std::uint32_t kEndMark = 0xffff'ffff;
  UclBits bits(packed);
  std::uint32_t last = 1;
  while (!bits.is_over()) {
    if (bits.bit() == 1) {
      if (!output.add(bits.byte())) return End::over_budget;
      continue;
    }
    const std::uint32_t prefix = nrv.distance_prefix(bits);
    std::uint32_t distance = last;
    std::uint32_t low = 0;
    const bool is_new = prefix != 2;
    if (is_new) {
      distance = (prefix - 3) * 256 + bits.byte();
      if (distance == kEndMark) return End::whole;
      if (nrv.method != Method::nrv2b) {
        low = ~distance & 1;
        distance >>= 1;
      }
      last = ++distance;
    } else if (nrv.method != Method::nrv2b) {
      low = bits.bit();
    }
    std::uint32_t length = 0;
    switch (nrv.method) {
      case Method::nrv2b:
      case Method::nrv2d:
        length = nrv.method == Method::nrv2b ? bits.bit() : low;
        length = length * 2 + bits.bit();
        if (length == 0) length = read_length_tail(bits) + 2;
        ++length;
        break;
      case Method::nrv2e:
        if (low == 1) {
          length = 1 + bits.bit();
        } else if (bits.bit() == 1) {
          length = 3 + bits.bit();
        } else {
          length = read_length_tail(bits) + 3;
        }
        ++length;
        break;
    }
    if (distance > nrv.far) ++length;
    if (!output.copy(distance, length)) {
      return output.room() == 0 ? End::over_budget : End::damaged;
    }
  }
  return End::damaged;
}

/// Where the packed bytes lie.
struct Packed {
  ByteView bytes;
  std::uint64_t size_max = 0;  // in memory
};

// Two sections: an empty one that is filled, and the packed one, with the code that fills.
std::optional<Packed> find_packed(ByteView object) {
  constexpr std::size_t kSectionBytes = 40;
  const std::uint32_t pe = little32(object, 0x3c);
  const std::uint64_t table = pe + 24ULL + little16(object, pe + 20);
  if (little16(object, pe + 6) < 2 || !has(object, table, 2 * kSectionBytes)) return std::nullopt;
  const std::uint64_t first = table;
  const std::uint64_t second = table + kSectionBytes;
  if (little32(object, first + 16) != 0 || little32(object, second + 16) == 0) return std::nullopt;
  const ByteView section =
      part(object, little32(object, second + 20), little32(object, second + 16));
  const std::uint64_t start = little32(object, second + 12);
  const std::uint32_t entry = little32(object, pe + 40);
  if (entry < start || entry - start >= section.size()) return std::nullopt;
  // pusha; mov esi, address of the packed bytes
  const ByteView code = section.subspan(entry - start);
  const std::uint64_t base = little32(object, pe + 52);
  std::uint64_t from = 0;
  if (is_at(code, 0, "\x60\xbe")) {
    const std::uint64_t address = little32(code, 2);
    if (address >= base + start) from = address - base - start;
  }
  return Packed{
      .bytes = part(section, from),
      .size_max = little32(object, first + 8) + std::uint64_t{little32(object, second + 8)}};
}

}  // namespace

bool unpack_upx(ByteView object, Walk& walk) {
  const auto packed = find_packed(object);
  if (!packed || packed->bytes.empty()) return false;
  constexpr auto kMethods = std::to_array<Nrv>({{.method = Method::nrv2b, .far = 0xd00},
                                                {.method = Method::nrv2d, .far = 0x500},
                                                {.method = Method::nrv2e, .far = 0x500}});
  Output output(walk.budget);
  for (const Nrv& nrv : kMethods) {
    output.begin(packed->bytes.size());
    const End end = unpack_nrv(packed->bytes, nrv, output);
    // The wrong method soon breaks, or never meets its end mark.
    if (end != End::whole || output.size() > packed->size_max || output.size() == 0) continue;
    walk.give({.name = "unpacked",
               .packed_size = packed->bytes.size(),
               .size = output.size(),
               .kind = Kind::unknown},
              end, output);
    return true;
  }
  return false;
}

}  // namespace amanat::unpack
