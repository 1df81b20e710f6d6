// Takes instructions apart: prefixes, opcode, ModR/M, SIB, displacement, immediates (Intel SDM
// volume 2, chapter 2).

#include "amanat/emulate/alu.h"
#include "amanat/emulate/instruction.h"
#include "amanat/emulate/opcode_map.h"

namespace amanat::emulate {
namespace {

class Decoder {
 public:
  Decoder(ByteView code, std::uint32_t address)
      : code_(code.first(code.size() < kInstructionBytesMax ? code.size() : kInstructionBytesMax)),
        address_(address) {}

  Instruction decode() {
    read_prefixes();
    const Row row = read_row();
    take_operand(row.to, out_.to);
    take_operand(row.from, out_.from);
    take_operand(row.third, out_.third);
    out_.operation = row.operation;
    if (locked_ && !(may_be_locked(row.operation) && out_.to.place == Place::memory)) {
      out_.operation = Operation::undefined;
    }
    if (!is_valid_) out_.operation = Operation::undefined;
    out_.length = static_cast<std::uint8_t>(at_);
    if (is_cut_) {
      out_.operation =
          code_.size() < kInstructionBytesMax ? Operation::incomplete : Operation::undefined;
    }
    return out_;
  }

 private:
  std::uint8_t next() {
    if (at_ >= code_.size()) {
      is_cut_ = true;
      return 0;
    }
    return code_[at_++];
  }

  std::uint32_t number(unsigned bits) {
    std::uint32_t value = 0;
    for (unsigned shift = 0; shift < bits; shift += 8) value |= std::uint32_t{next()} << shift;
    return value;
  }

  std::uint32_t signed_number(unsigned bits) { return alu::sign_extend(number(bits), bits); }

  void read_prefixes() {
    for (;;) {
      const std::uint8_t byte = next();
      switch (byte) {
        case 0x26:
        case 0x2e:
        case 0x36:
        case 0x3e:
        case 0x65: out_.in_thread_block = false; break;  // all begin at 0
        case 0x64: out_.in_thread_block = true; break;
        case 0x66: out_.bits = 16; break;
        case 0x67: out_.address_bits = 16; break;
        case 0xf0: locked_ = true; break;
        case 0xf2: out_.repeat = Repeat::not_equal; break;
        case 0xf3: out_.repeat = Repeat::equal; break;
        default: out_.opcode = byte; return;
      }
    }
  }

  Row read_row() {
    const bool is_two_byte = out_.opcode == 0x0f;
    if (is_two_byte) out_.opcode = next();
    const Row& row = is_two_byte ? two_byte_row(out_.opcode) : one_byte_row(out_.opcode);
    out_.condition = out_.opcode & 0xf;
    out_.selector = out_.opcode >> 3 & 7;  // PUSH and POP of segment registers
    if (has_modrm(row.to) || has_modrm(row.from)) read_modrm();
    return choose_in_group(row, out_.selector);
  }

  static bool has_modrm(Arg arg) {
    return arg == Arg::Eb || arg == Arg::Ew || arg == Arg::Ev || arg == Arg::M;
  }

  void read_modrm() {
    const std::uint8_t modrm = next();
    out_.selector = modrm >> 3 & 7;
    rm_ = modrm & 7;
    const unsigned mode = modrm >> 6;
    in_memory_ = mode != 3;
    if (!in_memory_) return;
    out_.address_bits == 16 ? read_short_address(mode) : read_address(mode);
  }

  // Table 2-2.
  void read_address(unsigned mode) {
    if (rm_ == reg::kEsp) {
      const std::uint8_t sib = next();
      out_.scale = sib >> 6;
      out_.index = sib >> 3 & 7;
      if (out_.index == reg::kEsp) out_.index = reg::kNone;
      out_.base = sib & 7;
    } else {
      out_.base = rm_;
    }
    if (mode == 0 && out_.base == reg::kEbp) {
      out_.base = reg::kNone;
      out_.displacement = number(32);
    } else if (mode != 0) {
      out_.displacement = signed_number(mode == 1 ? 8 : 32);
    }
  }

  // Table 2-1.
  void read_short_address(unsigned mode) {
    static constexpr std::uint8_t kBase[] = {reg::kEbx, reg::kEbx, reg::kEbp, reg::kEbp,
                                             reg::kEsi, reg::kEdi, reg::kEbp, reg::kEbx};
    static constexpr std::uint8_t kIndex[] = {reg::kEsi,  reg::kEdi,  reg::kEsi,  reg::kEdi,
                                              reg::kNone, reg::kNone, reg::kNone, reg::kNone};
    out_.base = kBase[rm_];
    out_.index = kIndex[rm_];
    if (mode == 0 && rm_ == 6) {
      out_.base = reg::kNone;
      out_.displacement = number(16);
    } else if (mode != 0) {
      out_.displacement = signed_number(mode == 1 ? 8 : 16);
    }
  }

  static Operand general(unsigned number, unsigned bits) {
    const bool is_high = bits == 8 && number >= 4;
    return {.place = Place::general,
            .number = static_cast<std::uint8_t>(is_high ? number - 4 : number),
            .shift = static_cast<std::uint8_t>(is_high ? 8 : 0),
            .bits = static_cast<std::uint8_t>(bits)};
  }
  static Operand memory(unsigned bits) {
    return {.place = Place::memory, .bits = static_cast<std::uint8_t>(bits)};
  }
  Operand by_modrm(unsigned bits) const { return in_memory_ ? memory(bits) : general(rm_, bits); }
  Operand immediate(std::uint32_t value, unsigned bits) {
    out_.immediate = value & alu::mask_of(bits);
    return {.place = Place::immediate, .bits = static_cast<std::uint8_t>(bits)};
  }
  Operand address_in_code(unsigned bits) {
    out_.displacement = number(out_.address_bits);
    return memory(bits);
  }
  Operand target(std::uint32_t distance) {
    return immediate(address_ + static_cast<std::uint32_t>(at_) + distance, out_.bits);
  }

  void take_operand(Arg arg, Operand& operand) {
    const unsigned wide = out_.bits;
    switch (arg) {
      case Arg::none:
      case Arg::word: break;
      case Arg::byte: out_.bits = 8; break;
      case Arg::Eb:
        operand = by_modrm(8);
        out_.bits = &operand == &out_.to ? 8 : out_.bits;
        break;
      case Arg::Ew: operand = by_modrm(16); break;
      case Arg::Ev: operand = by_modrm(wide); break;
      case Arg::M:
        operand = memory(wide);
        is_valid_ &= in_memory_;
        break;
      case Arg::Gb:
        operand = general(out_.selector, 8);
        out_.bits = 8;
        break;
      case Arg::Gv: operand = general(out_.selector, wide); break;
      case Arg::Zb:
        operand = general(out_.opcode & 7, 8);
        out_.bits = 8;
        break;
      case Arg::Zv: operand = general(out_.opcode & 7, wide); break;
      case Arg::Ib: operand = immediate(number(8), 8); break;
      case Arg::Ibs: operand = immediate(signed_number(8), wide); break;
      case Arg::Iw: operand = immediate(number(16), 16); break;
      case Arg::Iz: operand = immediate(number(wide), wide); break;
      case Arg::Jb: {
        const std::uint32_t distance = signed_number(8);
        operand = target(distance);
        break;
      }
      case Arg::Jz: {
        const std::uint32_t distance = signed_number(wide);
        operand = target(distance);
        break;
      }
      case Arg::Ob:
        operand = address_in_code(8);
        out_.bits = 8;
        break;
      case Arg::Ov: operand = address_in_code(wide); break;
      case Arg::Sw: break;  // `selector` says which
      case Arg::Nb: out_.nesting = next() & 31; break;
      case Arg::AL:
        operand = general(reg::kEax, 8);
        out_.bits = 8;
        break;
      case Arg::rAX: operand = general(reg::kEax, wide); break;
      case Arg::CL: operand = general(reg::kEcx, 8); break;
      case Arg::one: operand = immediate(1, 8); break;
    }
  }

  ByteView code_;
  std::uint32_t address_;
  std::size_t at_ = 0;
  Instruction out_;
  std::uint8_t rm_ = 0;
  bool in_memory_ = false;
  bool locked_ = false;
  bool is_valid_ = true;
  bool is_cut_ = false;
};

}  // namespace

Instruction decode(ByteView code, std::uint32_t address) { return Decoder(code, address).decode(); }

}  // namespace amanat::emulate
