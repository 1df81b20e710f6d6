// Structured exception handling on 32 bits: handlers in a list at FS:0 are asked one after another,
// with a record of what happened and the state of the processor, which they may change; then the
// program's last filter is asked (winnt.h: EXCEPTION_RECORD, CONTEXT; "A Crash Course on the Depths
// of Win32 Structured Exception Handling", Microsoft Systems Journal, January 1997).

#include "amanat/emulate/windows.h"

namespace amanat::emulate {
namespace {

constexpr std::uint32_t kEndOfHandlers = 0xffff'ffff;
constexpr std::uint32_t kContextBytes = 0x2cc;
constexpr std::uint32_t kRecordBytes = 0x50;
constexpr std::uint32_t kContextWhole = 0x1'003f;
constexpr std::uint64_t kStepsOfException = 500;

/// Where the registers lie in a CONTEXT, in the order of their numbers.
constexpr std::array<std::uint32_t, 8> kGeneralAt = {0xb0, 0xac, 0xa8, 0xa4,
                                                     0xc4, 0xb4, 0xa0, 0x9c};
constexpr std::uint32_t kEipAt = 0xb8;
constexpr std::uint32_t kFlagsAt = 0xc0;

struct Word {
  std::uint32_t at, value;
};
constexpr std::array<Word, 6> kSegments = {
    {{0x8c, 0}, {0x90, 0x3b}, {0x94, 0x23}, {0x98, 0x23}, {0xbc, 0x1b}, {0xc8, 0x23}}};

std::uint32_t code_of(Exception exception) {
  switch (exception) {
    case Exception::undefined: return 0xc000'001d;
    case Exception::privileged: return 0xc000'0096;
    case Exception::divide_by_zero: return 0xc000'0094;
    case Exception::divide_overflow:
    case Exception::overflow: return 0xc000'0095;
    case Exception::bound: return 0xc000'008c;
    case Exception::breakpoint: return 0x8000'0003;
    case Exception::single_step: return 0x8000'0004;
    default: return 0xc000'0005;
  }
}

}  // namespace

bool Windows::deliver(const Fault& fault) {
  if (fault.exception == Exception::unsupported || memory_.is_full()) return false;
  processor_.count_steps(kStepsOfException);
  const std::uint32_t stack = processor_.registers[reg::kEsp];
  const std::uint32_t context = (stack & ~15U) - kContextBytes - kRecordBytes;
  const std::uint32_t record = context + kContextBytes;
  store_context(context);
  store_record(fault, record);
  processor_.registers[reg::kEsp] = context;
  const bool is_called = call_handler(memory_.read(kThreadBlock, 4), record, context);
  return !memory_.take_fault() && is_called;
}

void Windows::store_record(const Fault& fault, std::uint32_t at) {
  const bool is_access = fault.exception == Exception::access;
  const std::array<std::uint32_t, 7> words = {code_of(fault.exception),
                                              0,
                                              0,
                                              processor_.registers.eip,
                                              is_access ? 2U : 0U,
                                              fault.access == Access::write ? 1U : 0U,
                                              fault.address};
  for (std::uint32_t i = 0; i < words.size(); ++i) memory_.write(at + 4 * i, words[i], 4);
}

void Windows::store_context(std::uint32_t at) {
  const Registers& registers = processor_.registers;
  for (std::uint32_t i = 0; i < kContextBytes; i += 4) memory_.write(at + i, 0, 4);
  memory_.write(at, kContextWhole, 4);
  for (const Word& segment : kSegments) memory_.write(at + segment.at, segment.value, 4);
  for (std::uint8_t i = 0; i < kGeneralAt.size(); ++i) {
    memory_.write(at + kGeneralAt[i], registers[i], 4);
  }
  memory_.write(at + kEipAt, registers.eip, 4);
  memory_.write(at + kFlagsAt, registers.flags, 4);
}

void Windows::load_context(std::uint32_t at) {
  Registers& registers = processor_.registers;
  for (std::uint8_t i = 0; i < kGeneralAt.size(); ++i) {
    registers[i] = memory_.read(at + kGeneralAt[i], 4);
  }
  registers.eip = memory_.read(at + kEipAt, 4);
  alu::set_flags(registers.flags, flag::kOfProgram,
                 memory_.read(at + kFlagsAt, 4) & flag::kOfProgram);
}

// handler(record, frame, context, dispatcher), which leaves its arguments on the stack. As on
// Windows a frame of the system stands before the program's while it runs, and some stubs step over
// it to find their own.
bool Windows::call_handler(std::uint32_t frame, std::uint32_t record, std::uint32_t context) {
  constexpr int kSystemFramesMax = 256;
  std::uint32_t handler = 0;
  for (int i = 0; i < kSystemFramesMax; ++i) {
    if (frame == kEndOfHandlers) return call_filter(record, context);
    handler = memory_.read(frame + 4, 4);
    if (handler != handler_return_) break;
    frame = memory_.read(frame, 4);
  }
  if (memory_.has_fault() || handler == handler_return_) return false;
  Registers& registers = processor_.registers;
  for (const std::uint32_t word : {frame, handler_return_, memory_.read(kThreadBlock, 4)}) {
    processor_.push(word);
  }
  memory_.write(kThreadBlock, registers[reg::kEsp], 4);
  for (const std::uint32_t argument : {0U, context, frame, record, handler_return_}) {
    processor_.push(argument);
  }
  for (const std::uint8_t number : {reg::kEax, reg::kEbx, reg::kEsi, reg::kEdi}) {
    registers[number] = 0;
  }
  registers.flags &= ~(flag::kTrap | flag::kDirection);
  registers.eip = handler;
  return true;
}

// The handler has returned, and the stack stands at its arguments.
Windows::Answer Windows::finish_handler() {
  const Registers& registers = processor_.registers;
  const std::uint32_t stack = registers[reg::kEsp];
  const std::uint32_t record = memory_.read(stack, 4);
  const std::uint32_t frame = memory_.read(stack + 4, 4);
  const std::uint32_t context = memory_.read(stack + 8, 4);
  constexpr std::uint32_t kArgumentBytes = 16;
  memory_.write(kThreadBlock, memory_.read(stack + kArgumentBytes, 4), 4);
  constexpr std::uint32_t kGoOn = 0;
  constexpr std::uint32_t kAskTheNext = 1;
  bool is_fine = true;
  if (registers[reg::kEax] == kGoOn) {
    load_context(context);
  } else if (registers[reg::kEax] == kAskTheNext) {
    is_fine = call_handler(memory_.read(frame, 4), record, context);
  } else {
    is_fine = false;
  }
  processor_.count_steps(kStepsOfException);
  return memory_.take_fault() || !is_fine ? Answer::unknown : Answer::goes_on;
}

// filter(&{record, context}), which takes its argument off the stack.
bool Windows::call_filter(std::uint32_t record, std::uint32_t context) {
  if (filter_ == 0) return false;
  processor_.push(context);
  processor_.push(record);
  const std::uint32_t pointers = processor_.registers[reg::kEsp];
  processor_.push(pointers);
  processor_.push(filter_return_);
  processor_.registers.flags &= ~(flag::kTrap | flag::kDirection);
  processor_.registers.eip = filter_;
  return true;
}

Windows::Answer Windows::finish_filter() {
  constexpr std::uint32_t kGoOn = 0xffff'ffff;
  if (processor_.registers[reg::kEax] != kGoOn) return Answer::unknown;
  load_context(memory_.read(processor_.registers[reg::kEsp] + 4, 4));
  processor_.count_steps(kStepsOfException);
  return memory_.take_fault() ? Answer::unknown : Answer::goes_on;
}

}  // namespace amanat::emulate
