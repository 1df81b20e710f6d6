#include "amanat/unpack/installshield.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <vector>

#include "amanat/unpack/inflate.h"
#include "amanat/unpack/little.h"
#include "amanat/unpack/shield_cabinet.h"

namespace amanat::unpack {
namespace {
using namespace std::string_view_literals;

constexpr std::size_t kFilesMax = 16'384;

// InstallShield's "InstallShield\0": a count, then for each file 260 bytes of name, numbers of
// which the third is the packed size, and the file: deflated, its nibbles swapped, and masked with
// the name.
constexpr std::size_t kShieldHeadBytes = 0x2e;
constexpr std::size_t kShieldNameBytes = 0x104;

// The words alone stand in programs too: the numbers of the first file tell.
std::optional<std::size_t> find_installshield_packed(ByteView bytes) {
  constexpr std::string_view kMark = "InstallShield\0"sv;
  constexpr std::size_t kNumbersAt = kShieldHeadBytes + kShieldNameBytes;
  for (auto at = find(bytes, kMark); at; at = find(bytes, kMark, *at + 1)) {
    if (is_at(bytes, *at + kNumbersAt, "\6\0\0\0\0\0\0\0"sv)
        && is_at(bytes, *at + kNumbersAt + 16, "\0\0\0\0\1"sv)) {
      return at;
    }
  }
  return std::nullopt;
}

void unpack_installshield_packed(ByteView object, std::size_t at, Walk& walk) {
  constexpr std::size_t kFileBytes = kShieldNameBytes + 0x34;
  constexpr std::size_t kMaskPeriod = 1024;
  constexpr auto kMask = std::to_array<std::uint8_t>({0xec, 0xca, 0x79, 0xf8});
  const std::size_t count = little16(object, at + 14);
  at += kShieldHeadBytes;
  Output output(walk.budget);
  for (std::size_t i = 0; i < count && has(object, at, kFileBytes) && walk.goes_on(); ++i) {
    const std::string_view field = as_text(object.subspan(at, kShieldNameBytes));
    const std::string name(field.substr(0, field.find('\0')));
    const std::uint64_t size = little64(object, at + kShieldNameBytes + 8);
    const ByteView packed = part(object, at + kFileBytes, size);
    Entry entry{.name = name, .packed_size = size, .position = at + kFileBytes};
    at += kFileBytes + std::min<std::uint64_t>(size, object.size());
    if (name.empty() || packed.empty()) continue;
    Bytes plain(packed.begin(), packed.end());
    for (std::size_t n = 0; n < plain.size(); ++n) {
      const std::size_t place = n % kMaskPeriod % name.size();
      const auto key = static_cast<std::uint8_t>(static_cast<std::uint8_t>(name[place])
                                                 ^ kMask[place % kMask.size()]);
      plain[n] = static_cast<std::uint8_t>((plain[n] << 4 | plain[n] >> 4) ^ key);
    }
    output.begin(packed.size());
    const End end = inflate_into(output, plain, Wrapping::zlib, packed.size() * 4);
    entry.size = output.size();
    if (!walk.give(std::move(entry), end, output)) return;
  }
}

std::optional<std::uint64_t> read_digits(std::string_view text, std::size_t digits_max) {
  std::uint64_t number = 0;
  if (text.empty() || text.size() > digits_max) return std::nullopt;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    number = number * 10 + static_cast<std::uint64_t>(c - '0');
  }
  return number;
}

bool equal_nocase(std::string_view text, std::string_view lower) {
  return std::ranges::equal(text, lower, [](char a, char b) {
    return (a >= 'A' && a <= 'Z' ? static_cast<char>(a + 0x20) : a) == b;
  });
}

// InstallShield's older one: name, path, version and size as texts, each ended by a zero; the file.
struct PlainFile {
  std::string_view name;
  std::uint64_t size = 0;
  std::size_t begin = 0;
};
std::optional<PlainFile> read_plain_file(ByteView object, std::size_t at) {
  std::array<std::string_view, 4> texts;
  for (std::string_view& text : texts) {
    const std::string_view rest = as_text(part(object, at, kNameBytesMax));
    const std::size_t end = rest.find('\0');
    if (end == rest.npos || end == 0) return std::nullopt;
    text = rest.substr(0, end);
    at += end + 1;
  }
  constexpr std::size_t kDigitsMax = 12;
  const auto size = read_digits(texts[3], kDigitsMax);
  if (!size) return std::nullopt;
  return PlainFile{.name = texts[0], .size = *size, .begin = at};
}

/// The header and the volumes of the cabinet among the files, if there is one.
struct ShieldCabinet {
  ByteView header;
  std::vector<ShieldVolume> volumes;

  void note(std::string_view name, ByteView content) {
    constexpr std::size_t kDigitsMax = 5;
    constexpr std::size_t kVolumesMax = 1024;
    if (equal_nocase(name, "data1.hdr") && header.empty()) header = content;
    if (name.size() < 9 || !equal_nocase(name.substr(0, 4), "data")
        || !equal_nocase(name.substr(name.size() - 4), ".cab")) {
      return;
    }
    const auto number = read_digits(name.substr(4, name.size() - 8), kDigitsMax);
    if (number && volumes.size() < kVolumesMax) {
      volumes.push_back({.number = static_cast<std::uint32_t>(*number), .bytes = content});
    }
  }
};

void unpack_installshield_plain(ByteView object, std::size_t at, Walk& walk) {
  ShieldCabinet cabinet;
  for (std::size_t i = 0; walk.goes_on(); ++i) {
    const auto file = read_plain_file(object, at);
    if (!file) break;
    if (i == kFilesMax) {
      walk.budget.reach(Limit::entries);
      return walk.outcome.note(End::over_budget, "an installer has too many files");
    }
    const ByteView content = part(object, file->begin, file->size);
    cabinet.note(file->name, content);
    const End end = content.size() < file->size ? End::damaged : End::whole;
    if (!walk.give({.name = std::string(file->name),
                    .packed_size = file->size,
                    .size = file->size,
                    .position = file->begin},
                   end, content)) {
      return;
    }
    at = file->begin + content.size();
  }
  unpack_shield_cabinet(cabinet.header, cabinet.volumes, walk);
}

}  // namespace

void unpack_installshield(ByteView object, std::uint64_t end, Walk& walk) {
  if (const auto mark = find_installshield_packed(part(object, end))) {
    return unpack_installshield_packed(object, end + *mark, walk);
  }
  unpack_installshield_plain(object, end, walk);
}

}  // namespace amanat::unpack
