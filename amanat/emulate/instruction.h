#pragma once

// One instruction of a program of 32 bits, taken apart.

#include <cstdint>

#include "amanat/bytes/bytes.h"
#include "amanat/emulate/registers.h"

namespace amanat::emulate {

inline constexpr std::size_t kInstructionBytesMax = 15;  // SDM volume 2, section 2.3.11

/// What an instruction does; the names are Intel's, but for those that are words of C++.
enum class Operation : std::uint8_t {
  undefined,    // #UD: a handler of the program may wait for it
  privileged,   // #GP: likewise
  unsupported,  // real processors know it, we do not: emulation ends here
  incomplete,   // more bytes are needed
  // Placeholders of the opcode map, replaced by what the ModR/M byte chooses.
  group1,
  group1a,
  group2,
  group3_byte,
  group3,
  group4,
  group5,
  group8,
  group9,
  group11,
  // arithmetic
  add,
  bit_or,
  adc,
  sbb,
  bit_and,
  sub,
  bit_xor,
  cmp,
  test,
  inc,
  dec,
  neg,
  bit_not,
  mul,
  imul,
  imul_wide,  // into twice the width
  div,
  idiv,
  daa,
  das,
  aaa,
  aas,
  aam,
  aad,
  // shifts and bits
  rol,
  ror,
  rcl,
  rcr,
  shl,
  shr,
  sar,
  shld,
  shrd,
  bt,
  bts,
  btr,
  btc,
  bsf,
  bsr,
  bswap,
  // moves
  mov,
  movsx,
  lea,
  xchg,
  xadd,
  cmpxchg,
  cmpxchg8b,
  xlat,
  cmov,
  setcc,
  cbw,  // CBW, CWDE
  cwd,  // CWD, CDQ
  mov_from_segment,
  mov_to_segment,
  // the stack
  push,
  pop,
  push_segment,
  pop_segment,
  pusha,
  popa,
  pushf,
  popf,
  enter,
  leave,
  // control
  jmp,
  jcc,
  call,
  ret,
  loop,
  loope,
  loopne,
  jecxz,
  int3,
  int_n,
  into,
  icebp,
  bound,
  // flags
  clc,
  stc,
  cmc,
  cld,
  std_,
  lahf,
  sahf,
  salc,
  // strings
  movs,
  cmps,
  stos,
  lods,
  scas,
  // the rest
  nop,
  cpuid,
  rdtsc,
  x87,
  host_call,  // 0f 0a, which no processor knows: a function of the system is to be answered
};

/// Where an operand is.
enum class Place : std::uint8_t { none, general, memory, immediate };

struct Operand {
  Place place = Place::none;
  std::uint8_t number = 0;  // of the register
  std::uint8_t shift = 0;   // 8 for AH, CH, DH, BH
  std::uint8_t bits = 0;    // 8, 16 or 32
};

enum class Repeat : std::uint8_t { none, equal, not_equal };  // REP and REPE; REPNE

struct Instruction {
  Operation operation = Operation::incomplete;
  std::uint8_t length = 0;     // in bytes
  std::uint8_t bits = 32;      // of the operation: 8, 16 or 32
  std::uint8_t condition = 0;  // the low half of the opcode
  std::uint8_t selector = 0;   // the middle field of ModR/M: of groups, segments and x87
  Repeat repeat = Repeat::none;
  Operand to;  // the operands in Intel's order: to, from, third
  Operand from;
  Operand third;
  // The address of the operand in memory: base + index << scale + displacement.
  std::uint8_t base = reg::kNone;
  std::uint8_t index = reg::kNone;
  std::uint8_t scale = 0;
  std::uint8_t address_bits = 32;
  bool in_thread_block = false;  // FS:
  std::uint8_t nesting = 0;      // the second immediate of ENTER
  std::uint8_t opcode = 0;       // the last byte of it
  std::uint32_t displacement = 0;
  std::uint32_t immediate = 0;  // of a jump: where it goes
};

/// Takes apart the instruction at the front of `code`, which lies at `address`. `incomplete` when
/// it goes on behind the end of `code`; kInstructionBytesMax bytes are always enough.
Instruction decode(ByteView code, std::uint32_t address);

}  // namespace amanat::emulate
