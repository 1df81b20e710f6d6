#include "amanat/unpack/autoit.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>

#include "amanat/unpack/autoit_mask.h"
#include "amanat/unpack/autoit_script.h"
#include "amanat/unpack/bits.h"
#include "amanat/unpack/little.h"

namespace amanat::unpack {
namespace {
using namespace std::string_view_literals;

// mark, "AU3!EA05" or "AU3!EA06", 16 bytes of a password's digest; then for each file
//   "FILE" masked · size, what it is · size, its path · packed? · packed size · size · sum · times
// Every number is masked with one of its own, every text with a seed that its size is added to.
constexpr std::string_view kMark =
    "\xa3\x48\x4b\xbe\x98\x6c\x4a\xa9\x99\x4c\x53\x0a\x86\xd6\x48\x7d"
    "AU3!EA0"sv;
constexpr std::size_t kDigestBytes = 16;
constexpr std::size_t kTimesBytes = 16;
constexpr std::size_t kAutoItFilesMax = 16'384;
constexpr std::size_t kAutoItMarksMax = 16;

struct Text {
  std::uint32_t size_mask = 0;
  std::uint32_t seed = 0;
};

/// What the two versions differ in.
struct Version {
  void (*mask)(ByteSpan bytes, std::uint32_t seed) = nullptr;
  std::uint32_t file_mark = 0;  // "FILE", masked
  Text what;
  Text path;
  std::size_t character_bytes = 1;
  std::uint32_t size_mask = 0;
  std::uint32_t content_seed = 0;
  bool adds_digest = false;  // to the seed of the content
  std::string_view packed_mark;
  std::uint32_t byte_bit = 0;  // in front of a byte that stands for itself
};
constexpr Version kEa05{.mask = mask_ea05,
                        .file_mark = 0xceb0'6dff,
                        .what = {.size_mask = 0x29bc, .seed = 0xa25e},
                        .path = {.size_mask = 0x29ac, .seed = 0xf25e},
                        .character_bytes = 1,
                        .size_mask = 0x45aa,
                        .content_seed = 0x22af,
                        .adds_digest = true,
                        .packed_mark = "EA05",
                        .byte_bit = 0};
constexpr Version kEa06{.mask = mask_ea06,
                        .file_mark = 0x52ca'436b,
                        .what = {.size_mask = 0xadbc, .seed = 0xb33f},
                        .path = {.size_mask = 0xf820, .seed = 0xf479},
                        .character_bytes = 2,
                        .size_mask = 0x87bc,
                        .content_seed = 0x2477,
                        .adds_digest = false,
                        .packed_mark = "EA06",
                        .byte_bit = 1};

struct File {
  std::string what;
  std::string path;
  bool is_packed = false;
  std::uint32_t packed_size = 0;
  std::uint32_t size = 0;
};

// The length of a match is written in ever longer fields, each of which is all ones when the length
// is beyond it.
std::uint64_t read_length(HighBits& bits) {
  struct Field {
    unsigned bits;
    std::uint32_t first;
  };
  constexpr std::uint64_t kLengthMin = 3;
  for (const Field field : std::to_array<Field>({{2, 0}, {3, 3}, {5, 10}, {8, 41}})) {
    const std::uint32_t value = bits.read(field.bits);
    if (value != (1U << field.bits) - 1) return kLengthMin + field.first + value;
  }
  std::uint64_t length = 296;
  std::uint32_t value = 0;
  while ((value = bits.read(8)) == 255) length += 255;
  return kLengthMin + length + value;
}

// A bit, then a byte, or the distance and the length of a match.
End unpack_lz(ByteView packed, std::uint32_t byte_bit, std::uint64_t size, Output& output) {
  HighBits bits(packed);
  while (output.size() < size) {
    if (bits.bit() == byte_bit) {
      const std::uint32_t byte = bits.read(8);
      if (bits.is_over()) return End::damaged;
      if (!output.add(static_cast<std::uint8_t>(byte))) return End::over_budget;
      continue;
    }
    const std::uint32_t distance = bits.read(15);
    const std::uint64_t length = read_length(bits);
    if (bits.is_over() || length > size - output.size()) return End::damaged;
    if (!output.copy(distance, length)) {
      return output.room() == 0 ? End::over_budget : End::damaged;
    }
    if (!output.budget().has_time()) return End::over_budget;
  }
  return End::whole;
}

void refuse_more(Walk& walk) {
  walk.budget.reach(Limit::entries);
  walk.outcome.note(End::over_budget, "too many scripts and files of AutoIt");
}

class AutoIt {
 public:
  AutoIt(ByteView object, const Version& version, Walk& walk)
      : object_(object),
        version_(version),
        walk_(walk),
        plain_(walk.budget),
        unpacked_(walk.budget),
        script_(walk.budget) {}

  /// Reads the files from the digest at `at` on.
  void run(std::size_t at) {
    seed_ = version_.content_seed;
    for (const std::uint8_t byte : part(object_, at, kDigestBytes)) {
      seed_ += version_.adds_digest ? byte : 0;
    }
    at_ = at + kDigestBytes;
    for (std::size_t i = 0; walk_.goes_on(); ++i) {
      const auto file = read_file();
      if (!file) return;
      if (i == kAutoItFilesMax) return refuse_more(walk_);
      if (!give_file(*file)) return;
    }
  }

 private:
  std::optional<std::string> read_text(const Text& text) {
    if (!has(object_, at_, 4)) return std::nullopt;
    const std::uint32_t count = little32(object_, at_) ^ text.size_mask;
    const std::uint64_t size = std::uint64_t{count} * version_.character_bytes;
    at_ += 4;
    if (!has(object_, at_, size)) return std::nullopt;
    std::string plain;
    if (size <= kNameBytesMax) {  // longer ones are no names
      const ByteView masked = object_.subspan(at_, size);
      Bytes bytes(masked.begin(), masked.end());
      version_.mask(bytes, count + text.seed);
      for (std::size_t i = 0; i < size; i += version_.character_bytes) {
        plain.push_back(static_cast<char>(bytes[i]));
      }
    }
    at_ += size;
    return plain;
  }

  std::optional<File> read_file() {
    constexpr std::size_t kNumbersBytes = 13;
    if (!has(object_, at_, 4) || little32(object_, at_) != version_.file_mark) return std::nullopt;
    at_ += 4;
    auto what = read_text(version_.what);
    if (!what) return std::nullopt;
    auto path = read_text(version_.path);
    if (!path || !has(object_, at_, kNumbersBytes)) return std::nullopt;
    File file{.what = std::move(*what),
              .path = std::move(*path),
              .is_packed = object_[at_] == 1,
              .packed_size = little32(object_, at_ + 1) ^ version_.size_mask,
              .size = little32(object_, at_ + 5) ^ version_.size_mask};
    at_ += kNumbersBytes + kTimesBytes;
    return file;
  }

  bool give_file(const File& file) {
    const ByteView masked = part(object_, at_, file.packed_size);
    const Entry entry{.name = file.path.empty() ? file.what : file.path,
                      .packed_size = file.packed_size,
                      .size = file.size,
                      .position = at_};
    at_ += masked.size();
    if (masked.empty()) return file.packed_size == 0;
    plain_.begin(masked.size());
    if (masked.size() > plain_.room()) {
      plain_.note_limit();
      return walk_.give(entry, End::over_budget, {});
    }
    const ByteSpan plain = plain_.reserve(masked.size());
    std::ranges::copy(masked, plain.begin());
    version_.mask(plain, seed_);
    plain_.commit(masked.size());
    const End end = masked.size() < file.packed_size ? End::damaged : End::whole;
    return file.is_packed ? give_packed(file, entry, end) : give_content(file, entry, end, plain);
  }

  bool give_packed(const File& file, const Entry& entry, End end) {
    constexpr std::size_t kFrontBytes = 8;
    const ByteView packed = plain_.bytes();
    if (!is_at(packed, 0, version_.packed_mark) || !has(packed, 0, kFrontBytes)) {
      return walk_.give(entry, End::unsupported, {});
    }
    unpacked_.begin(packed.size());
    std::uint64_t size = big<std::uint32_t>(packed, 4);
    if (size == 0) size = packed.size();
    const End unpacked = unpack_lz(packed.subspan(kFrontBytes), version_.byte_bit, size, unpacked_);
    return give_content(file, entry, std::max(end, unpacked), unpacked_.bytes());
  }

  // Only EA06 writes its script in numbered words.
  bool give_content(const File& file, const Entry& entry, End end, ByteView content) {
    if (version_.character_bytes == 1 || file.what != ">>>AUTOIT SCRIPT<<<") {
      return walk_.give(entry, end, content);
    }
    script_.begin(content.size());
    const End decompiled = decompile_autoit(content, script_);
    return walk_.give(entry, std::max(end, decompiled), script_);
  }

  ByteView object_;
  const Version& version_;
  Walk& walk_;
  Output plain_;
  Output unpacked_;
  Output script_;
  std::uint32_t seed_ = 0;
  std::size_t at_ = 0;
};

}  // namespace

void unpack_autoit(ByteView object, Walk& walk) {
  std::size_t marks = 0;
  for (auto at = find(object, kMark); at && walk.goes_on(); ++marks) {
    if (marks == kAutoItMarksMax) return refuse_more(walk);
    const std::size_t version = *at + kMark.size();
    if (is_at(object, version, "5")) AutoIt(object, kEa05, walk).run(version + 1);
    if (is_at(object, version, "6")) AutoIt(object, kEa06, walk).run(version + 1);
    at = find(object, kMark, version);
  }
}

}  // namespace amanat::unpack
