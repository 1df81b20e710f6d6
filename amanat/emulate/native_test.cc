// Each instruction is carried out by the processor of this machine and by ours, on the same
// operands, and registers, flags and memory are compared. Skipped where the machine is no x86.

#include <functional>
#include <random>
#include <string>

#include <doctest/doctest.h>

#include "amanat/emulate/processor.h"
#include "amanat/emulate/test_native.h"

using namespace amanat;
using namespace amanat::emulate;

namespace {

constexpr std::uint32_t kCode = 0x40'1000;
constexpr std::uint32_t kAll = flag::kArithmetic;
constexpr std::uint32_t kOnlyCarryOverflow = flag::kCarry | flag::kOverflow;

/// How an instruction is written behind its opcode.
enum class Form : std::uint8_t {
  alone,
  modrm,       // any register, any register or memory
  group,       // `field` in the middle of ModR/M
  modrm_wide,  // as modrm, where the register or memory is never a byte
  in_memory,   // memory only, `field` in the middle
};

struct Case {
  std::string_view name;
  Bytes opcode;
  Form form = Form::modrm;
  unsigned immediate = 0;        // bytes; 9 is 2 or 4, as the operand size
  std::uint32_t defined = kAll;  // the flags that the manual defines
  unsigned field = 0;
  bool is_byte = false;  // the operand is
};

class Comparison {
 public:
  Comparison() : random_(20'26), processor_(memory_) {
    memory_.map(kCode, kPageBytes, {});
    if (native_.is_there()) memory_.map(native_.data_address(), kPageBytes, {});
  }
  bool is_possible() const { return native_.is_there(); }

  std::uint32_t number() {
    static constexpr std::uint32_t kEdges[] = {0,    1,      2,           0x7f,        0x80,
                                               0xff, 0x7fff, 0x8000,      0xffff,      0x10000,
                                               0x1f, 0x20,   0x7fff'ffff, 0x8000'0000, 0xffff'ffff};
    const std::uint32_t choice = random();
    return choice % 3 == 0 ? kEdges[choice / 3 % std::size(kEdges)] : random();
  }
  std::uint32_t below(std::uint32_t end) { return random() % end; }

  /// A register that is not ESP; of bytes any.
  std::uint32_t choose_register(bool is_byte) {
    const std::uint32_t chosen = below(8);
    return !is_byte && chosen == reg::kEsp ? std::uint32_t{reg::kEax} : chosen;
  }

  Bytes write(const Case& c) {
    Bytes code;
    const bool is_short = !c.is_byte && below(3) == 0;
    if (is_short) code.push_back(0x66);
    append(code, c.opcode);
    if (c.form != Form::alone) {
      const bool has_field = c.form == Form::group || c.form == Form::in_memory;
      const std::uint32_t field = has_field ? c.field : choose_register(c.is_byte);
      const bool in_memory = c.form == Form::in_memory || below(3) == 0;
      const bool byte_rm = c.is_byte && c.form != Form::modrm_wide;
      const std::uint32_t rm = in_memory ? 0x40 | reg::kEsi : 0xc0 | choose_register(byte_rm);
      code.push_back(static_cast<std::uint8_t>(rm | field << 3));
      if (in_memory) code.push_back(static_cast<std::uint8_t>(below(32)));  // displacement
    }
    const unsigned size = c.immediate == 9 ? (is_short ? 2 : 4) : c.immediate;
    const std::uint32_t immediate = number();
    for (unsigned i = 0; i < size; ++i) {
      code.push_back(static_cast<std::uint8_t>(immediate >> 8 * i));
    }
    return code;
  }

  Registers choose_registers() {
    Registers registers;
    for (std::uint8_t i = 0; i < 8; ++i) registers[i] = number();
    registers[reg::kEsi] = native_.data_address() + 64;
    registers[reg::kEdi] = native_.data_address() + 160;
    registers[reg::kEsp] = 0x1234;
    registers.flags = flag::kAlwaysSet | flag::kInterrupt | (random() & kAll);
    return registers;
  }

  /// Carries `code` out twice; false when ours faulted, so that the machine is spared.
  bool run(ByteView code, const Registers& before) {
    for (std::uint8_t& byte : native_.data()) byte = static_cast<std::uint8_t>(random());
    memory_.store(native_.data_address(), native_.data());
    memory_.store(kCode, code);
    processor_.registers = before;
    processor_.registers.eip = kCode;
    auto event = processor_.run(1);
    while (event == Processor::Event::new_code) event = processor_.run(1);
    // A repeated instruction counts its rounds.
    while (event == Processor::Event::steps_done && processor_.registers.eip == kCode) {
      event = processor_.run(1);
    }
    ours = processor_.registers;
    if (event != Processor::Event::steps_done) return false;
    length_agrees = ours.eip == kCode + code.size();
    theirs = before;
    native_.run(code, theirs);
    Bytes data(NativeProcessor::kDataBytes);
    memory_.copy_out(native_.data_address(), data);
    memory_agrees = std::ranges::equal(data, native_.data());
    return true;
  }

  bool agrees(std::uint32_t flags) const {
    for (std::uint8_t i = 0; i < 8; ++i) {
      if (i != reg::kEsp && ours[i] != theirs[i]) return false;
    }
    return memory_agrees && length_agrees && ((ours.flags ^ theirs.flags) & flags) == 0;
  }

  Registers ours;
  Registers theirs;
  bool memory_agrees = false;
  bool length_agrees = false;

 private:
  std::uint32_t random() { return static_cast<std::uint32_t>(random_()); }

  std::mt19937 random_;
  NativeProcessor native_;
  Memory memory_{1 << 20};
  Processor processor_;
};

std::string show(ByteView code, const Registers& before, const Comparison& c) {
  const auto list = [](const Registers& registers) {
    std::string text;
    for (std::uint8_t i = 0; i < 8; ++i) {
      Bytes bytes;
      for (int shift = 24; shift >= 0; shift -= 8) {
        bytes.push_back(static_cast<std::uint8_t>(registers[i] >> shift));
      }
      text += " " + to_hex(bytes);
    }
    return text + " flags " + std::to_string(registers.flags & kAll);
  };
  return to_hex(code) + "\nbefore" + list(before) + "\nours  " + list(c.ours) + "\ntheirs"
         + list(c.theirs) + (c.memory_agrees ? "" : "\nmemory differs")
         + (c.length_agrees ? "" : "\nlength differs");
}

void compare(Comparison& comparison, const Case& c,
             const std::function<void(Registers&)>& prepare = {}) {
  constexpr int kRounds = 300;
  int carried_out = 0;
  for (int round = 0; round < kRounds; ++round) {
    const Bytes code = comparison.write(c);
    Registers before = comparison.choose_registers();
    if (prepare) prepare(before);
    if (!comparison.run(code, before)) continue;
    ++carried_out;
    if (comparison.agrees(c.defined)) continue;
    FAIL_CHECK(c.name << ": " << show(code, before, comparison));
    return;
  }
  CAPTURE(c.name);
  CHECK(carried_out > kRounds / 10);
}

}  // namespace

TEST_CASE("arithmetic leaves the results and flags that a real processor leaves") {
  Comparison comparison;
  if (!comparison.is_possible()) return;
  constexpr std::array<std::string_view, 8> kNames = {"add", "or",  "adc", "sbb",
                                                      "and", "sub", "xor", "cmp"};
  for (unsigned i = 0; i < kNames.size(); ++i) {
    const bool is_logic = i == 1 || i == 4 || i == 6;
    const std::uint32_t defined = is_logic ? kAll & ~flag::kAdjust : kAll;
    const auto first = static_cast<std::uint8_t>(i << 3);
    const auto opcode = [&](unsigned n) { return Bytes{static_cast<std::uint8_t>(first + n)}; };
    compare(comparison, {kNames[i], opcode(0), Form::modrm, 0, defined, 0, true});
    compare(comparison, {kNames[i], opcode(1), Form::modrm, 0, defined});
    compare(comparison, {kNames[i], opcode(2), Form::modrm, 0, defined, 0, true});
    compare(comparison, {kNames[i], opcode(3), Form::modrm, 0, defined});
    compare(comparison, {kNames[i], opcode(4), Form::alone, 1, defined, 0, true});
    compare(comparison, {kNames[i], opcode(5), Form::alone, 9, defined});
    compare(comparison, {kNames[i], {0x80}, Form::group, 1, defined, i, true});
    compare(comparison, {kNames[i], {0x81}, Form::group, 9, defined, i});
    compare(comparison, {kNames[i], {0x83}, Form::group, 1, defined, i});
  }
  for (const bool is_byte : {true, false}) {
    const std::uint8_t wide = is_byte ? 0 : 1;
    const auto opcode = [&](unsigned n) { return Bytes{static_cast<std::uint8_t>(n + wide)}; };
    const unsigned immediate = is_byte ? 1 : 9;
    constexpr std::uint32_t kNoAdjust = kAll & ~flag::kAdjust;
    compare(comparison, {"test", opcode(0x84), Form::modrm, 0, kNoAdjust, 0, is_byte});
    compare(comparison, {"test", opcode(0xa8), Form::alone, immediate, kNoAdjust, 0, is_byte});
    compare(comparison, {"test", opcode(0xf6), Form::group, immediate, kNoAdjust, 0, is_byte});
    compare(comparison, {"test", opcode(0xf6), Form::group, immediate, kNoAdjust, 1, is_byte});
    compare(comparison, {"not", opcode(0xf6), Form::group, 0, kAll, 2, is_byte});
    compare(comparison, {"neg", opcode(0xf6), Form::group, 0, kAll, 3, is_byte});
    compare(comparison, {"inc", opcode(0xfe), Form::group, 0, kAll, 0, is_byte});
    compare(comparison, {"dec", opcode(0xfe), Form::group, 0, kAll, 1, is_byte});
    compare(comparison, {"mul", opcode(0xf6), Form::group, 0, kOnlyCarryOverflow, 4, is_byte});
    compare(comparison, {"imul", opcode(0xf6), Form::group, 0, kOnlyCarryOverflow, 5, is_byte});
    compare(
        comparison,
        {"xadd", {0x0f, static_cast<std::uint8_t>(0xc0 + wide)}, Form::modrm, 0, kAll, 0, is_byte});
    compare(comparison, {"cmpxchg",
                         {0x0f, static_cast<std::uint8_t>(0xb0 + wide)},
                         Form::modrm,
                         0,
                         kAll,
                         0,
                         is_byte});
  }
  compare(comparison, {"imul", {0x0f, 0xaf}, Form::modrm, 0, kOnlyCarryOverflow});
  compare(comparison, {"imul", {0x69}, Form::modrm, 9, kOnlyCarryOverflow});
  compare(comparison, {"imul", {0x6b}, Form::modrm, 1, kOnlyCarryOverflow});
}

TEST_CASE("quotients and remainders are those of a real processor") {
  Comparison comparison;
  if (!comparison.is_possible()) return;
  const auto small = [&](Registers& registers) {
    // Most random dividends are too large for a quotient.
    registers[reg::kEdx] = comparison.below(3) == 0 ? 0xffff'ffff : comparison.below(0x40);
    if (comparison.below(2) == 0) registers[reg::kEax] &= 0x3fff;
  };
  for (const unsigned field : {6U, 7U}) {
    compare(comparison, {"div", {0xf6}, Form::group, 0, 0, field, true}, small);
    compare(comparison, {"div", {0xf7}, Form::group, 0, 0, field}, small);
  }
}

TEST_CASE("shifts and rotations are those of a real processor, where the manual defines them") {
  Comparison comparison;
  if (!comparison.is_possible()) return;
  constexpr std::array<std::string_view, 8> kNames = {"rol", "ror", "rcl", "rcr",
                                                      "shl", "shr", "sal", "sar"};
  for (unsigned i = 0; i < kNames.size(); ++i) {
    const bool is_rotation = i < 4;
    const std::uint32_t by_one = is_rotation ? kAll : kAll & ~flag::kAdjust;
    compare(comparison, {kNames[i], {0xd0}, Form::group, 0, by_one, i, true});
    compare(comparison, {kNames[i], {0xd1}, Form::group, 0, by_one, i});
    // The carry of a byte that is shifted by more than its width is undefined.
    const std::uint32_t by_more = by_one & ~flag::kOverflow;
    const std::uint32_t byte_flags = is_rotation ? by_more : by_more & ~flag::kCarry;
    const auto a_few = [&](Registers& registers) {
      registers[reg::kEcx] = (registers[reg::kEcx] & ~0xffU) | comparison.below(17);
    };
    compare(comparison, {kNames[i], {0xd2}, Form::group, 0, byte_flags, i, true});
    compare(comparison, {kNames[i], {0xd3}, Form::group, 0, by_more, i}, a_few);
    compare(comparison, {kNames[i], {0xc0}, Form::group, 1, byte_flags, i, true});
  }
  const auto a_few = [&](Registers& registers) {
    registers[reg::kEcx] = (registers[reg::kEcx] & ~0xffU) | comparison.below(17);
  };
  constexpr std::uint32_t kDouble = kAll & ~flag::kAdjust & ~flag::kOverflow;
  compare(comparison, {"shld", {0x0f, 0xa5}, Form::modrm, 0, kDouble}, a_few);
  compare(comparison, {"shrd", {0x0f, 0xad}, Form::modrm, 0, kDouble}, a_few);
}

TEST_CASE("bits are tested, changed and found as on a real processor") {
  Comparison comparison;
  if (!comparison.is_possible()) return;
  const auto near = [&](Registers& registers) {
    for (const std::uint8_t i : {reg::kEax, reg::kEcx, reg::kEdx, reg::kEbx, reg::kEbp}) {
      registers[i] = comparison.below(256) - 128;  // so that a bit number stays in the data
    }
  };
  for (const std::uint8_t opcode : std::to_array<std::uint8_t>({0xa3, 0xab, 0xb3, 0xbb})) {
    const Case c{"bt", {0x0f, opcode}, Form::modrm, 0, flag::kCarry};
    for (int round = 0; round < 300; ++round) {
      const Bytes code = comparison.write(c);
      const std::uint8_t modrm = code[code.front() == 0x66 ? 3 : 2];
      const bool by_address = modrm >> 6 != 3 && (modrm >> 3 & 7) >= reg::kEsi;
      if (by_address) continue;  // ESI and EDI are addresses here, and far away as bits
      Registers before = comparison.choose_registers();
      near(before);
      REQUIRE(comparison.run(code, before));
      INFO(show(code, before, comparison));
      REQUIRE(comparison.agrees(c.defined));
    }
  }
  for (const unsigned field : {4U, 5U, 6U, 7U}) {
    compare(comparison, {"bt", {0x0f, 0xba}, Form::group, 1, flag::kCarry, field});
  }
  compare(comparison, {"bsf", {0x0f, 0xbc}, Form::modrm, 0, flag::kZero});
  compare(comparison, {"bsr", {0x0f, 0xbd}, Form::modrm, 0, flag::kZero});
  for (const std::uint8_t i : std::to_array<std::uint8_t>({0xc8, 0xc9, 0xca, 0xcb, 0xcd})) {
    const Bytes code = {0x0f, i};
    const Registers before = comparison.choose_registers();
    REQUIRE(comparison.run(code, before));
    CHECK(comparison.agrees(kAll));
  }
}

TEST_CASE("moves are those of a real processor") {
  Comparison comparison;
  if (!comparison.is_possible()) return;
  compare(comparison, {"mov", {0x88}, Form::modrm, 0, kAll, 0, true});
  compare(comparison, {"mov", {0x89}});
  compare(comparison, {"mov", {0x8a}, Form::modrm, 0, kAll, 0, true});
  compare(comparison, {"mov", {0x8b}});
  compare(comparison, {"mov", {0xc6}, Form::group, 1, kAll, 0, true});
  compare(comparison, {"mov", {0xc7}, Form::group, 9, kAll, 0});
  compare(comparison, {"xchg", {0x86}, Form::modrm, 0, kAll, 0, true});
  compare(comparison, {"xchg", {0x87}});
  compare(comparison, {"movzx", {0x0f, 0xb6}, Form::modrm});
  compare(comparison, {"movzx", {0x0f, 0xb7}, Form::modrm});
  compare(comparison, {"movsx", {0x0f, 0xbe}, Form::modrm});
  compare(comparison, {"movsx", {0x0f, 0xbf}, Form::modrm});
  for (std::uint8_t condition = 0; condition < 16; ++condition) {
    const auto opcode = [&](unsigned n) {
      return Bytes{0x0f, static_cast<std::uint8_t>(n + condition)};
    };
    compare(comparison, {"cmov", opcode(0x40)});
    compare(comparison, {"setcc", opcode(0x90), Form::group, 0, kAll, 0, true});
  }
  for (const std::uint8_t i : std::to_array<std::uint8_t>(
           {0x91, 0x92, 0x93, 0x95, 0x96, 0x97, 0x98, 0x99, 0x9e, 0x9f, 0xf5, 0xf8, 0xf9})) {
    compare(comparison, {"alone", {i}, Form::alone});
  }
  compare(comparison, {"cmpxchg8b", {0x0f, 0xc7}, Form::in_memory, 0, kAll, 1});
  for (int round = 0; round < 20; ++round) {
    const Bytes xlat = {0xd7};
    Registers before = comparison.choose_registers();
    before[reg::kEbx] = before[reg::kEsi] - 64;
    REQUIRE(comparison.run(xlat, before));
    CHECK(comparison.agrees(kAll));
  }
}

TEST_CASE("addresses by base, index, scale and displacement are those of a real processor") {
  Comparison comparison;
  if (!comparison.is_possible()) return;
  for (int round = 0; round < 3000; ++round) {
    const std::uint32_t mode = comparison.below(3);
    const std::uint32_t index = comparison.below(8);
    const std::uint32_t base = comparison.choose_register(false);
    Bytes code = {0x8d, static_cast<std::uint8_t>(mode << 6 | reg::kEax << 3 | 4),
                  static_cast<std::uint8_t>(comparison.below(4) << 6 | index << 3 | base)};
    const bool is_bare = mode == 0 && base == reg::kEbp;
    for (unsigned i = 0; i < (is_bare || mode == 2 ? 4U : mode); ++i) {
      code.push_back(static_cast<std::uint8_t>(comparison.below(256)));
    }
    const Registers before = comparison.choose_registers();
    REQUIRE(comparison.run(code, before));
    INFO(show(code, before, comparison));
    REQUIRE(comparison.agrees(kAll));
  }
}

TEST_CASE("string instructions move, compare and repeat as on a real processor") {
  Comparison comparison;
  if (!comparison.is_possible()) return;
  for (const std::uint8_t opcode :
       std::to_array<std::uint8_t>({0xa4, 0xa5, 0xa6, 0xa7, 0xaa, 0xab, 0xac, 0xad, 0xae, 0xaf})) {
    for (int round = 0; round < 300; ++round) {
      Bytes code;
      if (comparison.below(3) == 0 && (opcode & 1) != 0) code.push_back(0x66);
      constexpr std::array<std::uint8_t, 2> kRepeats = {0xf2, 0xf3};
      const std::uint32_t repeat = comparison.below(3);
      if (repeat < 2) code.push_back(kRepeats[repeat]);
      code.push_back(opcode);
      Registers before = comparison.choose_registers();
      before[reg::kEcx] = comparison.below(12);
      if (comparison.below(2) == 0) before.flags |= flag::kDirection;
      if (comparison.below(2) == 0) before[reg::kEdi] = before[reg::kEsi] + comparison.below(8);
      REQUIRE(comparison.run(code, before));
      INFO(show(code, before, comparison));
      REQUIRE(comparison.agrees(kAll));
    }
  }
}
