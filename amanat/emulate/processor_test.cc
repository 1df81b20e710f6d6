#include "amanat/emulate/processor.h"

#include <algorithm>

#include <doctest/doctest.h>

using namespace amanat;
using namespace amanat::emulate;

namespace {

constexpr std::uint32_t kCode = 0x1000;
constexpr std::uint32_t kStack = 0x9000;  // its end
constexpr std::uint32_t kData = 0xa000;
using Event = Processor::Event;

struct Machine {
  explicit Machine(const Bytes& code, std::uint32_t at = kCode) : processor(memory) {
    memory.map(kCode, 0x2000, {});
    memory.map(kStack - 0x1000, 0x1000, {});
    memory.map(kData, 0x1000, {});
    memory.store(at, code);
    processor.registers.eip = at;
    processor.registers[reg::kEsp] = kStack;
  }
  /// Carries out instructions, new code or not.
  Event run(int steps) {
    const std::uint64_t end = processor.steps() + static_cast<std::uint64_t>(steps);
    Event event = Event::steps_done;
    while (processor.steps() < end) {
      event = processor.run(end - processor.steps());
      if (event != Event::new_code && event != Event::steps_done) break;
    }
    return event;
  }
  std::uint32_t& operator[](std::uint8_t number) { return processor.registers[number]; }

  Memory memory{1 << 20};
  Processor processor;
};

}  // namespace

TEST_CASE("decimal arithmetic gives what the manual's examples give") {
  // DAA and DAS: volume 2, "Example". ADD AL, BL; DAA with 79 and 35 gives 14 and a carry.
  Machine daa({0x00, 0xd8, 0x27});
  daa[reg::kEax] = 0x79;
  daa[reg::kEbx] = 0x35;
  CHECK(daa.run(2) == Event::steps_done);
  CHECK(daa[reg::kEax] == 0x14);
  CHECK((daa.processor.registers.flags & flag::kCarry) != 0);
  Machine das({0x28, 0xd8, 0x2f});  // 35 - 47 = 88, borrowed
  das[reg::kEax] = 0x35;
  das[reg::kEbx] = 0x47;
  CHECK(das.run(2) == Event::steps_done);
  CHECK(das[reg::kEax] == 0x88);
  CHECK((das.processor.registers.flags & flag::kCarry) != 0);
  Machine aam({0xd4, 0x0a, 0xd5, 0x0a});
  aam[reg::kEax] = 63;
  aam.run(1);
  CHECK(aam[reg::kEax] == 0x0603);
  aam.run(1);
  CHECK(aam[reg::kEax] == 63);
  Machine aaa({0x37, 0x3f});
  aaa[reg::kEax] = 0x000b;
  aaa.run(1);
  CHECK(aaa[reg::kEax] == 0x0101);
  // AAS takes 1 from AH and 6 from AL, and leaves a digit.
  aaa[reg::kEax] = 0x020f;
  aaa.run(1);
  CHECK(aaa[reg::kEax] == 0x0109);
}

TEST_CASE("the stack instructions of procedures do what the manual's pseudocode does") {
  Machine frame({0xc8, 0x10, 0x00, 0x00, 0xc9});  // enter 16, 0; leave
  frame[reg::kEbp] = 0x1234;
  frame.run(1);
  CHECK(frame[reg::kEbp] == kStack - 4);
  CHECK(frame[reg::kEsp] == kStack - 20);
  frame.run(1);
  CHECK(frame[reg::kEbp] == 0x1234);
  CHECK(frame[reg::kEsp] == kStack);

  Machine all({0x60, 0x61});  // pusha; popa
  for (std::uint8_t i = 0; i < 8; ++i) {
    if (i != reg::kEsp) all[i] = i * 0x1111U;
  }
  const Registers before = all.processor.registers;
  all.run(1);
  CHECK(all.memory.read(kStack - 20, 4) == kStack);  // ESP as it was
  CHECK(all.memory.read(kStack - 32, 4) == 0x7777);  // EDI, the last
  all.run(1);
  CHECK(all.processor.registers.general == before.general);

  Machine popped({0x8f, 0x04, 0x24});  // pop [esp]: the address counts behind the pop
  popped[reg::kEsp] = kStack - 8;
  popped.memory.write(kStack - 8, 0x55, 4);
  popped.run(1);
  CHECK(popped.memory.read(kStack - 4, 4) == 0x55);
}

TEST_CASE("code that is overwritten runs as it was written last") {
  // inc eax; mov byte [kCode], 48 (dec eax); jmp back
  Machine machine({0x40, 0xc6, 0x05, 0x00, 0x10, 0x00, 0x00, 0x48, 0xeb, 0xf6});
  machine.run(3);
  CHECK(machine[reg::kEax] == 1);
  machine.run(1);
  CHECK(machine[reg::kEax] == 0);
  // An instruction that reaches into the next line of 64 bytes, whose end changes.
  Bytes code(62, 0x90);
  append(code, Bytes{0xb8, 1, 0, 0, 0, 0xc6, 0x05, 0x3f, 0x10, 0, 0, 7, 0xeb, 0xf2});
  Machine across(code);
  across.run(63);
  CHECK(across[reg::kEax] == 1);
  across.run(3);
  CHECK(across[reg::kEax] == 7);
}

TEST_CASE("an instruction may reach into the next page, and faults when there is none") {
  Machine across({0xb8, 0x78, 0x56, 0x34, 0x12}, kCode + 0xffe);
  CHECK(across.run(1) == Event::steps_done);
  CHECK(across[reg::kEax] == 0x1234'5678);
  Machine cut({0xb8, 0x78}, kCode + 0x1ffe);
  CHECK(cut.run(1) == Event::fault);
  CHECK(cut.processor.fault().access == Access::execute);
  CHECK(cut.processor.fault().address == kCode + 0x2000);
}

TEST_CASE("a fault leaves the registers as they were before the instruction") {
  struct Case {
    std::string_view name;
    Bytes code;
    Exception exception;
  };
  const auto cases = std::to_array<Case>({
      {"read", {0x03, 0x05, 0, 0, 0, 0x70}, Exception::access},
      {"write", {0x01, 0x05, 0, 0, 0, 0x70}, Exception::access},
      {"push of what is not there", {0xff, 0x35, 0, 0, 0, 0x70}, Exception::access},
      {"exchange", {0x87, 0x05, 0, 0, 0, 0x70}, Exception::access},
      {"division", {0xf7, 0xf1}, Exception::divide_by_zero},
      {"quotient too large", {0xf6, 0xf3}, Exception::divide_overflow},
      {"breakpoint", {0xcc}, Exception::breakpoint},
      {"undefined", {0x0f, 0x0b}, Exception::undefined},
      {"lea of a register", {0x8d, 0xc0}, Exception::undefined},
      {"lock of a register", {0xf0, 0x01, 0xc0}, Exception::undefined},
      {"too long", Bytes(16, 0x66), Exception::undefined},
      {"privileged", {0xfa}, Exception::privileged},
      {"SSE", {0x0f, 0x58, 0xc0}, Exception::unsupported},
  });
  for (const Case& c : cases) {
    CAPTURE(c.name);
    Machine machine(c.code);
    machine[reg::kEax] = 0x7f01;
    machine[reg::kEbx] = 1;
    const Registers before = machine.processor.registers;
    REQUIRE(machine.run(1) == Event::fault);
    CHECK(machine.processor.fault().exception == c.exception);
    CHECK(machine.processor.registers == before);
    CHECK_FALSE(machine.memory.has_fault());
  }
}

TEST_CASE("a repeated instruction that faults in the middle stands where it can go on") {
  Machine machine({0xf3, 0xaa});  // rep stosb
  machine[reg::kEdi] = kData + 0xffe;
  machine[reg::kEcx] = 5;
  CHECK(machine.run(10) == Event::fault);
  CHECK(machine.processor.registers.eip == kCode);
  CHECK(machine[reg::kEcx] == 3);
  CHECK(machine[reg::kEdi] == kData + 0x1000);
  machine[reg::kEdi] = kData;
  CHECK(machine.run(3) == Event::steps_done);
  CHECK(machine[reg::kEcx] == 0);
  CHECK(machine.processor.registers.eip == kCode + 2);
}

TEST_CASE("the trap flag traps behind the instruction that follows POPF") {
  Machine machine({0x9d, 0x40, 0x40});
  machine.processor.push(flag::kTrap | flag::kAlwaysSet);
  CHECK(machine.run(2) == Event::fault);
  CHECK(machine.processor.fault().exception == Exception::single_step);
  CHECK(machine.processor.registers.eip == kCode + 2);
  CHECK(machine[reg::kEax] == 1);
}

TEST_CASE("addresses of 16 bits, FS and the x87's environment reach what they mean") {
  Machine narrow({0x67, 0x8b, 0x40, 0x02});  // mov eax, [bx+si+2]
  narrow[reg::kEbx] = 0xffff'8000;
  narrow[reg::kEsi] = 0x2000;
  narrow.memory.write(kData + 2, 0xabcd, 4);
  narrow.run(1);
  CHECK(narrow[reg::kEax] == 0xabcd);

  Machine block({0x64, 0xa1, 0x18, 0, 0, 0});  // mov eax, fs:[18]
  block.processor.thread_block = kData;
  block.memory.write(kData + 0x18, 0x77, 4);
  block.run(1);
  CHECK(block[reg::kEax] == 0x77);

  Machine where({0x90, 0xd9, 0xee, 0xd9, 0x74, 0x24, 0xf4, 0x58});  // fldz; fnstenv [esp-12]; pop
  where[reg::kEsp] = kStack - 0x80;
  where.run(4);
  CHECK(where[reg::kEax] == kCode + 1);
}

TEST_CASE("loops count ECX, or CX, and conditional ones look at the zero flag") {
  Machine loop({0x40, 0xe2, 0xfd});
  loop[reg::kEcx] = 3;
  loop.run(6);
  CHECK(loop[reg::kEax] == 3);
  CHECK(loop.processor.registers.eip == kCode + 3);
  Machine narrow({0x40, 0x67, 0xe2, 0xfc});
  narrow[reg::kEcx] = 0x1'0002;
  narrow.run(4);
  CHECK(narrow[reg::kEax] == 2);
  CHECK(narrow[reg::kEcx] == 0x1'0000);
  Machine jump({0xe3, 0x01, 0x40, 0x40});  // jecxz over one
  jump.run(2);
  CHECK(jump[reg::kEax] == 1);
}
