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
    {.name = "quot", .character = '"'},       {.name = "amp", .character = '&'},
    {.name = "lt", .character = '<'},         {.name = "gt", .character = '>'},
    {.name = "apos", .character = '\''},      {.name = "Alpha", .character = 0x391},
    {.name = "Beta", .character = 0x392},     {.name = "Chi", .character = 0x3a7},
    {.name = "Dagger", .character = 0x2021},  {.name = "Delta", .character = 0x394},
    {.name = "Epsilon", .character = 0x395},  {.name = "Eta", .character = 0x397},
    {.name = "Gamma", .character = 0x393},    {.name = "Iota", .character = 0x399},
    {.name = "Kappa", .character = 0x39a},    {.name = "Lambda", .character = 0x39b},
    {.name = "Mu", .character = 0x39c},       {.name = "Nu", .character = 0x39d},
    {.name = "OElig", .character = 0x152},    {.name = "Omega", .character = 0x3a9},
    {.name = "Omicron", .character = 0x39f},  {.name = "Phi", .character = 0x3a6},
    {.name = "Pi", .character = 0x3a0},       {.name = "Prime", .character = 0x2033},
    {.name = "Psi", .character = 0x3a8},      {.name = "Rho", .character = 0x3a1},
    {.name = "Scaron", .character = 0x160},   {.name = "Sigma", .character = 0x3a3},
    {.name = "Tau", .character = 0x3a4},      {.name = "Theta", .character = 0x398},
    {.name = "Upsilon", .character = 0x3a5},  {.name = "Xi", .character = 0x39e},
    {.name = "Yuml", .character = 0x178},     {.name = "Zeta", .character = 0x396},
    {.name = "alefsym", .character = 0x2135}, {.name = "alpha", .character = 0x3b1},
    {.name = "and", .character = 0x2227},     {.name = "ang", .character = 0x2220},
    {.name = "asymp", .character = 0x2248},   {.name = "bdquo", .character = 0x201e},
    {.name = "beta", .character = 0x3b2},     {.name = "bull", .character = 0x2022},
    {.name = "cap", .character = 0x2229},     {.name = "chi", .character = 0x3c7},
    {.name = "circ", .character = 0x2c6},     {.name = "clubs", .character = 0x2663},
    {.name = "cong", .character = 0x2245},    {.name = "crarr", .character = 0x21b5},
    {.name = "cup", .character = 0x222a},     {.name = "dArr", .character = 0x21d3},
    {.name = "dagger", .character = 0x2020},  {.name = "darr", .character = 0x2193},
    {.name = "delta", .character = 0x3b4},    {.name = "diams", .character = 0x2666},
    {.name = "empty", .character = 0x2205},   {.name = "emsp", .character = 0x2003},
    {.name = "ensp", .character = 0x2002},    {.name = "epsilon", .character = 0x3b5},
    {.name = "equiv", .character = 0x2261},   {.name = "eta", .character = 0x3b7},
    {.name = "euro", .character = 0x20ac},    {.name = "exist", .character = 0x2203},
    {.name = "fnof", .character = 0x192},     {.name = "forall", .character = 0x2200},
    {.name = "frasl", .character = 0x2044},   {.name = "gamma", .character = 0x3b3},
    {.name = "ge", .character = 0x2265},      {.name = "hArr", .character = 0x21d4},
    {.name = "harr", .character = 0x2194},    {.name = "hearts", .character = 0x2665},
    {.name = "hellip", .character = 0x2026},  {.name = "image", .character = 0x2111},
    {.name = "infin", .character = 0x221e},   {.name = "int", .character = 0x222b},
    {.name = "iota", .character = 0x3b9},     {.name = "isin", .character = 0x2208},
    {.name = "kappa", .character = 0x3ba},    {.name = "lArr", .character = 0x21d0},
    {.name = "lambda", .character = 0x3bb},   {.name = "lang", .character = 0x2329},
    {.name = "larr", .character = 0x2190},    {.name = "lceil", .character = 0x2308},
    {.name = "ldquo", .character = 0x201c},   {.name = "le", .character = 0x2264},
    {.name = "lfloor", .character = 0x230a},  {.name = "lowast", .character = 0x2217},
    {.name = "loz", .character = 0x25ca},     {.name = "lrm", .character = 0x200e},
    {.name = "lsaquo", .character = 0x2039},  {.name = "lsquo", .character = 0x2018},
    {.name = "mdash", .character = 0x2014},   {.name = "minus", .character = 0x2212},
    {.name = "mu", .character = 0x3bc},       {.name = "nabla", .character = 0x2207},
    {.name = "ndash", .character = 0x2013},   {.name = "ne", .character = 0x2260},
    {.name = "ni", .character = 0x220b},      {.name = "notin", .character = 0x2209},
    {.name = "nsub", .character = 0x2284},    {.name = "nu", .character = 0x3bd},
    {.name = "oelig", .character = 0x153},    {.name = "oline", .character = 0x203e},
    {.name = "omega", .character = 0x3c9},    {.name = "omicron", .character = 0x3bf},
    {.name = "oplus", .character = 0x2295},   {.name = "or", .character = 0x2228},
    {.name = "otimes", .character = 0x2297},  {.name = "part", .character = 0x2202},
    {.name = "permil", .character = 0x2030},  {.name = "perp", .character = 0x22a5},
    {.name = "phi", .character = 0x3c6},      {.name = "pi", .character = 0x3c0},
    {.name = "piv", .character = 0x3d6},      {.name = "prime", .character = 0x2032},
    {.name = "prod", .character = 0x220f},    {.name = "prop", .character = 0x221d},
    {.name = "psi", .character = 0x3c8},      {.name = "rArr", .character = 0x21d2},
    {.name = "radic", .character = 0x221a},   {.name = "rang", .character = 0x232a},
    {.name = "rarr", .character = 0x2192},    {.name = "rceil", .character = 0x2309},
    {.name = "rdquo", .character = 0x201d},   {.name = "real", .character = 0x211c},
    {.name = "rfloor", .character = 0x230b},  {.name = "rho", .character = 0x3c1},
    {.name = "rlm", .character = 0x200f},     {.name = "rsaquo", .character = 0x203a},
    {.name = "rsquo", .character = 0x2019},   {.name = "sbquo", .character = 0x201a},
    {.name = "scaron", .character = 0x161},   {.name = "sdot", .character = 0x22c5},
    {.name = "sigma", .character = 0x3c3},    {.name = "sigmaf", .character = 0x3c2},
    {.name = "sim", .character = 0x223c},     {.name = "spades", .character = 0x2660},
    {.name = "sub", .character = 0x2282},     {.name = "sube", .character = 0x2286},
    {.name = "sum", .character = 0x2211},     {.name = "sup", .character = 0x2283},
    {.name = "supe", .character = 0x2287},    {.name = "tau", .character = 0x3c4},
    {.name = "there4", .character = 0x2234},  {.name = "theta", .character = 0x3b8},
    {.name = "thetasym", .character = 0x3d1}, {.name = "thinsp", .character = 0x2009},
    {.name = "tilde", .character = 0x2dc},    {.name = "trade", .character = 0x2122},
    {.name = "uArr", .character = 0x21d1},    {.name = "uarr", .character = 0x2191},
    {.name = "upsih", .character = 0x3d2},    {.name = "upsilon", .character = 0x3c5},
    {.name = "weierp", .character = 0x2118},  {.name = "xi", .character = 0x3be},
    {.name = "zeta", .character = 0x3b6},     {.name = "zwj", .character = 0x200d},
    {.name = "zwnj", .character = 0x200c},
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
