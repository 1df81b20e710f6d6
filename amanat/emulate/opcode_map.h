#pragma once

// The opcodes of an x86 processor as tables: Intel SDM volume 2, appendix A, in its notation.

#include <array>
#include <cstdint>

#include "amanat/emulate/instruction.h"

namespace amanat::emulate {

/// How an operand is written (appendix A.2): the letter says where, the small one how wide. `v` and
/// `z` are 32 bits, or 16 behind the operand-size prefix.
enum class Arg : std::uint8_t {
  none,
  Eb,  // register or memory, by ModR/M
  Ew,
  Ev,
  M,   // memory, by ModR/M
  Gb,  // register, by the middle field of ModR/M
  Gv,
  Zb,  // register, by the low bits of the opcode
  Zv,
  Ib,   // immediate
  Ibs,  // immediate byte, extended with its sign
  Iw,
  Iz,
  Jb,  // a place relative to the next instruction
  Jz,
  Ob,  // memory at an address in the instruction
  Ov,
  Sw,  // a segment register
  Nb,  // the nesting level of ENTER
  AL,
  rAX,
  CL,
  one,
  byte,  // no operand, but this width
  word,
};

struct Row {
  Operation operation = Operation::undefined;
  Arg to = Arg::none;
  Arg from = Arg::none;
  Arg third = Arg::none;
};

/// Table A-2. Prefixes are not in it.
const Row& one_byte_row(std::uint8_t opcode);

/// Table A-3: opcodes behind 0f.
const Row& two_byte_row(std::uint8_t opcode);

/// Table A-6: what `selector` makes of a row whose operation is a group; other rows stay.
Row choose_in_group(const Row& row, std::uint8_t selector);

/// Whether LOCK may stand before it, when the operand it changes is in memory (LOCK in volume 2).
bool may_be_locked(Operation operation);

}  // namespace amanat::emulate
