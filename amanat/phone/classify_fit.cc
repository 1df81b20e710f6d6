// FIT, the files of sports watches: a header, then records. A definition record says which fields
// the data records of a local type have; data records are just those fields.
//
//   header      size u8 (12 or 14) || protocol u8 || profile u16 || data size u32 || ".FIT"
//   record      header u8: bit 7 compressed time (type in bits 5-6), bit 6 definition,
//               bit 5 developer fields follow, bits 0-3 local type
//   definition  0 || byte order u8 || message u16 || fields u8 || fields x (number, size, base
//   type)
//
// The file is health in any case; it is location too as soon as one position is not "invalid".

#include <algorithm>
#include <array>
#include <vector>

#include "amanat/phone/classify_parts.h"

namespace amanat::phone {
namespace {

using consent::Category;

constexpr std::uint64_t kMessageSession = 18;
constexpr std::uint64_t kMessageLap = 19;
constexpr std::uint64_t kMessageRecord = 20;
constexpr std::uint64_t kInvalidPosition = 0x7FFFFFFF;
constexpr unsigned kRecordsMax = 1'000'000;

struct Position {
  std::uint64_t offset = 0;  // in the data record
  bool little = true;
};

struct Definition {
  bool known = false;
  std::uint64_t size = 0;
  std::vector<Position> positions;
};

bool is_position(std::uint64_t message, std::uint64_t field) {
  switch (message) {
    case kMessageRecord: return field <= 1;
    case kMessageLap: return field >= 3 && field <= 6;
    case kMessageSession: return field == 3 || field == 4 || (field >= 29 && field <= 32);
    default: return false;
  }
}

class FitReader {
 public:
  FitReader(Window& window, std::uint64_t begin, std::uint64_t end)
      : window_(window), at_(begin), end_(end) {}

  bool names_place() {
    for (unsigned i = 0; i < kRecordsMax && at_ < end_ && !place_; ++i) {
      const auto header = window_.big(at_++, 1);
      if (!header) break;
      const bool compressed = (*header & 0x80U) != 0;
      const bool definition = !compressed && (*header & 0x40U) != 0;
      const auto type = static_cast<std::size_t>(compressed ? *header >> 5U & 3U : *header & 15U);
      const bool read =
          definition ? read_definition(type, (*header & 0x20U) != 0) : read_data(type);
      if (!read) break;
    }
    return place_;
  }

 private:
  bool read_definition(std::size_t type, bool developer) {
    const auto order = window_.big(at_ + 1, 1);
    if (!order || *order > 1) return false;
    const bool little = *order == 0;
    const auto message = little ? window_.little(at_ + 2, 2) : window_.big(at_ + 2, 2);
    const auto count = window_.big(at_ + 4, 1);
    if (!message || !count) return false;
    at_ += 5;
    Definition& definition = definitions_[type];
    definition = {.known = true, .size = 0, .positions = {}};
    for (std::uint64_t i = 0; i < *count; ++i, at_ += 3) {
      const auto field = window_.big(at_, 2);
      if (!field) return false;
      const std::uint64_t size = *field & 0xFFU;
      if (size == 4 && is_position(*message, *field >> 8U)) {
        definition.positions.push_back({definition.size, little});
      }
      definition.size += size;
    }
    return !developer || skip_developer_fields(definition);
  }

  bool skip_developer_fields(Definition& definition) {
    const auto count = window_.big(at_++, 1);
    if (!count) return false;
    for (std::uint64_t i = 0; i < *count; ++i, at_ += 3) {
      const auto size = window_.big(at_ + 1, 1);
      if (!size) return false;
      definition.size += *size;
    }
    return true;
  }

  bool read_data(std::size_t type) {
    const Definition& definition = definitions_[type];
    if (!definition.known) return false;
    for (const Position& position : definition.positions) {
      const std::uint64_t at = at_ + position.offset;
      const auto value = position.little ? window_.little(at, 4) : window_.big(at, 4);
      if (!value) return false;
      if (*value != kInvalidPosition && *value != 0 && *value != 0xFFFFFFFF) place_ = true;
    }
    at_ += definition.size;
    return true;
  }

  Window& window_;
  std::uint64_t at_;
  std::uint64_t end_;
  std::array<Definition, 16> definitions_;
  bool place_ = false;
};

}  // namespace

MaybeClass classify_fit(Window& window) {
  if (!window.has(8, ".FIT")) return std::nullopt;
  const auto header = window.big(0, 1);
  const auto size = window.little(4, 4);
  if (!header || !size || *header < 12 || *header > 64) return std::nullopt;
  const std::uint64_t end = std::min(window.size(), *header + *size);
  consent::CategorySet categories{Category::health};
  if (FitReader(window, *header, end).names_place()) categories.insert(Category::location);
  return Classification{categories, "fit"};
}

}  // namespace amanat::phone
