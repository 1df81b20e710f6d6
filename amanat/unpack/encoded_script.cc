#include "amanat/unpack/encoded_script.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace amanat::unpack {
namespace {

constexpr std::size_t kSizeCharacters = 8;
constexpr std::size_t kTailCharacters = 12;  // the sum and the end mark
constexpr char kFirst = ' ';                 // of the tables
constexpr char kPair = '@';                  // begins two characters that stand for one

// What the characters from kFirst on stand for.
constexpr auto kTables = std::to_array<std::string_view>({
    ".GzVBj/"
    "&IA42[vrC89pEhqO\tbD#u<~>^@wJa]\"KoN;LPg*}tT+-,0nkf5%!dMRc?{x)(sY3\177mUS|:_eFX1ilZH'\\=$y7`Q "
    "6",
    "20!)[83=X:5e9\\VsfNEkbYx^}Jmq<`>S@B'Hru17MR\"TjGd- "
    "\177.L]~loytC&v%$+(#A4\t*D?w;UiacPgQIOFh|6pnz/_KZ,W",
    "-uR`q^I\\b})6 "
    "|z\177kc3+hQfv1dTC<:>~@E,*t'7DyY/o&rj9{?8wgSG4x]0#Z[lHUpi.L!$NP\tVs5aKX;W\"mM%(FJ2A=_OBe",
});
static_assert(kTables[0].size() == 96 && kTables[1].size() == 96 && kTables[2].size() == 96);
constexpr std::string_view kTabs = "\x57\x7b\x6e";  // a tab, in each table
constexpr std::string_view kTurns =
    "02102121121201210121002112012112"
    "00121210100210120121002110021012";
static_assert(kTurns.size() == 64);

char second_of_pair(char c) {
  switch (c) {
    case '!': return '<';
    case '#': return '\r';
    case '$': return '@';
    case '&': return '\n';
    case '*': return '>';
    default: return kPair;
  }
}

// One character of base64; nothing when it is none.
std::optional<std::uint32_t> six_bits(char c) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const std::size_t digit = kDigits.find(c);
  if (digit == kDigits.npos) return std::nullopt;
  return static_cast<std::uint32_t>(digit);
}

// Four bytes, low one first, in six characters and "==".
std::optional<std::uint32_t> read_size(std::string_view text) {
  if (text.size() < kSizeCharacters || text.substr(6, 2) != "==") return std::nullopt;
  std::uint64_t bits = 0;
  for (const char c : text.substr(0, 6)) {
    const auto six = six_bits(c);
    if (!six) return std::nullopt;
    bits = bits << 6 | *six;
  }
  std::uint32_t size = 0;
  for (unsigned i = 0; i < 4; ++i)
    size |= static_cast<std::uint32_t>(bits >> (28 - 8 * i) & 0xff) << (8 * i);
  return size;
}

}  // namespace

std::optional<EncodedScript> find_encoded_script(std::string_view text, std::size_t at) {
  if (!text.substr(std::min(at, text.size())).starts_with(kEncodedScriptMark)) return std::nullopt;
  at += kEncodedScriptMark.size();
  const auto size = read_size(text.substr(at));
  if (!size) return std::nullopt;
  at += kSizeCharacters;
  EncodedScript script{.hidden = text.substr(at)};
  // Line ends do not count, and of characters beyond ASCII the first byte only.
  std::uint32_t left = *size;
  std::size_t used = 0;
  while (left > 0 && used < script.hidden.size()) {
    const char c = script.hidden[used++];
    if (c == '\n' || c == '\r') continue;
    if (static_cast<std::uint8_t>(c) >= 0x80) ++used;
    --left;
  }
  used = std::min(used, script.hidden.size());
  script.hidden = script.hidden.substr(0, used);
  script.is_whole = left == 0;
  script.end = at + used;
  if (text.size() - script.end >= kTailCharacters) script.end += kTailCharacters;
  return script;
}

std::size_t decode_script(const EncodedScript& script, ByteSpan plain) {
  std::size_t turn = 0;
  std::size_t size = 0;
  const auto put = [&](char c) { plain[size++] = static_cast<std::uint8_t>(c); };
  const std::string_view hidden = script.hidden;
  for (std::size_t i = 0; i < hidden.size(); ++i) {
    const char c = hidden[i];
    if (c == '\n' || c == '\r') continue;
    if (static_cast<std::uint8_t>(c) >= 0x80) {
      put(c);
      if (++i < hidden.size()) put(hidden[i]);
      continue;
    }
    const auto table = static_cast<std::size_t>(kTurns[turn++ % kTurns.size()] - '0');
    char meant = c;
    if (c == kPair) {
      meant = i + 1 < hidden.size() ? second_of_pair(hidden[++i]) : kPair;
    } else if (c >= kFirst) {
      meant = kTables[table][static_cast<std::size_t>(c - kFirst)];
    } else if (c == '\t') {
      meant = kTabs[table];
    }
    put(meant);
  }
  return size;
}

std::string with_decoded_script(std::string_view text) {
  const std::size_t mark = text.find(kEncodedScriptMark);
  const auto script = mark == text.npos ? std::nullopt : find_encoded_script(text, mark);
  if (!script) return std::string(text);
  Bytes plain(script->hidden.size());
  plain.resize(decode_script(*script, plain));
  return std::string(text.substr(0, mark)) + std::string(as_text(plain))
         + std::string(text.substr(script->end));
}

std::optional<std::string> decoded_tag(std::string_view tag) {
  struct Language {
    std::string_view encoded;
    std::string_view plain;
  };
  constexpr auto kLanguages =
      std::to_array<Language>({{"jscript.encode", "javascript"}, {"vbscript.encode", "vbscript"}});
  constexpr std::string_view kAttribute = " language=";
  const std::size_t name = tag.find(kAttribute);
  if (name == tag.npos) return std::nullopt;
  const std::string_view front = tag.substr(0, name + kAttribute.size());
  std::string_view value = tag.substr(front.size());
  if (value.starts_with('"')) value.remove_prefix(1);
  for (const Language& language : kLanguages) {
    if (!value.starts_with(language.encoded)) continue;
    value.remove_prefix(language.encoded.size());
    if (value.starts_with('"')) value.remove_prefix(1);
    return std::string(front) + '"' + std::string(language.plain) + '"' + std::string(value);
  }
  return std::nullopt;
}

void unpack_encoded_script(ByteView object, Walk& walk) {
  const std::string_view text = as_text(object);
  const auto script = find_encoded_script(text, 0);
  if (!script) return;
  Output page(walk.budget);
  page.begin(object.size());
  bool fits = page.add(as_bytes("<script>"));
  if (script->hidden.size() <= page.room()) {
    page.commit(decode_script(*script, page.reserve(script->hidden.size())));
  } else {
    page.note_limit();
    fits = false;
  }
  fits = fits && page.add(as_bytes(text.substr(script->end))) && page.add(as_bytes("</script>"));
  const End end = !fits ? End::over_budget : script->is_whole ? End::whole : End::damaged;
  walk.give(
      {.name = "script", .packed_size = object.size(), .size = page.size(), .kind = Kind::html},
      end, page);
}

}  // namespace amanat::unpack
