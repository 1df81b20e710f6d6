#pragma once

// Integer arithmetic of an x86 processor: results and flags, nothing else (Intel SDM volume 1,
// section 3.4.3.1 and appendix A; volume 2 for each instruction).
//
// Operands are 8, 16 or 32 bits wide (`bits`) and lie in the low end of their numbers, with zeros
// above; so do results. `flags` is changed as the instruction does it. What the manual leaves
// undefined stays as it was, or is what most processors do.

#include <cstdint>
#include <optional>

#include "amanat/emulate/registers.h"

namespace amanat::emulate::alu {

constexpr std::uint32_t mask_of(unsigned bits) { return 0xffff'ffffU >> (32 - bits); }

constexpr std::uint32_t sign_extend(std::uint32_t value, unsigned bits) {
  const unsigned unused = 32 - bits;
  return static_cast<std::uint32_t>(static_cast<std::int32_t>(value << unused) >> unused);
}

/// Zero, sign and parity of a result.
constexpr std::uint32_t flags_of(std::uint32_t result, unsigned bits) {
  const std::uint32_t odd = 0x6996U >> ((result ^ result >> 4) & 15) & 1;  // of the low byte
  return (odd ^ 1) * flag::kParity | (result == 0 ? flag::kZero : 0)
         | (result >> (bits - 1) & 1) * flag::kSign;
}

constexpr void set_flags(std::uint32_t& flags, std::uint32_t which, std::uint32_t values) {
  flags = (flags & ~which) | values;
}

/// a + b + carry (ADD, ADC, XADD).
constexpr std::uint32_t add(std::uint32_t& flags, std::uint32_t a, std::uint32_t b,
                            std::uint32_t carry, unsigned bits) {
  const std::uint64_t sum = std::uint64_t{a} + b + carry;
  const std::uint32_t result = static_cast<std::uint32_t>(sum) & mask_of(bits);
  const std::uint32_t overflow = ((a ^ result) & (b ^ result)) >> (bits - 1) & 1;
  set_flags(flags, flag::kArithmetic,
            flags_of(result, bits) | static_cast<std::uint32_t>(sum >> bits & 1)
                | ((a ^ b ^ result) & flag::kAdjust) | overflow * flag::kOverflow);
  return result;
}

/// a - b - borrow (SUB, SBB, CMP, NEG).
constexpr std::uint32_t subtract(std::uint32_t& flags, std::uint32_t a, std::uint32_t b,
                                 std::uint32_t borrow, unsigned bits) {
  const std::uint64_t difference = std::uint64_t{a} - b - borrow;
  const std::uint32_t result = static_cast<std::uint32_t>(difference) & mask_of(bits);
  const std::uint32_t overflow = ((a ^ b) & (a ^ result)) >> (bits - 1) & 1;
  set_flags(flags, flag::kArithmetic,
            flags_of(result, bits) | static_cast<std::uint32_t>(difference >> bits & 1)
                | ((a ^ b ^ result) & flag::kAdjust) | overflow * flag::kOverflow);
  return result;
}

/// The flags of AND, OR, XOR and TEST; returns the result as it came.
constexpr std::uint32_t logic(std::uint32_t& flags, std::uint32_t result, unsigned bits) {
  set_flags(flags, flag::kArithmetic & ~flag::kAdjust, flags_of(result, bits));
  return result;
}

/// INC and DEC leave the carry alone.
constexpr std::uint32_t increment(std::uint32_t& flags, std::uint32_t a, unsigned bits) {
  const std::uint32_t carry = flags & flag::kCarry;
  const std::uint32_t result = add(flags, a, 1, 0, bits);
  set_flags(flags, flag::kCarry, carry);
  return result;
}
constexpr std::uint32_t decrement(std::uint32_t& flags, std::uint32_t a, unsigned bits) {
  const std::uint32_t carry = flags & flag::kCarry;
  const std::uint32_t result = subtract(flags, a, 1, 0, bits);
  set_flags(flags, flag::kCarry, carry);
  return result;
}

// Shifts and rotations. `count` is taken modulo 32, and a count of 0 changes nothing.
using Shift = std::uint32_t(std::uint32_t& flags, std::uint32_t a, std::uint32_t count,
                            unsigned bits);
Shift shift_left;             // SHL, SAL
Shift shift_right;            // SHR
Shift shift_right_signed;     // SAR
Shift rotate_left;            // ROL
Shift rotate_right;           // ROR
Shift rotate_left_by_carry;   // RCL
Shift rotate_right_by_carry;  // RCR

/// SHLD and SHRD: bits of `b` come in where those of `a` go out. 16 or 32 bits.
std::uint32_t shift_left_double(std::uint32_t& flags, std::uint32_t a, std::uint32_t b,
                                std::uint32_t count, unsigned bits);
std::uint32_t shift_right_double(std::uint32_t& flags, std::uint32_t a, std::uint32_t b,
                                 std::uint32_t count, unsigned bits);

/// A product, or quotient and remainder, of twice the width.
struct Wide {
  std::uint32_t low = 0;
  std::uint32_t high = 0;
};

/// MUL and IMUL.
Wide multiply(std::uint32_t& flags, std::uint32_t a, std::uint32_t b, unsigned bits);
Wide multiply_signed(std::uint32_t& flags, std::uint32_t a, std::uint32_t b, unsigned bits);

/// DIV and IDIV: the quotient is `low`, the remainder `high`; nothing when the processor raises
/// a divide error.
std::optional<Wide> divide(Wide dividend, std::uint32_t divisor, unsigned bits);
std::optional<Wide> divide_signed(Wide dividend, std::uint32_t divisor, unsigned bits);

// Decimal arithmetic on AX: DAA and DAS on AL, AAA and AAS, AAM, AAD.
std::uint32_t adjust_after_add(std::uint32_t& flags, std::uint32_t al);
std::uint32_t adjust_after_subtract(std::uint32_t& flags, std::uint32_t al);
std::uint32_t adjust_unpacked_add(std::uint32_t& flags, std::uint32_t ax);
std::uint32_t adjust_unpacked_subtract(std::uint32_t& flags, std::uint32_t ax);
std::optional<std::uint32_t> split_digits(std::uint32_t& flags, std::uint32_t ax,
                                          std::uint32_t base);
std::uint32_t join_digits(std::uint32_t& flags, std::uint32_t ax, std::uint32_t base);

/// Whether condition `number` of Jcc, SETcc and CMOVcc holds (SDM volume 1, appendix B).
constexpr bool holds(std::uint32_t flags, unsigned number) {
  const auto is_set = [flags](std::uint32_t which) { return (flags & which) != 0; };
  const bool less = is_set(flag::kSign) != is_set(flag::kOverflow);
  bool result = false;
  switch (number >> 1 & 7) {
    case 0: result = is_set(flag::kOverflow); break;
    case 1: result = is_set(flag::kCarry); break;
    case 2: result = is_set(flag::kZero); break;
    case 3: result = is_set(flag::kCarry | flag::kZero); break;
    case 4: result = is_set(flag::kSign); break;
    case 5: result = is_set(flag::kParity); break;
    case 6: result = less; break;
    default: result = less || is_set(flag::kZero); break;
  }
  return result != ((number & 1) != 0);
}

}  // namespace amanat::emulate::alu
