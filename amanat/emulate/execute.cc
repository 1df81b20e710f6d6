// What each instruction does (Intel SDM volume 2, chapters 3 and 4): moves, the stack, control and
// the few that only tell something. Arithmetic is in arithmetic.cc, strings are in strings.cc.

#include "amanat/emulate/processor.h"

namespace amanat::emulate {
namespace {

using enum Operation;

// As CS, DS and FS stand in a program for Windows on 32 bits, by their numbers: ES, CS, SS, DS, FS,
// GS.
constexpr std::array<std::uint16_t, 8> kSelectors = {0x23, 0x1b, 0x23, 0x23, 0x3b, 0, 0, 0};

// CPUID of leaf 1: a Pentium III, without the hypervisor's bit.
constexpr std::uint32_t kProcessorName = 0x0000'0673;
constexpr std::uint32_t kProcessorFeatures = 0x0380'fbff;

constexpr std::uint64_t kTimeStampsPerStep = 2;
constexpr std::uint64_t kTimeStampAtStart = 0x12'3456'789a;

}  // namespace

void Processor::execute(const Instruction& i) {
  std::uint32_t& flags = registers.flags;
  switch (i.operation) {
    case mov: return write(i, i.to, read(i, i.from));
    case movsx: return write(i, i.to, alu::sign_extend(read(i, i.from), i.from.bits));
    case lea: {
      const bool in_thread_block = i.in_thread_block;
      return write(i, i.to, address_of(i) - (in_thread_block ? thread_block : 0));
    }
    case Operation::push: return push(read(i, i.to), i.bits);
    case Operation::pop: {
      // An address by ESP counts from where ESP is then (POP in the manual).
      const std::uint32_t value = pop(i.bits);
      return write(i, i.to, value);
    }
    case jmp: registers.eip = read(i, i.to); return;
    case jcc:
      if (alu::holds(flags, i.condition)) registers.eip = i.immediate;
      return;
    case cmov: {
      const std::uint32_t value = read(i, i.from);
      if (alu::holds(flags, i.condition)) write(i, i.to, value);
      return;
    }
    case setcc: return write(i, i.to, alu::holds(flags, i.condition) ? 1 : 0);
    case nop: return;
    case add:
    case adc:
    case sub:
    case sbb:
    case cmp:
    case bit_and:
    case bit_or:
    case bit_xor:
    case test:
    case inc:
    case dec:
    case neg:
    case bit_not: return arithmetic(i);
    case rol:
    case ror:
    case rcl:
    case rcr:
    case shl:
    case shr:
    case sar:
    case shld:
    case shrd: return shift(i);
    case bt:
    case bts:
    case btr:
    case btc:
    case bsf:
    case bsr:
    case bswap: return bits(i);
    case mul:
    case imul:
    case imul_wide:
    case div:
    case idiv: return multiply_or_divide(i);
    case daa:
    case das:
    case aaa:
    case aas:
    case aam:
    case aad: return decimal(i);
    case xchg:
    case xadd:
    case cmpxchg:
    case cmpxchg8b:
    case xlat:
    case cbw:
    case cwd: return exchange(i);
    case movs:
    case cmps:
    case stos:
    case lods:
    case scas: return string(i);
    case Operation::x87: return x87(i);
    case clc: flags &= ~flag::kCarry; return;
    case stc: flags |= flag::kCarry; return;
    case cmc: flags ^= flag::kCarry; return;
    case cld: flags &= ~flag::kDirection; return;
    case std_: flags |= flag::kDirection; return;
    case lahf: {
      constexpr std::uint32_t kShown = 0xd5;
      registers[reg::kEax] =
          (registers[reg::kEax] & ~0xff00U) | ((flags & kShown) | flag::kAlwaysSet) << 8;
      return;
    }
    case sahf: return alu::set_flags(flags, 0xd5, registers[reg::kEax] >> 8 & 0xd5);
    case salc: return set(reg::kEax, 8, (flags & flag::kCarry) != 0 ? 0xff : 0);
    case push_segment:
    case pop_segment:
    case mov_from_segment:
    case mov_to_segment:
    case pusha:
    case popa:
    case pushf:
    case popf:
    case Operation::enter:
    case leave: return stack(i);
    case cpuid: return identify();
    case rdtsc: {
      const std::uint64_t stamp = kTimeStampAtStart + steps_ * kTimeStampsPerStep;
      registers[reg::kEax] = static_cast<std::uint32_t>(stamp);
      registers[reg::kEdx] = static_cast<std::uint32_t>(stamp >> 32);
      return;
    }
    default: return control(i);
  }
}

void Processor::exchange(const Instruction& i) {
  std::uint32_t& flags = registers.flags;
  const unsigned width = i.bits;
  switch (i.operation) {
    case xchg: {
      const std::uint32_t a = read(i, i.to);
      const std::uint32_t b = read(i, i.from);
      write(i, i.to, b);
      return write(i, i.from, a);
    }
    case xadd: {
      const std::uint32_t a = read(i, i.to);
      const std::uint32_t sum = alu::add(flags, a, read(i, i.from), 0, i.to.bits);
      // Memory comes first, since its address may count from the register.
      const bool in_memory = i.to.place == Place::memory;
      if (in_memory) write(i, i.to, sum);
      write(i, i.from, a);
      if (!in_memory) write(i, i.to, sum);
      return;
    }
    case cmpxchg: {
      const std::uint32_t a = read(i, i.to);
      alu::subtract(flags, get(reg::kEax, i.to.bits), a, 0, i.to.bits);
      if ((flags & flag::kZero) != 0) return write(i, i.to, read(i, i.from));
      write(i, i.to, a);  // it is written in any case
      return set(reg::kEax, i.to.bits, a);
    }
    case cmpxchg8b: {
      const std::uint32_t at = address_of(i);
      const std::uint32_t low = memory_.read(at, 4);
      const std::uint32_t high = memory_.read(at + 4, 4);
      const bool is_same = low == registers[reg::kEax] && high == registers[reg::kEdx];
      alu::set_flags(flags, flag::kZero, is_same ? flag::kZero : 0);
      memory_.write(at, is_same ? registers[reg::kEbx] : low, 4);
      memory_.write(at + 4, is_same ? registers[reg::kEcx] : high, 4);
      if (is_same) return;
      registers[reg::kEax] = low;
      registers[reg::kEdx] = high;
      return;
    }
    case xlat: {
      std::uint32_t at = registers[reg::kEbx] + get(reg::kEax, 8);
      if (i.address_bits == 16) at &= 0xffff;
      if (i.in_thread_block) at += thread_block;
      return set(reg::kEax, 8, memory_.read(at, 1));
    }
    case cbw: return set(reg::kEax, width, alu::sign_extend(get(reg::kEax, width / 2), width / 2));
    default: {  // CWD
      const bool is_negative = get(reg::kEax, width) >> (width - 1) != 0;
      return set(reg::kEdx, width, is_negative ? 0xffff'ffff : 0);
    }
  }
}

void Processor::stack(const Instruction& i) {
  switch (i.operation) {
    case pusha: return push_all(i.bits);
    case popa: return pop_all(i.bits);
    case pushf: return push(registers.flags, i.bits);
    case popf: {
      const std::uint32_t value = pop(i.bits);
      return alu::set_flags(registers.flags, flag::kOfProgram & alu::mask_of(i.bits),
                            value & flag::kOfProgram & alu::mask_of(i.bits));
    }
    case Operation::enter: return enter(i);
    case leave:
      registers[reg::kEsp] = registers[reg::kEbp];
      return set(reg::kEbp, i.bits, pop(i.bits));
    case push_segment: return push(kSelectors[i.selector], i.bits);
    case mov_from_segment: {
      Operand to = i.to;
      if (to.place == Place::memory) to.bits = 16;
      return write(i, to, kSelectors[i.selector]);
    }
    case pop_segment: pop(i.bits); return;  // segments stay as they are
    default: read(i, i.from); return;       // MOV to a segment register likewise
  }
}

void Processor::push_all(unsigned bits) {
  const std::uint32_t esp = registers[reg::kEsp];
  for (std::uint8_t number = reg::kEax; number <= reg::kEdi; ++number) {
    push(number == reg::kEsp ? esp : registers[number], bits);
  }
}

void Processor::pop_all(unsigned bits) {
  for (std::uint8_t number = reg::kEdi + 1; number-- > reg::kEax;) {
    const std::uint32_t value = pop(bits);
    if (number != reg::kEsp) set(number, bits, value);
  }
}

void Processor::enter(const Instruction& i) {
  push(registers[reg::kEbp], i.bits);
  const std::uint32_t frame = registers[reg::kEsp];
  const unsigned bytes = i.bits / 8U;
  for (unsigned level = 1; level < i.nesting; ++level) {
    registers[reg::kEbp] -= bytes;
    push(memory_.read(registers[reg::kEbp], bytes), i.bits);
  }
  if (i.nesting > 0) push(frame, i.bits);
  set(reg::kEbp, i.bits, frame);
  registers[reg::kEsp] -= i.immediate;
}

void Processor::control(const Instruction& i) {
  const auto count = [&] {
    const std::uint32_t left = get(reg::kEcx, i.address_bits) - 1;
    set(reg::kEcx, i.address_bits, left);
    return (left & alu::mask_of(i.address_bits)) != 0;
  };
  const bool is_zero = (registers.flags & flag::kZero) != 0;
  bool jumps = false;
  switch (i.operation) {
    case call: {
      const std::uint32_t target = read(i, i.to);
      push(registers.eip, i.bits);
      registers.eip = target;
      return;
    }
    case ret:
      registers.eip = pop(i.bits);
      registers[reg::kEsp] += i.immediate;
      return;
    case loop: jumps = count(); break;
    case loope: jumps = count() && is_zero; break;
    case loopne: jumps = count() && !is_zero; break;
    case jecxz: jumps = get(reg::kEcx, i.address_bits) == 0; break;
    case int3: return raise(Exception::breakpoint);
    case icebp: return raise(Exception::single_step);
    case into:
      if ((registers.flags & flag::kOverflow) != 0) raise(Exception::overflow);
      return;
    case bound: {
      const std::uint32_t bytes = i.to.bits / 8U;
      const std::uint32_t at = address_of(i);
      const auto wide = [&](std::uint32_t value) {
        return static_cast<std::int32_t>(alu::sign_extend(value, i.to.bits));
      };
      const std::int32_t value = wide(read(i, i.to));
      const bool is_outside =
          value < wide(memory_.read(at, bytes)) || value > wide(memory_.read(at + bytes, bytes));
      if (is_outside) raise(Exception::bound);
      return;
    }
    case int_n: return raise(i.immediate == 3 ? Exception::breakpoint : Exception::privileged);
    case privileged: return raise(Exception::privileged);
    case undefined: return raise(Exception::undefined);
    default: return raise(Exception::unsupported);
  }
  if (jumps) registers.eip = i.immediate;
}

// CPUID: the vendor of leaf 0, the features of leaf 1, nothing else.
void Processor::identify() {
  const std::uint32_t leaf = registers[reg::kEax];
  const auto answer = [this](std::uint32_t eax, std::uint32_t ebx, std::uint32_t ecx,
                             std::uint32_t edx) {
    registers[reg::kEax] = eax;
    registers[reg::kEbx] = ebx;
    registers[reg::kEcx] = ecx;
    registers[reg::kEdx] = edx;
  };
  if (leaf == 0) return answer(1, 0x756e'6547, 0x6c65'746e, 0x4965'6e69);  // GenuineIntel
  if (leaf == 1) return answer(kProcessorName, 0, 0, kProcessorFeatures);
  answer(0, 0, 0, 0);
}

}  // namespace amanat::emulate
