#pragma once

// Subsignatures that are no bodies, as bytes.
//
//   byte compare   reference, offset (signed), u8 form, u8 little-endian, u8 exact, size,
//                  number of tests, each: u8 comparison, value (signed)
//   regex          u16 flags in the order of their declaration, trigger as a block, expression

#include <optional>

#include "amanat/signature/logical.h"
#include "amanat/threat/code.h"

namespace amanat::threat {

Bytes encode_byte_compare(const signature::ByteCompare& compare);
std::optional<signature::ByteCompare> decode_byte_compare(ByteView code);

Bytes encode_regex(const signature::Regex& regex);
/// A regular expression where it lies; borrows.
struct RegexCode {
  signature::Regex::Flags flags;
  ByteView trigger;  // for evaluate_expression
  std::string_view expression;
};
std::optional<RegexCode> decode_regex(ByteView code);

}  // namespace amanat::threat
