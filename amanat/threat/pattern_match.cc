// Matching one part at one place, straight from its bytes.

#include <algorithm>
#include <cstring>

#include "amanat/signature/boundary.h"
#include "amanat/threat/pattern_code.h"
#include "amanat/threat/pattern_ops.h"

namespace amanat::threat {
namespace {
using signature::Boundary;

constexpr std::uint8_t kCaseMask = 0xdf;
// Alternatives that may end at different places are tried by recursion; real patterns have few.
constexpr unsigned kBranchesMax = signature::kAlternativesMax;

bool is_letter_value(std::uint8_t value) { return value >= 'A' && value <= 'Z'; }

bool fits_folded(std::uint8_t byte, std::uint8_t value) {
  return is_letter_value(value) ? (byte & kCaseMask) == value : byte == value;
}

bool fits_masked(ByteView text, ByteView values, ByteView masks) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    if ((text[i] & masks[i]) != values[i]) return false;
  }
  return true;
}

class PartMatch {
 public:
  PartMatch(const PartCode& part, ByteView text, std::uint64_t begin, Work& work)
      : part_(part), text_(text), begin_(begin), work_(work) {}

  std::optional<std::uint64_t> run() {
    if (!left_side_holds()) return std::nullopt;
    return match_from(CodeReader(part_.elements), begin_, 0);
  }

 private:
  // The bytes of the text that an element of this size takes; empty when the text ends before.
  ByteView take(std::uint64_t position, std::uint64_t size) const {
    return slice(text_, position, size);
  }

  std::optional<std::uint64_t> match_from(CodeReader code, std::uint64_t position,
                                          unsigned branches) {
    while (!code.at_end()) {
      const auto op = static_cast<Op>(code.byte());
      if (op == Op::choices) return match_choices(code, position, branches);
      if (!match_element(op, code, position) || code.failed()) return std::nullopt;
    }
    if (!right_side_holds(position)) return std::nullopt;
    return position;
  }

  // Moves `position` behind the element when it fits.
  bool match_element(Op op, CodeReader& code, std::uint64_t& position) {
    switch (op) {
      case Op::exact: return match_exact(code, position);
      case Op::folded: return match_folded(code, position);
      case Op::wide_exact:
      case Op::wide_folded: return match_wide(code, position, op == Op::wide_folded);
      case Op::masked: return match_masked(code, position);
      case Op::skip: return match_skip(code, position);
      case Op::plain_choices:
      case Op::masked_choices: return match_equal_choices(code, position, op == Op::masked_choices);
      case Op::boundary: return match_boundary(code, position);
      case Op::choices: break;
    }
    return false;
  }

  bool match_exact(CodeReader& code, std::uint64_t& position) const {
    const ByteView values = code.block();
    const ByteView text = take(position, values.size());
    if (values.empty() || text.empty()) return false;
    position += values.size();
    return std::memcmp(text.data(), values.data(), values.size()) == 0;
  }

  bool match_folded(CodeReader& code, std::uint64_t& position) const {
    const ByteView values = code.block();
    const ByteView text = take(position, values.size());
    if (values.empty() || text.empty()) return false;
    position += values.size();
    return std::ranges::equal(text, values, fits_folded);
  }

  bool match_wide(CodeReader& code, std::uint64_t& position, bool folded) const {
    const ByteView values = code.block();
    const ByteView text = take(position, values.size() * 2);
    if (values.empty() || text.empty()) return false;
    position += text.size();
    for (std::size_t i = 0; i < values.size(); ++i) {
      const std::uint8_t byte = text[2 * i];
      if (text[2 * i + 1] != 0) return false;
      if (!(folded ? fits_folded(byte, values[i]) : byte == values[i])) return false;
    }
    return true;
  }

  bool match_masked(CodeReader& code, std::uint64_t& position) const {
    const std::uint64_t size = code.number();
    const ByteView values = code.raw(size);
    const ByteView masks = code.raw(size);
    const ByteView text = take(position, size);
    if (size == 0 || code.failed() || text.empty()) return false;
    position += size;
    return fits_masked(text, values, masks);
  }

  bool match_skip(CodeReader& code, std::uint64_t& position) const {
    const std::uint64_t size = code.number();
    if (size > text_.size() - position) return false;
    position += size;
    return true;
  }

  bool match_equal_choices(CodeReader& code, std::uint64_t& position, bool masked) {
    const bool negated = code.byte() != 0;
    const std::uint32_t count = code.number32();
    const std::uint64_t size = code.number();
    const ByteView text = take(position, size);
    bool any = false;
    for (std::uint32_t i = 0; i < count && !code.failed(); ++i) {
      const ByteView values = code.raw(size);
      const ByteView masks = masked ? code.raw(size) : ByteView{};
      if (code.failed() || text.empty()) return false;
      any = any || (masked ? fits_masked(text, values, masks) : std::ranges::equal(text, values));
    }
    position += size;
    return any != negated && !text.empty() && work_.spend(count);
  }

  std::optional<std::uint64_t> match_choices(CodeReader code, std::uint64_t position,
                                             unsigned branches) {
    if (code.byte() != 0 || branches == kBranchesMax) return std::nullopt;
    const std::uint32_t count = code.number32();
    CodeReader after = code;
    for (std::uint32_t i = 0; i < count && !after.failed(); ++i) {
      const std::uint64_t size = after.number();
      after.raw(size);
      after.raw(size);
    }
    for (std::uint32_t i = 0; i < count && !after.failed(); ++i) {
      const std::uint64_t size = code.number();
      const ByteView values = code.raw(size);
      const ByteView masks = code.raw(size);
      const ByteView text = take(position, size);
      if (!work_.spend(1)) return std::nullopt;
      if (text.size() != size || !fits_masked(text, values, masks)) continue;
      if (const auto end = match_from(after, position + size, branches + 1)) return end;
    }
    return std::nullopt;
  }

  bool match_boundary(CodeReader& code, std::uint64_t& position) const {
    const Boundary boundary = boundary_of(code.byte());
    if (position >= text_.size()) return false;
    const auto length = signature::fits_inside(boundary, text_, position);
    position += length.value_or(0);
    return length.has_value();
  }

  struct Near {
    std::uint8_t present = 0;
    std::uint8_t value = 0;
    std::uint8_t mask = 0;
    std::uint8_t min = 0;
    std::uint8_t max = 0;
  };
  static Near read_near(CodeReader& code) {
    Near near;
    near.present = code.byte();
    if (near.present == 0) return near;
    near.value = code.byte();
    near.mask = code.byte();
    near.min = code.byte();
    near.max = code.byte();
    return near;
  }

  bool near_holds(const Near& near, bool before, std::uint64_t end) const {
    for (std::uint64_t distance = near.min; distance <= near.max; ++distance) {
      const bool outside = before ? distance + 1 > begin_ : end + distance >= text_.size();
      if (outside) return false;
      const std::uint8_t byte = before ? text_[begin_ - 1 - distance] : text_[end + distance];
      if ((byte & near.mask) == near.value) return true;
    }
    return false;
  }

  static Boundary boundary_of(std::uint8_t byte) {
    const auto kind = std::min<unsigned>(byte & kBoundaryKind, 2U);
    return {static_cast<Boundary::Kind>(kind), (byte & kNegated) != 0};
  }

  bool left_side_holds() {
    CodeReader code(part_.surroundings);
    const Near before = read_near(code);
    after_ = read_near(code);
    const std::uint8_t left = code.byte();
    right_ = code.byte();
    if (code.failed()) return false;
    if (left != 0 && !signature::fits_left(boundary_of(left), part_.wide, text_, begin_)) {
      return false;
    }
    return before.present == 0 || near_holds(before, true, 0);
  }

  bool right_side_holds(std::uint64_t end) const {
    if (right_ != 0 && !signature::fits_right(boundary_of(right_), part_.wide, text_, end)) {
      return false;
    }
    return after_.present == 0 || near_holds(after_, false, end);
  }

  const PartCode& part_;
  ByteView text_;
  std::uint64_t begin_;
  Work& work_;
  Near after_;
  std::uint8_t right_ = 0;
};
}  // namespace

std::optional<std::uint64_t> match_part(const PartCode& part, ByteView text, std::uint64_t begin,
                                        Work& work) {
  if (begin > text.size() || text.size() - begin < part.length_min) return std::nullopt;
  return PartMatch(part, text, begin, work).run();
}

}  // namespace amanat::threat
