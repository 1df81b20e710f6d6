// What packers use of the x87 (Intel SDM volume 1, chapter 8): FNSTENV tells where the last of its
// instructions lies, which is how position-independent code learns its own place; the control word
// is kept; what works on registers alone does nothing. Instructions that would store a number end
// the emulation.

#include "amanat/emulate/processor.h"

namespace amanat::emulate {

void Processor::x87(const Instruction& i) {
  const std::uint32_t here = registers.eip - i.length;
  if (i.to.place != Place::memory) {
    const bool is_status_to_ax = i.opcode == 0xdf && i.selector == 4 && i.to.number == 0;
    if (is_status_to_ax) return set(reg::kEax, 16, 0);
    const bool is_control = i.opcode == 0xdb && i.selector == 4;
    if (is_control && i.to.number == 3) x87_control_ = 0x37f;  // FNINIT
    x87_address_ = is_control ? (i.to.number == 3 ? 0 : x87_address_) : here;
    return;
  }
  const std::uint32_t at = address_of(i);
  switch (i.opcode << 4 | i.selector) {
    case 0xd95: x87_control_ = static_cast<std::uint16_t>(memory_.read(at, 2)); return;  // FLDCW
    case 0xd96: return store_x87_environment(at);                                        // FNSTENV
    case 0xd97: return memory_.write(at, x87_control_, 2);                               // FNSTCW
    case 0xdd7: return memory_.write(at, 0, 2);                                          // FNSTSW
    case 0xd90:  // FLD and FILD, which only read
    case 0xdb0:
    case 0xdb5:
    case 0xdd0:
    case 0xdf0:
    case 0xdf5:
      memory_.read(at, 4);
      x87_address_ = here;
      return;
    default: return raise(Exception::unsupported);
  }
}

// The layout of protected mode and 32 bits (figure 8-9).
void Processor::store_x87_environment(std::uint32_t address) {
  const std::uint32_t fields[] = {
      x87_control_ | 0xffff'0000U, 0xffff'0000, 0xffff'ffff, x87_address_, 0x1b, 0, 0x23};
  for (const std::uint32_t field : fields) {
    memory_.write(address, field, 4);
    address += 4;
  }
}

}  // namespace amanat::emulate
