// Objects that lie in other bytes as they are: programs in programs, archives behind the program
// that unpacks them, documents in files of unknown kinds.

#include <algorithm>
#include <array>
#include <optional>

#include "amanat/unpack/autoit.h"
#include "amanat/unpack/installer.h"
#include "amanat/unpack/little.h"
#include "amanat/unpack/unpackers.h"
#include "amanat/unpack/upx.h"

namespace amanat::unpack {
namespace {
using namespace std::string_view_literals;

constexpr std::size_t kEmbeddedMax = 256;

// Where a program for Windows ends, by its sections; nothing when this is no such program. What is
// behind the last section (the signature, the data of an installer) belongs to whatever holds it.
// Windows rounds the place of a section down to 512.
std::optional<std::uint64_t> size_of_pe(ByteView bytes) {
  constexpr std::size_t kHeaderBytes = 24;
  constexpr std::size_t kSectionBytes = 40;
  constexpr std::uint32_t kSectionsMax = 96;
  const std::uint32_t at = little32(bytes, 0x3c);
  if (!is_at(bytes, at, "PE\0\0"sv) || !has(bytes, at, kHeaderBytes)) return std::nullopt;
  const std::uint32_t sections = little16(bytes, at + 6);
  const std::uint64_t table = at + kHeaderBytes + std::uint64_t{little16(bytes, at + 20)};
  if (sections == 0 || sections > kSectionsMax) return std::nullopt;
  std::uint64_t end = table + std::uint64_t{sections} * kSectionBytes;
  if (!has(bytes, 0, end)) return std::nullopt;
  for (std::uint32_t i = 0; i < sections; ++i) {
    const std::uint64_t section = table + std::uint64_t{i} * kSectionBytes;
    const std::uint64_t size = little32(bytes, section + 16);
    const std::uint64_t at_512 = little32(bytes, section + 20) & ~std::uint64_t{511};
    if (size > 0) end = std::max(end, size + at_512);
  }
  return std::min<std::uint64_t>(end, bytes.size());
}

std::optional<std::uint64_t> size_of_cab(ByteView bytes) {
  constexpr std::uint64_t kCabBytesMin = 36;
  const std::uint64_t size = little32(bytes, 8);
  if (size < kCabBytesMin || !has(bytes, 0, size) || little32(bytes, 4) != 0) return std::nullopt;
  return size;
}

std::optional<std::uint64_t> size_of_rest(ByteView bytes) { return bytes.size(); }

std::optional<std::uint64_t> size_of_zip(ByteView bytes) {
  constexpr std::uint16_t kVersionMax = 100;
  if (little16(bytes, 4) > kVersionMax) return std::nullopt;
  return bytes.size();
}

/// How something in the middle of other bytes is told.
struct Sign {
  std::string_view magic;
  Kind kind = Kind::unknown;
  std::optional<std::uint64_t> (*size)(ByteView bytes) = size_of_rest;
  bool once = false;          // the first one holds all the others
  std::string_view behind{};  // what must stand somewhere behind it
};
constexpr auto kSigns = std::to_array<Sign>({
    {.magic = "MZ"sv, .kind = Kind::pe, .size = size_of_pe},
    {.magic = "PK\3\4"sv,
     .kind = Kind::zip,
     .size = size_of_zip,
     .once = true,
     .behind = "PK\5\6"sv},
    {.magic = "MSCF\0\0\0\0"sv, .kind = Kind::cab, .size = size_of_cab},
    {.magic = "Rar!\x1a\7"sv, .kind = Kind::rar, .once = true},
    {.magic = "7z\xbc\xaf\x27\x1c"sv, .kind = Kind::seven_zip, .once = true},
    {.magic = "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"sv, .kind = Kind::ole2},
    {.magic = "%PDF-1."sv, .kind = Kind::pdf, .once = true},
});

/// Where words last begin, anywhere when there are none; 0 when they do not.
std::size_t last_place_of(std::string_view words, ByteView bytes) {
  const std::size_t place = as_text(bytes).rfind(words);
  return place == std::string_view::npos ? 0 : place;
}

}  // namespace

void unpack_embedded(ByteView object, Walk& walk) {
  unpack_autoit(object, walk);
  std::size_t found = 0;
  for (const Sign& sign : kSigns) {
    std::optional<std::size_t> last;
    for (auto at = find(object, sign.magic, 1); at; at = find(object, sign.magic, *at + 1)) {
      // Looked for once: from each magic on, it would be looked for in the whole rest.
      if (!last) last = last_place_of(sign.behind, object);
      if (*at > *last) break;
      const auto size = sign.size(object.subspan(*at));
      if (!size) continue;
      if (++found > kEmbeddedMax) {
        walk.budget.reach(Limit::entries);
        return walk.outcome.note(End::over_budget, "too many objects lie in this one");
      }
      const Entry entry{
          .packed_size = *size, .size = *size, .position = *at, .hidden = true, .kind = sign.kind};
      if (!walk.goes_on() || !walk.give(entry, End::whole, object.subspan(*at, *size))) return;
      if (sign.once) break;
    }
  }
}

void unpack_program(ByteView object, Walk& walk) {
  if (is_at(object, 0, "MZ")) {
    if (const auto end = size_of_pe(object)) unpack_installer(object, *end, walk);
    // What a stub leaves is a program, which more signatures know than bytes; but it takes a tenth
    // of a second for each 100 KiB, and UPX is used for large programs.
    constexpr std::size_t kStubFirstBytes = 512UL << 10;
    const bool is_small = object.size() <= kStubFirstBytes;
    if (!walk.goes_on()) return;
    if (is_small && !unpack_packed(object, walk)) unpack_upx(object, walk);
    if (!is_small && !unpack_upx(object, walk)) unpack_packed(object, walk);
  }
  if (walk.goes_on()) unpack_embedded(object, walk);
}

}  // namespace amanat::unpack
