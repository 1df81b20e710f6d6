#include "amanat/scan/signatures.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

#include "amanat/scan/patterns.h"

namespace amanat::scan {
namespace {

constexpr auto kDescriptions = std::to_array<std::string_view>({
    "the line is malformed",
    "wildcards in the pattern",
    "the pattern is shorter than 4 bytes",
    "the pattern is longer than 4,096 bytes",
    "unknown target type",
    "the target needs HTML to be normalised",
    "the target type is not detected",
    "the offset is relative to parts of a program",
    "the offset is relative to the end of a normalised text",
    "for newer engines only",
    "for older engines only",
    "named in an ignore list",
    "the kind of database is not supported",
});
static_assert(kDescriptions.size() == kNotAppliedReasons);

std::vector<std::string_view> split(std::string_view line) {
  std::vector<std::string_view> fields;
  for (std::size_t start = 0; start <= line.size();) {
    const std::size_t end = std::min(line.find(':', start), line.size());
    fields.push_back(line.substr(start, end - start));
    start = end + 1;
  }
  return fields;
}

// Decimal digits only, and no more than fit.
std::optional<std::uint64_t> parse_number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<std::uint8_t> digit_of(char c) {
  if (c >= '0' && c <= '9') return static_cast<std::uint8_t>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<std::uint8_t>(c - 'a' + 10);
  if (c >= 'A' && c <= 'F') return static_cast<std::uint8_t>(c - 'A' + 10);
  return std::nullopt;
}

// Hex in either case, as these files have it.
std::optional<Bytes> parse_hex(std::string_view hex) {
  if (hex.empty() || hex.size() % 2 != 0) return std::nullopt;
  Bytes bytes;
  bytes.reserve(hex.size() / 2);
  for (std::size_t i = 0; i < hex.size(); i += 2) {
    const auto high = digit_of(hex[i]);
    const auto low = digit_of(hex[i + 1]);
    if (!high || !low) return std::nullopt;
    bytes.push_back(static_cast<std::uint8_t>(*high << 4 | *low));
  }
  return bytes;
}

bool is_name(std::string_view name) {
  return !name.empty() && name.size() <= kSignatureNameBytesMax
         && std::ranges::none_of(name, [](char c) { return c < 0x20 || c > 0x7e; });
}

/// The levels at the end of a line, from field `first` on; `min` is what the line asks for.
struct Levels {
  std::uint64_t min = 0;
};
Parsed<Levels> parse_levels(const std::vector<std::string_view>& fields, std::size_t first) {
  Levels levels;
  if (fields.size() > first) {
    const auto min = parse_number(fields[first]);
    if (!min) return std::unexpected(NotApplied::malformed);
    levels.min = *min;
  }
  if (fields.size() > first + 1) {
    const auto max = parse_number(fields[first + 1]);
    if (!max) return std::unexpected(NotApplied::malformed);
    if (*max < kEngineLevel) return std::unexpected(NotApplied::engine_older);
  }
  if (levels.min > kEngineLevel) return std::unexpected(NotApplied::engine_newer);
  return levels;
}

std::optional<crypto::DigestKind> kind_of(std::size_t digest_size) {
  switch (digest_size) {
    case 16: return crypto::DigestKind::md5;
    case 20: return crypto::DigestKind::sha1;
    case 32: return crypto::DigestKind::sha256;
    default: return std::nullopt;
  }
}

bool begins_in_program(std::string_view offset) {
  return offset.starts_with("EP") || offset.starts_with('S') || offset.starts_with("VI")
         || offset.starts_with('$');
}

Parsed<Offset> parse_offset(std::string_view text) {
  if (begins_in_program(text)) return std::unexpected(NotApplied::offset_in_program);
  Offset offset;
  if (text == "*") return offset;
  if (const std::size_t comma = text.find(','); comma != std::string_view::npos) {
    const auto shift = parse_number(text.substr(comma + 1));
    if (!shift) return std::unexpected(NotApplied::malformed);
    offset.shift = *shift;
    text = text.substr(0, comma);
  }
  offset.from = text.starts_with("EOF-") ? Offset::From::end : Offset::From::start;
  if (offset.from == Offset::From::end) text.remove_prefix(4);
  const auto distance = parse_number(text);
  if (!distance) return std::unexpected(NotApplied::malformed);
  offset.distance = *distance;
  return offset;
}

Parsed<Target> parse_target(std::string_view text) {
  const auto number = parse_number(text);
  if (!number) return std::unexpected(NotApplied::malformed);
  constexpr std::uint64_t kUnused = 8;
  if (*number == kUnused || *number > static_cast<std::uint64_t>(Target::java)) {
    return std::unexpected(NotApplied::unknown_target);
  }
  const auto target = static_cast<Target>(*number);
  if (target == Target::html) return std::unexpected(NotApplied::target_normalised);
  if (target == Target::mail) return std::unexpected(NotApplied::target_undetected);
  return target;
}

Parsed<Bytes> parse_pattern(std::string_view hex) {
  if (hex.find_first_not_of("0123456789abcdefABCDEF") != std::string_view::npos) {
    const bool known =
        hex.find_first_not_of("0123456789abcdefABCDEF?*{}[]()|!-BLW") == std::string_view::npos;
    return std::unexpected(known ? NotApplied::wildcards : NotApplied::malformed);
  }
  auto bytes = parse_hex(hex);
  if (!bytes) return std::unexpected(NotApplied::malformed);
  if (bytes->size() < kPatternBytesMin) return std::unexpected(NotApplied::too_short);
  if (bytes->size() > kPatternBytesMax) return std::unexpected(NotApplied::too_long);
  return std::move(*bytes);
}

}  // namespace

std::string_view describe(NotApplied reason) {
  return kDescriptions.at(static_cast<std::size_t>(reason));
}

// NOLINTNEXTLINE(bugprone-easily-swappable-parameters): as its callers think of it
bool Offset::admits(std::uint64_t position, std::uint64_t size) const {
  if (from == From::anywhere) return true;
  if (from == From::end && distance > size) return false;
  const std::uint64_t base = from == From::start ? distance : size - distance;
  return position >= base && position - base <= shift;
}

Parsed<HashSignature> parse_hash_signature(std::string_view line) {
  const auto fields = split(line);
  if (fields.size() < 3 || fields.size() > 5) return std::unexpected(NotApplied::malformed);
  auto digest = parse_hex(fields[0]);
  const auto kind = digest ? kind_of(digest->size()) : std::nullopt;
  if (!kind || !is_name(fields[2])) return std::unexpected(NotApplied::malformed);
  const auto levels = parse_levels(fields, 3);
  if (!levels) return std::unexpected(levels.error());
  HashSignature signature{
      .kind = *kind, .digest = std::move(*digest), .size = {}, .name{fields[2]}};
  if (fields[1] == "*") {
    if (levels->min < kEngineForAnySize) return std::unexpected(NotApplied::malformed);
    return signature;
  }
  signature.size = parse_number(fields[1]);
  // The empty file is everyone's: a signature for it is a mistake.
  if (signature.size.value_or(0) == 0) return std::unexpected(NotApplied::malformed);
  return signature;
}

Parsed<BodySignature> parse_body_signature(std::string_view line) {
  const auto fields = split(line);
  if (fields.size() < 4 || fields.size() > 6 || !is_name(fields[0])) {
    return std::unexpected(NotApplied::malformed);
  }
  const auto levels = parse_levels(fields, 4);
  if (!levels) return std::unexpected(levels.error());
  const auto target = parse_target(fields[1]);
  if (!target) return std::unexpected(target.error());
  const auto offset = parse_offset(fields[2]);
  if (!offset) return std::unexpected(offset.error());
  if (*target == Target::ascii && offset->from == Offset::From::end) {
    return std::unexpected(NotApplied::offset_in_text);
  }
  auto bytes = parse_pattern(fields[3]);
  if (!bytes) return std::unexpected(bytes.error());
  return BodySignature{
      .name{fields[0]}, .target = *target, .offset = *offset, .bytes = std::move(*bytes)};
}

Parsed<IgnoredName> parse_ignored_name(std::string_view line) {
  constexpr std::string_view kUnofficial = ".UNOFFICIAL";
  const auto fields = split(line);
  if (fields.size() > 2) return std::unexpected(NotApplied::malformed);
  IgnoredName ignored{.name{fields[0]}, .line_md5 = {}};
  if (ignored.name.ends_with(kUnofficial)) {
    ignored.name.resize(ignored.name.size() - kUnofficial.size());
  }
  if (!is_name(ignored.name)) return std::unexpected(NotApplied::malformed);
  if (fields.size() == 2) {
    const auto md5 = parse_hex(fields[1]);
    if (!md5 || md5->size() != 16) return std::unexpected(NotApplied::malformed);
    ignored.line_md5 = to_hex(*md5);
  }
  return ignored;
}

}  // namespace amanat::scan
