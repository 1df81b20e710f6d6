#include "amanat/emulate/alu.h"

#include <bit>

namespace amanat::emulate::alu {
namespace {

constexpr std::uint32_t kCountMask = 31;

std::uint32_t top_bit(std::uint32_t value, unsigned bits) { return value >> (bits - 1) & 1; }

void set_carry_and_overflow(std::uint32_t& flags, std::uint32_t carry, std::uint32_t overflow) {
  set_flags(flags, flag::kCarry | flag::kOverflow,
            (carry & 1) * flag::kCarry | (overflow & 1) * flag::kOverflow);
}

std::uint32_t shifted(std::uint32_t& flags, std::uint32_t result, std::uint32_t carry,
                      std::uint32_t overflow, unsigned bits) {
  set_flags(flags, flag::kZero | flag::kSign | flag::kParity, flags_of(result, bits));
  set_carry_and_overflow(flags, carry, overflow);
  return result;
}

std::uint64_t joined(Wide wide, unsigned bits) {
  return std::uint64_t{wide.high} << bits | wide.low;
}

Wide split(std::uint64_t value, unsigned bits) {
  return {.low = static_cast<std::uint32_t>(value) & mask_of(bits),
          .high = static_cast<std::uint32_t>(value >> bits) & mask_of(bits)};
}

std::int64_t as_signed(std::uint32_t value, unsigned bits) {
  return static_cast<std::int32_t>(sign_extend(value, bits));
}

}  // namespace

std::uint32_t shift_left(std::uint32_t& flags, std::uint32_t a, std::uint32_t count,
                         unsigned bits) {
  count &= kCountMask;
  if (count == 0) return a;
  const std::uint64_t wide = std::uint64_t{a} << count;
  const auto result = static_cast<std::uint32_t>(wide) & mask_of(bits);
  const auto carry = static_cast<std::uint32_t>(wide >> bits & 1);
  return shifted(flags, result, carry, top_bit(result, bits) ^ carry, bits);
}

std::uint32_t shift_right(std::uint32_t& flags, std::uint32_t a, std::uint32_t count,
                          unsigned bits) {
  count &= kCountMask;
  if (count == 0) return a;
  return shifted(flags, a >> count, a >> (count - 1), top_bit(a, bits), bits);
}

std::uint32_t shift_right_signed(std::uint32_t& flags, std::uint32_t a, std::uint32_t count,
                                 unsigned bits) {
  count &= kCountMask;
  if (count == 0) return a;
  const std::int64_t value = as_signed(a, bits);
  const auto result = static_cast<std::uint32_t>(value >> count) & mask_of(bits);
  return shifted(flags, result, static_cast<std::uint32_t>(value >> (count - 1)), 0, bits);
}

std::uint32_t rotate_left(std::uint32_t& flags, std::uint32_t a, std::uint32_t count,
                          unsigned bits) {
  count &= kCountMask;
  if (count == 0) return a;
  const std::uint32_t by = count % bits;
  const std::uint32_t result = by == 0 ? a : (a << by | a >> (bits - by)) & mask_of(bits);
  set_carry_and_overflow(flags, result, top_bit(result, bits) ^ result);
  return result;
}

std::uint32_t rotate_right(std::uint32_t& flags, std::uint32_t a, std::uint32_t count,
                           unsigned bits) {
  count &= kCountMask;
  if (count == 0) return a;
  const std::uint32_t by = count % bits;
  const std::uint32_t result = by == 0 ? a : (a >> by | a << (bits - by)) & mask_of(bits);
  const std::uint32_t top = top_bit(result, bits);
  set_carry_and_overflow(flags, top, top ^ top_bit(result, bits - 1));
  return result;
}

// The carry is one more bit above the others.
std::uint32_t rotate_left_by_carry(std::uint32_t& flags, std::uint32_t a, std::uint32_t count,
                                   unsigned bits) {
  const std::uint32_t by = (count & kCountMask) % (bits + 1);
  if (by == 0) return a;
  const std::uint64_t ring = std::uint64_t{flags & flag::kCarry} << bits | a;
  const std::uint64_t turned = ring << by | ring >> (bits + 1 - by);
  const auto result = static_cast<std::uint32_t>(turned) & mask_of(bits);
  const auto carry = static_cast<std::uint32_t>(turned >> bits & 1);
  set_carry_and_overflow(flags, carry, top_bit(result, bits) ^ carry);
  return result;
}

std::uint32_t rotate_right_by_carry(std::uint32_t& flags, std::uint32_t a, std::uint32_t count,
                                    unsigned bits) {
  const std::uint32_t by = (count & kCountMask) % (bits + 1);
  if (by == 0) return a;
  const std::uint64_t ring = std::uint64_t{flags & flag::kCarry} << bits | a;
  const std::uint64_t turned = ring >> by | ring << (bits + 1 - by);
  const auto result = static_cast<std::uint32_t>(turned) & mask_of(bits);
  set_carry_and_overflow(flags, static_cast<std::uint32_t>(turned >> bits & 1),
                         top_bit(result, bits) ^ top_bit(result, bits - 1));
  return result;
}

// A count beyond 16 bits is undefined in the manual; `b` then comes in a second time.
std::uint32_t shift_left_double(std::uint32_t& flags, std::uint32_t a, std::uint32_t b,
                                std::uint32_t count, unsigned bits) {
  count &= kCountMask;
  if (count == 0) return a;
  if (count > bits) {
    a = b;
    count -= bits;
  }
  const std::uint64_t wide = (std::uint64_t{a} << bits | b) << count;
  const auto result = static_cast<std::uint32_t>(wide >> bits) & mask_of(bits);
  const std::uint32_t carry = a >> (bits - count) & 1;
  return shifted(flags, result, carry, top_bit(a, bits) ^ top_bit(result, bits), bits);
}

std::uint32_t shift_right_double(std::uint32_t& flags, std::uint32_t a, std::uint32_t b,
                                 std::uint32_t count, unsigned bits) {
  count &= kCountMask;
  if (count == 0) return a;
  if (count > bits) {
    a = b;
    count -= bits;
  }
  const std::uint64_t wide = (std::uint64_t{b} << bits | a) >> count;
  const auto result = static_cast<std::uint32_t>(wide) & mask_of(bits);
  return shifted(flags, result, a >> (count - 1), top_bit(a, bits) ^ top_bit(result, bits), bits);
}

Wide multiply(std::uint32_t& flags, std::uint32_t a, std::uint32_t b, unsigned bits) {
  const Wide product = split(std::uint64_t{a} * b, bits);
  const std::uint32_t is_wide = product.high != 0 ? 1 : 0;
  set_carry_and_overflow(flags, is_wide, is_wide);
  return product;
}

Wide multiply_signed(std::uint32_t& flags, std::uint32_t a, std::uint32_t b, unsigned bits) {
  const std::int64_t value = as_signed(a, bits) * as_signed(b, bits);
  const Wide product = split(static_cast<std::uint64_t>(value), bits);
  const std::uint32_t is_wide = value != as_signed(product.low, bits) ? 1 : 0;
  set_carry_and_overflow(flags, is_wide, is_wide);
  return product;
}

std::optional<Wide> divide(Wide dividend, std::uint32_t divisor, unsigned bits) {
  if (divisor == 0) return std::nullopt;
  const std::uint64_t value = joined(dividend, bits);
  const std::uint64_t quotient = value / divisor;
  if (quotient > mask_of(bits)) return std::nullopt;
  return Wide{.low = static_cast<std::uint32_t>(quotient),
              .high = static_cast<std::uint32_t>(value % divisor)};
}

std::optional<Wide> divide_signed(Wide dividend, std::uint32_t divisor, unsigned bits) {
  const std::uint64_t value = joined(dividend, bits);
  const bool is_negative = top_bit(dividend.high, bits) != 0;
  const std::int64_t by = as_signed(divisor, bits);
  if (by == 0) return std::nullopt;
  // Sizes are divided, so that nothing overflows; signs follow.
  const std::uint64_t all = bits == 32 ? ~std::uint64_t{0} : (std::uint64_t{1} << 2 * bits) - 1;
  const std::uint64_t size = is_negative ? (~value + 1) & all : value;
  const std::uint64_t by_size =
      by < 0 ? std::uint64_t{0} - static_cast<std::uint64_t>(by) : static_cast<std::uint64_t>(by);
  const std::uint64_t quotient = size / by_size;
  const bool quotient_is_negative = is_negative != (by < 0);
  const std::uint64_t most = (std::uint64_t{1} << (bits - 1)) - (quotient_is_negative ? 0 : 1);
  if (quotient > most) return std::nullopt;
  const auto with_sign = [bits](std::uint64_t number, bool negative) {
    return static_cast<std::uint32_t>(negative ? ~number + 1 : number) & mask_of(bits);
  };
  return Wide{.low = with_sign(quotient, quotient_is_negative),
              .high = with_sign(size % by_size, is_negative)};
}

std::uint32_t adjust_after_add(std::uint32_t& flags, std::uint32_t al) {
  const bool low = (al & 0xf) > 9 || (flags & flag::kAdjust) != 0;
  const bool high = al > 0x99 || (flags & flag::kCarry) != 0;
  const std::uint32_t result = (al + (low ? 6 : 0) + (high ? 0x60 : 0)) & 0xff;
  set_flags(flags, flag::kArithmetic & ~flag::kOverflow,
            flags_of(result, 8) | (low ? flag::kAdjust : 0) | (high ? flag::kCarry : 0));
  return result;
}

std::uint32_t adjust_after_subtract(std::uint32_t& flags, std::uint32_t al) {
  const bool low = (al & 0xf) > 9 || (flags & flag::kAdjust) != 0;
  const bool high = al > 0x99 || (flags & flag::kCarry) != 0;
  const bool borrows = high || (low && al < 6);
  const std::uint32_t result = (al - (low ? 6 : 0) - (high ? 0x60 : 0)) & 0xff;
  set_flags(flags, flag::kArithmetic & ~flag::kOverflow,
            flags_of(result, 8) | (low ? flag::kAdjust : 0) | (borrows ? flag::kCarry : 0));
  return result;
}

std::uint32_t adjust_unpacked_add(std::uint32_t& flags, std::uint32_t ax) {
  const bool adjusts = (ax & 0xf) > 9 || (flags & flag::kAdjust) != 0;
  if (adjusts) ax += 0x106;
  set_flags(flags, flag::kAdjust | flag::kCarry, adjusts ? flag::kAdjust | flag::kCarry : 0);
  return ax & 0xff0f;
}

std::uint32_t adjust_unpacked_subtract(std::uint32_t& flags, std::uint32_t ax) {
  const bool adjusts = (ax & 0xf) > 9 || (flags & flag::kAdjust) != 0;
  if (adjusts) ax -= 0x106;
  set_flags(flags, flag::kAdjust | flag::kCarry, adjusts ? flag::kAdjust | flag::kCarry : 0);
  return ax & 0xff0f;
}

std::optional<std::uint32_t> split_digits(std::uint32_t& flags, std::uint32_t ax,
                                          std::uint32_t base) {
  if (base == 0) return std::nullopt;
  const std::uint32_t al = ax & 0xff;
  const std::uint32_t low = al % base;
  set_flags(flags, flag::kZero | flag::kSign | flag::kParity, flags_of(low, 8));
  return al / base << 8 | low;
}

std::uint32_t join_digits(std::uint32_t& flags, std::uint32_t ax, std::uint32_t base) {
  const std::uint32_t al = ((ax & 0xff) + (ax >> 8 & 0xff) * base) & 0xff;
  set_flags(flags, flag::kZero | flag::kSign | flag::kParity, flags_of(al, 8));
  return al;
}

}  // namespace amanat::emulate::alu
