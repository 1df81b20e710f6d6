#include "amanat/threat/subsignature_code.h"

#include <array>

#include "amanat/threat/expression_code.h"

namespace amanat::threat {
namespace {
using signature::ByteCompare;
using signature::Regex;
using Flags = Regex::Flags;

constexpr std::size_t kTestsMax = 2;
constexpr std::array<bool Flags::*, 10> kFlags{
    &Flags::global,         &Flags::rolling,   &Flags::encompass, &Flags::caseless,
    &Flags::dotall,         &Flags::multiline, &Flags::extended,  &Flags::anchored,
    &Flags::dollar_endonly, &Flags::ungreedy};
}  // namespace

Bytes encode_byte_compare(const ByteCompare& compare) {
  CodeWriter code;
  code.number(compare.reference);
  code.signed_number(compare.offset);
  code.byte(static_cast<std::uint8_t>(compare.form));
  code.byte(compare.little_endian ? 1 : 0);
  code.byte(compare.exact ? 1 : 0);
  code.number(compare.size);
  code.number(compare.tests.size());
  for (const ByteCompare::Test& test : compare.tests) {
    code.byte(static_cast<std::uint8_t>(test.comparison));
    code.signed_number(test.value);
  }
  return std::move(code).take();
}

std::optional<ByteCompare> decode_byte_compare(ByteView bytes) {
  CodeReader code(bytes);
  ByteCompare compare;
  compare.reference = code.number32();
  compare.offset = code.signed_number();
  compare.form = static_cast<ByteCompare::Form>(code.byte() % 4);
  compare.little_endian = code.byte() != 0;
  compare.exact = code.byte() != 0;
  compare.size = code.number32();
  const std::uint64_t tests = code.number();
  if (tests == 0 || tests > kTestsMax) return std::nullopt;
  for (std::uint64_t i = 0; i < tests; ++i) {
    const auto comparison = static_cast<signature::Comparison>(code.byte() % 3);
    compare.tests.push_back({comparison, code.signed_number()});
  }
  if (code.failed()) return std::nullopt;
  return compare;
}

Bytes encode_regex(const Regex& regex) {
  unsigned flags = 0;
  for (std::size_t i = 0; i < kFlags.size(); ++i) flags |= (regex.flags.*kFlags[i] ? 1U : 0U) << i;
  CodeWriter code;
  code.byte(static_cast<std::uint8_t>(flags));
  code.byte(static_cast<std::uint8_t>(flags >> 8U));
  code.block(encode_expression(regex.trigger, [](std::uint32_t) { return 0.0; }));
  code.raw(as_bytes(regex.expression));
  return std::move(code).take();
}

std::optional<RegexCode> decode_regex(ByteView bytes) {
  CodeReader code(bytes);
  unsigned flags = code.byte();
  flags |= static_cast<unsigned>(code.byte()) << 8U;
  RegexCode regex;
  for (std::size_t i = 0; i < kFlags.size(); ++i) {
    regex.flags.*kFlags[i] = ((flags >> i) & 1U) != 0;
  }
  regex.trigger = code.block();
  regex.expression = as_text(code.rest());
  if (code.failed()) return std::nullopt;
  return regex;
}

}  // namespace amanat::threat
