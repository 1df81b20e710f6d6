// String instructions and their repetition (Intel SDM volume 1, section 7.3.9; REP in volume 2).

#include "amanat/emulate/processor.h"

namespace amanat::emulate {

using enum Operation;

// Each round is finished before the next one begins, so that a fault in the middle finds the
// registers where it happened, and the instruction goes on there when it is carried out again.
void Processor::string(const Instruction& i) {
  if (i.repeat == Repeat::none) return string_once(i);
  const std::uint32_t start = registers.eip - i.length;
  const bool compares = i.operation == cmps || i.operation == scas;
  while (get(reg::kEcx, i.address_bits) != 0) {
    before_ = registers;
    before_.eip = start;
    string_once(i);
    if (memory_.has_fault()) return;
    set(reg::kEcx, i.address_bits, get(reg::kEcx, i.address_bits) - 1);
    const bool is_equal = (registers.flags & flag::kZero) != 0;
    if (compares && is_equal != (i.repeat == Repeat::equal)) return;
    if (get(reg::kEcx, i.address_bits) == 0) return;
    if (steps_ >= steps_end_) {
      registers.eip = start;
      return;
    }
    ++steps_;
  }
}

void Processor::string_once(const Instruction& i) {
  const unsigned bytes = i.bits / 8U;
  const std::uint32_t step = (registers.flags & flag::kDirection) != 0 ? 0U - bytes : bytes;
  const auto place = [&](std::uint8_t number) { return get(number, i.address_bits); };
  const std::uint32_t from = place(reg::kEsi) + (i.in_thread_block ? thread_block : 0);
  const std::uint32_t to = place(reg::kEdi);
  const auto move = [&](std::uint8_t number) { set(number, i.address_bits, place(number) + step); };
  switch (i.operation) {
    case movs:
      memory_.write(to, memory_.read(from, bytes), bytes);
      move(reg::kEsi);
      return move(reg::kEdi);
    case cmps: {
      const std::uint32_t a = memory_.read(from, bytes);
      alu::subtract(registers.flags, a, memory_.read(to, bytes), 0, i.bits);
      move(reg::kEsi);
      return move(reg::kEdi);
    }
    case stos: memory_.write(to, get(reg::kEax, i.bits), bytes); return move(reg::kEdi);
    case lods: set(reg::kEax, i.bits, memory_.read(from, bytes)); return move(reg::kEsi);
    default:  // SCAS
      alu::subtract(registers.flags, get(reg::kEax, i.bits), memory_.read(to, bytes), 0, i.bits);
      return move(reg::kEdi);
  }
}

}  // namespace amanat::emulate
