// The operands of arithmetic, shifts and bits; what becomes of them is in alu.h.

#include <bit>

#include "amanat/emulate/processor.h"

namespace amanat::emulate {

using enum Operation;

void Processor::arithmetic(const Instruction& i) {
  std::uint32_t& flags = registers.flags;
  const std::uint32_t a = read(i, i.to);
  const std::uint32_t b = read(i, i.from);
  const unsigned width = i.to.bits;
  const std::uint32_t carry = flags & flag::kCarry;
  // What faults leaves no flags behind: the registers are put back as they were.
  switch (i.operation) {
    case add: return write(i, i.to, alu::add(flags, a, b, 0, width));
    case adc: return write(i, i.to, alu::add(flags, a, b, carry, width));
    case sub: return write(i, i.to, alu::subtract(flags, a, b, 0, width));
    case sbb: return write(i, i.to, alu::subtract(flags, a, b, carry, width));
    case cmp: alu::subtract(flags, a, b, 0, width); return;
    case bit_and: return write(i, i.to, alu::logic(flags, a & b, width));
    case bit_or: return write(i, i.to, alu::logic(flags, a | b, width));
    case bit_xor: return write(i, i.to, alu::logic(flags, a ^ b, width));
    case test: alu::logic(flags, a & b, width); return;
    case inc: return write(i, i.to, alu::increment(flags, a, width));
    case dec: return write(i, i.to, alu::decrement(flags, a, width));
    case neg: return write(i, i.to, alu::subtract(flags, 0, a, 0, width));
    default: return write(i, i.to, ~a & alu::mask_of(width));
  }
}

void Processor::shift(const Instruction& i) {
  std::uint32_t& flags = registers.flags;
  const std::uint32_t a = read(i, i.to);
  const std::uint32_t b = read(i, i.from);
  const unsigned width = i.to.bits;
  switch (i.operation) {
    case rol: return write(i, i.to, alu::rotate_left(flags, a, b, width));
    case ror: return write(i, i.to, alu::rotate_right(flags, a, b, width));
    case rcl: return write(i, i.to, alu::rotate_left_by_carry(flags, a, b, width));
    case rcr: return write(i, i.to, alu::rotate_right_by_carry(flags, a, b, width));
    case shl: return write(i, i.to, alu::shift_left(flags, a, b, width));
    case shr: return write(i, i.to, alu::shift_right(flags, a, b, width));
    case sar: return write(i, i.to, alu::shift_right_signed(flags, a, b, width));
    case shld: return write(i, i.to, alu::shift_left_double(flags, a, b, read(i, i.third), width));
    default: return write(i, i.to, alu::shift_right_double(flags, a, b, read(i, i.third), width));
  }
}

void Processor::bits(const Instruction& i) {
  std::uint32_t& flags = registers.flags;
  const std::uint32_t value = read(i, i.operation == bswap ? i.to : i.from);
  switch (i.operation) {
    case bsf:
    case bsr:
      alu::set_flags(flags, flag::kZero, value == 0 ? flag::kZero : 0);
      if (value == 0) return;  // the register stays
      return write(i, i.to,
                   static_cast<std::uint32_t>(i.operation == bsf ? std::countr_zero(value)
                                                                 : 31 - std::countl_zero(value)));
    case bswap:  // of 16 bits: undefined, processors give 0
      return write(i, i.to, i.bits == 16 ? 0 : __builtin_bswap32(value));
    default: return test_bit(i);
  }
}

// A bit number in a register reaches beyond the operand in memory (BT in the manual).
void Processor::test_bit(const Instruction& i) {
  Instruction moved = i;
  const std::uint32_t number = read(i, i.from);
  if (i.to.place == Place::memory && i.from.place == Place::general) {
    const auto place = static_cast<std::int32_t>(alu::sign_extend(number, i.from.bits));
    const int bytes = i.to.bits / 8;
    moved.displacement += static_cast<std::uint32_t>((place >> (i.to.bits == 32 ? 5 : 4)) * bytes);
  }
  const std::uint32_t value = read(moved, i.to);
  const std::uint32_t mask = std::uint32_t{1} << (number & (i.to.bits - 1U));
  alu::set_flags(registers.flags, flag::kCarry, (value & mask) != 0 ? flag::kCarry : 0);
  switch (i.operation) {
    case bts: return write(moved, i.to, value | mask);
    case btr: return write(moved, i.to, value & ~mask);
    case btc: return write(moved, i.to, value ^ mask);
    default: return;
  }
}

void Processor::multiply_or_divide(const Instruction& i) {
  std::uint32_t& flags = registers.flags;
  const unsigned width = i.to.bits;
  if (i.operation == imul) {
    const Operand second = i.third.place == Place::none ? i.to : i.third;
    return write(i, i.to, alu::multiply_signed(flags, read(i, i.from), read(i, second), width).low);
  }
  // Of bytes, AX is the wide number; of others, EDX:EAX.
  const std::uint32_t factor = read(i, i.to);
  const auto put = [&](alu::Wide wide) {
    set(reg::kEax, width, wide.low);
    width == 8 ? write_register({.number = reg::kEax, .shift = 8, .bits = 8}, wide.high)
               : set(reg::kEdx, width, wide.high);
  };
  const std::uint32_t low = get(reg::kEax, width);
  if (i.operation == mul) return put(alu::multiply(flags, low, factor, width));
  if (i.operation == imul_wide) return put(alu::multiply_signed(flags, low, factor, width));
  const alu::Wide dividend{.low = low,
                           .high = width == 8 ? get(reg::kEax, 16) >> 8 : get(reg::kEdx, width)};
  const auto result = i.operation == div ? alu::divide(dividend, factor, width)
                                         : alu::divide_signed(dividend, factor, width);
  if (result) return put(*result);
  raise(factor == 0 ? Exception::divide_by_zero : Exception::divide_overflow);
}

void Processor::decimal(const Instruction& i) {
  std::uint32_t& flags = registers.flags;
  const std::uint32_t ax = get(reg::kEax, 16);
  switch (i.operation) {
    case daa: return set(reg::kEax, 8, alu::adjust_after_add(flags, ax & 0xff));
    case das: return set(reg::kEax, 8, alu::adjust_after_subtract(flags, ax & 0xff));
    case aaa: return set(reg::kEax, 16, alu::adjust_unpacked_add(flags, ax));
    case aas: return set(reg::kEax, 16, alu::adjust_unpacked_subtract(flags, ax));
    case aad: return set(reg::kEax, 16, alu::join_digits(flags, ax, i.immediate));
    default: {
      const auto digits = alu::split_digits(flags, ax, i.immediate);
      return digits ? set(reg::kEax, 16, *digits) : raise(Exception::divide_by_zero);
    }
  }
}

}  // namespace amanat::emulate
