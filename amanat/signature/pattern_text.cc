#include "amanat/signature/pattern_text.h"

#include <algorithm>

#include "amanat/signature/fields.h"

namespace amanat::signature {
namespace {

using Text = std::string_view;

// A gap of exactly n bytes is written out as n times ?? up to here.
constexpr std::uint32_t kWrittenGapMax = 127;

Parsed<Gap> parse_gap(Text text) {
  const std::size_t dash = text.find('-');
  const auto number = [](Text digits) -> std::optional<std::uint32_t> {
    if (digits.empty()) return 0;
    return parse_number<std::uint32_t>(digits);
  };
  const auto min = number(text.substr(0, dash));
  const auto max = dash == Text::npos ? min : number(text.substr(dash + 1));
  if (!min || !max) return refuse(Reason::malformed, "a gap");
  if (*min > kGapMax || *max > kGapMax) return refuse(Reason::too_costly, "a gap");
  return Gap{.min = *min, .max = *max == 0 ? std::nullopt : max};  // 0 bounds nothing
}

}  // namespace

std::string near_to_gap(Text text) {
  std::string out(text);
  std::ranges::replace(out, '[', '{');
  std::ranges::replace(out, ']', '}');
  return out;
}

Parsed<std::string> widen(Text text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '*' || c == '|' || c == ')' || c == '!') {
      out += c;
    } else if (c == '{') {
      const std::size_t end = text.find('}', i);
      if (end == Text::npos) return refuse(Reason::malformed, "a gap without its end");
      out += text.substr(i, end + 1 - i);
      i = end;
    } else if (c == '(') {
      out += c;
      if (i + 2 < text.size() && (text[i + 1] == 'B' || text[i + 1] == 'L' || text[i + 1] == 'W')) {
        out += text[i + 1];
        ++i;
        if (text[i + 1] != ')') return refuse(Reason::malformed, "a boundary without its end");
      }
    } else {
      if (i + 1 == text.size()) return refuse(Reason::malformed, "half a byte");
      out += text.substr(i, 2);
      out += "00";
      ++i;
    }
  }
  return out;
}

Parsed<std::string> write_out_gaps(std::string text) {
  for (;;) {
    const std::size_t open = text.find('{');
    const std::size_t close = text.find('}', open == Text::npos ? 0 : open);
    if (open == Text::npos || close == Text::npos) return text;
    const auto size = parse_number<std::uint32_t>(Text(text).substr(open + 1, close - open - 1));
    if (!size || *size == 0 || *size > kWrittenGapMax) return text;
    text.replace(open, close + 1 - open, std::string(std::size_t{2} * *size, '?'));
    if (text.size() > kPatternTextMax) return refuse(Reason::too_costly, "the pattern");
  }
}

Parsed<Cut> cut_into_parts(Text text) {
  Cut cut;
  std::size_t level = 0;
  std::size_t start = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '(') ++level;
    if (text[i] == ')' && level > 0) --level;
    if (text[i] != '{' && text[i] != '*') continue;
    if (level > 0) return refuse(Reason::malformed, "a gap inside alternatives");
    cut.parts.push_back(text.substr(start, i - start));
    if (cut.parts.size() == kPartsMax) return refuse(Reason::too_costly, "too many parts");
    if (text[i] == '*') {
      cut.gaps.emplace_back();
    } else {
      const std::size_t end = text.find('}', i);
      if (end == Text::npos) return refuse(Reason::malformed, "a gap without its end");
      const auto gap = parse_gap(text.substr(i + 1, end - i - 1));
      if (!gap) return std::unexpected(gap.error());
      cut.gaps.push_back(*gap);
      i = end;
    }
    start = i + 1;
  }
  cut.parts.push_back(text.substr(start));
  return cut;
}

}  // namespace amanat::signature
