#pragma once

// Runs programs of 32 bits, one instruction after another, as an x86 processor runs them for an
// ordinary program (Intel SDM volumes 1 and 2). Addresses are flat: every segment but FS begins
// at 0. There is no MMX and no SSE, and of the x87 just what packers use to learn where they are.
//
// An instruction is taken apart once and kept, until somebody writes where it lies.

#include <cstdint>
#include <optional>
#include <vector>

#include "amanat/emulate/alu.h"
#include "amanat/emulate/instruction.h"
#include "amanat/emulate/memory.h"
#include "amanat/emulate/registers.h"

namespace amanat::emulate {

/// Why an instruction was not carried out, or what the processor does behind it.
enum class Exception : std::uint8_t {
  access,      // memory that is not there: Fault::access and address
  undefined,   // no such instruction
  privileged,  // not for programs, or a software interrupt that Windows does not know
  divide_by_zero,
  divide_overflow,
  overflow,  // INTO
  bound,
  breakpoint,   // INT3
  single_step,  // the trap flag, or ICEBP
  unsupported,  // an instruction that only real processors know
};

struct Fault {
  Exception exception = Exception::access;
  Access access = Access::read;
  std::uint32_t address = 0;
};

class Processor {
 public:
  /// Borrows `memory`.
  explicit Processor(Memory& memory);

  /// Why `run` came back.
  enum class Event : std::uint8_t {
    steps_done,
    fault,      // `fault` says which; the registers are as an exception handler finds them
    host_call,  // the instruction at EIP asks for the system
    // What is at EIP was written and not executed since, or the first of its page to be executed;
    // it runs when `run` is called again.
    new_code,
  };
  /// Carries out instructions until something happens, or there were `steps_max` of them. Each
  /// round of a repeated string instruction counts as one.
  Event run(std::uint64_t steps_max);

  const Fault& fault() const { return fault_; }
  /// Whether new code was reached by a jump, and not by going on.
  bool has_jumped() const { return registers.eip != follows_; }
  std::uint64_t steps() const { return steps_; }
  /// Counts work that was done for the program outside of it.
  void count_steps(std::uint64_t steps) { steps_ += steps; }

  void push(std::uint32_t value, unsigned bits = 32);
  std::uint32_t pop(unsigned bits = 32);

  Registers registers;
  std::uint32_t thread_block = 0;  // where FS begins

 private:
  struct Cached {
    Instruction instruction;
    std::uint32_t address = 0;
    std::uint32_t version = 0;
    bool is_set = false;
  };

  const Instruction* fetch();
  const Instruction* fetch_new(Page& page, Cached& cached);
  Instruction decode_here() const;
  Event finish_fault();

  std::uint32_t address_of(const Instruction& i) const {
    std::uint32_t address = registers[i.base] + (registers[i.index] << i.scale) + i.displacement;
    if (i.address_bits == 16) address &= 0xffff;
    return i.in_thread_block ? address + thread_block : address;
  }
  std::uint32_t read(const Instruction& i, Operand operand) {
    switch (operand.place) {
      case Place::general:
        return registers[operand.number] >> operand.shift & alu::mask_of(operand.bits);
      case Place::memory: return memory_.read(address_of(i), operand.bits / 8U);
      default: return i.immediate;
    }
  }
  void write(const Instruction& i, Operand operand, std::uint32_t value) {
    if (operand.place == Place::memory) {
      return memory_.write(address_of(i), value, operand.bits / 8U);
    }
    write_register(operand, value);
  }
  void write_register(Operand operand, std::uint32_t value) {
    const std::uint32_t mask = alu::mask_of(operand.bits) << operand.shift;
    std::uint32_t& number = registers[operand.number];
    number = (number & ~mask) | (value << operand.shift & mask);
  }
  /// AL, AX or EAX; the same of other registers.
  static Operand whole(std::uint8_t number, unsigned bits) {
    return {.place = Place::general, .number = number, .bits = static_cast<std::uint8_t>(bits)};
  }
  std::uint32_t get(std::uint8_t number, unsigned bits) const {
    return registers[number] & alu::mask_of(bits);
  }
  void set(std::uint8_t number, unsigned bits, std::uint32_t value) {
    write_register(whole(number, bits), value);
  }

  void raise(Exception exception) { raised_ = raised_ ? raised_ : exception; }

  void execute(const Instruction& i);
  void arithmetic(const Instruction& i);
  void shift(const Instruction& i);
  void bits(const Instruction& i);
  void multiply_or_divide(const Instruction& i);
  void decimal(const Instruction& i);
  void exchange(const Instruction& i);
  void stack(const Instruction& i);
  void control(const Instruction& i);
  void string(const Instruction& i);
  void string_once(const Instruction& i);
  void x87(const Instruction& i);
  void store_x87_environment(std::uint32_t address);

  void test_bit(const Instruction& i);
  void push_all(unsigned bits);
  void pop_all(unsigned bits);
  void enter(const Instruction& i);
  void identify();

  Memory& memory_;
  std::vector<Cached> cache_;
  Page* code_page_ = nullptr;
  std::uint32_t code_page_number_ = 0;
  std::uint64_t steps_ = 0;
  std::uint64_t steps_end_ = 0;
  std::uint32_t follows_ = 0;  // where the last instruction ended
  Registers before_;           // as a fault leaves them
  std::optional<Exception> raised_;
  Fault fault_;
  Event event_ = Event::steps_done;
  std::uint32_t x87_address_ = 0;  // of the last instruction of the x87
  std::uint16_t x87_control_ = 0x37f;
};

}  // namespace amanat::emulate
