#include "amanat/unpack/entities.h"

#include <algorithm>
#include <array>

#include "amanat/unpack/transfer.h"

namespace amanat::unpack {
namespace {

constexpr std::size_t kEntityBytesMax = 8;
constexpr std::size_t kDigitsMax = 8;

struct Name {
  std::string_view name;
  std::uint32_t character = 0;
};
constexpr auto kNames = std::to_array<Name>({
    {.name = "quot", .character = '"'},
    {.name = "amp", .character = '&'},
    {.name = "lt", .character = '<'},
    {.name = "gt", .character = '>'},
    {.name = "apos", .character = '\''},
    {.name = "euro", .character = 0x20ac},
    {.name = "hellip", .character = 0x2026},
    {.name = "ndash", .character = 0x2013},
    {.name = "mdash", .character = 0x2014},
    {.name = "lsquo", .character = 0x2018},
    {.name = "rsquo", .character = 0x2019},
    {.name = "ldquo", .character = 0x201c},
    {.name = "rdquo", .character = 0x201d},
    {.name = "bull", .character = 0x2022},
    {.name = "trade", .character = 0x2122},
});

// 0xa0 to 0xff, in order.
constexpr auto kLatin = std::to_array<std::string_view>(
    {"nbsp",   "iexcl",  "cent",   "pound",  "curren", "yen",    "brvbar", "sect",   "uml",
     "copy",   "ordf",   "laquo",  "not",    "shy",    "reg",    "macr",   "deg",    "plusmn",
     "sup2",   "sup3",   "acute",  "micro",  "para",   "middot", "cedil",  "sup1",   "ordm",
     "raquo",  "frac14", "frac12", "frac34", "iquest", "Agrave", "Aacute", "Acirc",  "Atilde",
     "Auml",   "Aring",  "AElig",  "Ccedil", "Egrave", "Eacute", "Ecirc",  "Euml",   "Igrave",
     "Iacute", "Icirc",  "Iuml",   "ETH",    "Ntilde", "Ograve", "Oacute", "Ocirc",  "Otilde",
     "Ouml",   "times",  "Oslash", "Ugrave", "Uacute", "Ucirc",  "Uuml",   "Yacute", "THORN",
     "szlig",  "agrave", "aacute", "acirc",  "atilde", "auml",   "aring",  "aelig",  "ccedil",
     "egrave", "eacute", "ecirc",  "euml",   "igrave", "iacute", "icirc",  "iuml",   "eth",
     "ntilde", "ograve", "oacute", "ocirc",  "otilde", "ouml",   "divide", "oslash", "ugrave",
     "uacute", "ucirc",  "uuml",   "yacute", "thorn",  "yuml"});
static_assert(kLatin.size() == 0x60);

std::optional<Reference> read_number(std::string_view text) {
  std::size_t at = 2;
  const bool is_hexadecimal = at < text.size() && (text[at] == 'x' || text[at] == 'X');
  if (is_hexadecimal) ++at;
  const std::uint32_t base = is_hexadecimal ? 16 : 10;
  std::uint64_t value = 0;
  const std::size_t begin = at;
  for (; at < text.size() && at - begin < kDigitsMax && hex_digit(text[at]) < base; ++at) {
    value = value * base + hex_digit(text[at]);
  }
  if (at == begin || value > 0xffff'ffff) return std::nullopt;
  const bool closed = at < text.size() && text[at] == ';';
  return Reference{.character = static_cast<std::uint32_t>(value),
                   .size = at + (closed ? 1 : 0),
                   .is_closed = closed};
}

}  // namespace

std::optional<Reference> read_reference(std::string_view text) {
  if (text.starts_with("&#")) return read_number(text);
  const std::size_t end = text.substr(0, kEntityBytesMax + 2).find(';');
  if (end == text.npos) return std::nullopt;
  const std::string_view name = text.substr(1, end - 1);
  if (const auto* it = std::ranges::find(kNames, name, &Name::name); it != kNames.end()) {
    return Reference{.character = it->character, .size = end + 1, .is_closed = true};
  }
  const auto* it = std::ranges::find(kLatin, name);
  if (it == kLatin.end()) return std::nullopt;
  return Reference{.character = 0xa0 + static_cast<std::uint32_t>(it - kLatin.begin()),
                   .size = end + 1,
                   .is_closed = true};
}

}  // namespace amanat::unpack
