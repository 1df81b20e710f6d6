#include "amanat/unpack/ole2.h"

#include <algorithm>

#include "amanat/unpack/little.h"

namespace amanat::unpack {
namespace {

constexpr std::size_t kHeaderBytes = 512;
constexpr std::size_t kHeaderFatSectors = 109;
constexpr std::size_t kEntryBytes = 128;
constexpr std::uint32_t kSectorMax = 0xffff'fffa;  // above are marks: end of chain, free, ...
constexpr std::uint8_t kStreamType = 2;
constexpr std::uint8_t kRootType = 5;

std::string narrow(ByteView utf16) {
  std::string name;
  for (std::size_t i = 0; i + 1 < utf16.size(); i += 2) {
    const std::uint32_t c = little16(utf16, i);
    if (c == 0) break;
    if (c < 0x80) {
      name.push_back(static_cast<char>(c));
    } else if (c < 0x800) {
      name.push_back(static_cast<char>(0xc0 | c >> 6));
      name.push_back(static_cast<char>(0x80 | (c & 0x3f)));
    } else {
      name.push_back(static_cast<char>(0xe0 | c >> 12));
      name.push_back(static_cast<char>(0x80 | (c >> 6 & 0x3f)));
      name.push_back(static_cast<char>(0x80 | (c & 0x3f)));
    }
  }
  return name;
}

void append_numbers(std::vector<std::uint32_t>& table, ByteView bytes) {
  for (std::size_t i = 0; i + 4 <= bytes.size(); i += 4) table.push_back(little32(bytes, i));
}

}  // namespace

ByteView Ole2::sector(std::uint32_t index) const {
  return part(object_, (std::uint64_t{index} + 1) * sector_bytes_, sector_bytes_);
}

Ole2::Chain Ole2::follow(const std::vector<std::uint32_t>& table, std::uint32_t start,
                         std::uint64_t count_max, bool& whole) {
  Chain chain;
  whole = true;
  // A chain without a circle visits each place of its table once.
  const std::uint64_t longest = std::min<std::uint64_t>(count_max, table.size());
  std::uint32_t at = start;
  while (at < kSectorMax && chain.size() < longest) {
    if (at >= table.size()) {
      whole = false;
      break;
    }
    chain.push_back(at);
    at = table[at];
  }
  if (chain.size() == table.size() && count_max > chain.size() && at < kSectorMax) whole = false;
  return chain;
}

void Ole2::read_fat(ByteView object) {
  // The first 109 sectors of the table are listed in the header, further ones in a chain of lists.
  const std::uint64_t sectors_max = object.size() / sector_bytes_ + 1;
  std::vector<std::uint32_t> places;
  append_numbers(places, part(object, 76, kHeaderFatSectors * 4));
  std::uint32_t next = little32(object, 68);
  for (std::uint64_t i = 0; next < kSectorMax && i < sectors_max; ++i) {
    const ByteView list = sector(next);
    if (list.size() < sector_bytes_) {
      damaged_ = true;
      break;
    }
    append_numbers(places, list.first(list.size() - 4));
    next = little32(list, list.size() - 4);
  }
  for (const std::uint32_t place : places) {
    if (fat_.size() > sectors_max) break;
    if (place < kSectorMax) append_numbers(fat_, sector(place));
  }
  // One sector lists as many as a quarter of its bytes: those beyond the end of the file would let
  // chains that go in circles be far longer than the file.
  if (fat_.size() > sectors_max) fat_.resize(sectors_max);
}

void Ole2::read_mini_fat(std::uint32_t first) {
  const std::uint64_t pieces_max = object_.size() / mini_bytes_ + 1;
  bool whole = true;
  for (const std::uint32_t place : follow(fat_, first, fat_.size() + 1, whole)) {
    append_numbers(mini_fat_, sector(place));
    if (mini_fat_.size() >= pieces_max) break;
  }
  damaged_ = damaged_ || !whole;
}

void Ole2::read_directory(std::uint32_t first) {
  bool whole = true;
  for (const std::uint32_t place : follow(fat_, first, fat_.size() + 1, whole)) {
    const ByteView entries = sector(place);
    for (std::size_t at = 0; at + kEntryBytes <= entries.size(); at += kEntryBytes) {
      const ByteView entry = entries.subspan(at, kEntryBytes);
      const std::uint8_t type = entry[66];
      const std::uint32_t start = little32(entry, 116);
      // Files with sectors of 512 bytes leave rubbish in the high half.
      const std::uint64_t size = sector_bytes_ > 512 ? little64(entry, 120) : little32(entry, 120);
      if (type == kRootType && mini_sectors_.empty()) {
        bool fine = true;
        mini_sectors_ = follow(fat_, start, fat_.size() + 1, fine);
        damaged_ = damaged_ || !fine;
      }
      if (type == kStreamType && streams_.size() < kOle2StreamsMax) {
        streams_.push_back({.name = narrow(entry.first(64)), .size = size, .start = start});
      }
    }
  }
  damaged_ = damaged_ || !whole;
}

Result<Ole2> Ole2::open(ByteView object) {
  if (object.size() < kHeaderBytes) return fail(Code::invalid_input, "the header is cut off");
  const std::uint16_t shift = little16(object, 30);
  const std::uint16_t mini_shift = little16(object, 32);
  if (shift < 7 || shift > 20 || mini_shift < 4 || mini_shift >= shift) {
    return fail(Code::invalid_input, "impossible sector sizes");
  }
  Ole2 file;
  file.object_ = object;
  file.sector_bytes_ = std::size_t{1} << shift;
  file.mini_bytes_ = std::size_t{1} << mini_shift;
  file.mini_stream_below_ = little32(object, 56);
  file.read_fat(object);
  file.read_mini_fat(little32(object, 60));
  file.read_directory(little32(object, 48));
  if (file.streams_.empty() && file.fat_.empty()) {
    return fail(Code::invalid_input, "there is no directory");
  }
  return file;
}

Ole2::Content Ole2::read(const Stream& stream, Output& output) const {
  Content content;
  const bool is_mini = stream.size < mini_stream_below_;
  const std::size_t piece_bytes = is_mini ? mini_bytes_ : sector_bytes_;
  const std::uint64_t count = stream.size / piece_bytes + (stream.size % piece_bytes != 0 ? 1 : 0);
  bool whole = true;
  const Chain chain = follow(is_mini ? mini_fat_ : fat_, stream.start, count, whole);
  if (chain.size() < count || !whole) content.end = End::damaged;
  // Where a piece lies: small ones are pieces of the sectors of one long stream.
  const auto place = [&](std::uint32_t piece) -> std::uint64_t {
    if (!is_mini) return (std::uint64_t{piece} + 1) * sector_bytes_;
    const std::uint64_t at = std::uint64_t{piece} * mini_bytes_;
    const std::uint64_t index = at / sector_bytes_;
    if (index >= mini_sectors_.size()) return object_.size();
    return (std::uint64_t{mini_sectors_[index]} + 1) * sector_bytes_ + at % sector_bytes_;
  };
  if (chain.empty()) return content;
  content.position = place(chain[0]);
  bool in_a_row = true;
  for (std::size_t i = 0; in_a_row && i < chain.size(); ++i) {
    in_a_row = place(chain[i]) == content.position + i * piece_bytes;
  }
  const std::uint64_t wanted = std::min<std::uint64_t>(stream.size, chain.size() * piece_bytes);
  if (in_a_row) {
    content.bytes = part(object_, content.position, wanted);
  } else {
    for (std::size_t i = 0; i < chain.size(); ++i) {
      const std::uint64_t left = wanted - i * piece_bytes;
      if (!output.add(part(object_, place(chain[i]), std::min<std::uint64_t>(left, piece_bytes)))) {
        content.end = End::over_budget;
        break;
      }
    }
    content.bytes = output.bytes();
  }
  if (content.bytes.size() < stream.size) content.end = std::max(content.end, End::damaged);
  return content;
}

}  // namespace amanat::unpack
