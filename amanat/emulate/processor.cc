#include "amanat/emulate/processor.h"

#include <array>

namespace amanat::emulate {
namespace {

// Direct-mapped by the low bits of the address: a stub of 16 KiB keeps all its instructions.
constexpr std::size_t kCacheEntries = 1U << 13;
constexpr std::size_t kCacheMask = kCacheEntries - 1;

}  // namespace

Processor::Processor(Memory& memory) : memory_(memory), cache_(kCacheEntries) {}

Processor::Event Processor::run(std::uint64_t steps_max) {
  steps_end_ = steps_ + steps_max;
  while (steps_ < steps_end_) {
    before_ = registers;
    const Instruction* instruction = fetch();
    if (instruction == nullptr) return event_;
    ++steps_;
    registers.eip += instruction->length;
    follows_ = registers.eip;
    execute(*instruction);
    if (memory_.has_fault() || raised_ || (before_.flags & flag::kTrap) != 0) [[unlikely]] {
      return finish_fault();
    }
  }
  return Event::steps_done;
}

// Faults leave the registers as they were before the instruction, traps as they are behind it (SDM
// volume 3, section 6.5). Windows counts INT3 among the faults.
Processor::Event Processor::finish_fault() {
  if (const auto fault = memory_.take_fault()) {
    registers = before_;
    fault_ = {.exception = Exception::access, .access = fault->access, .address = fault->address};
  } else {
    fault_ = {.exception = raised_.value_or(Exception::single_step)};
    const bool is_trap =
        fault_.exception == Exception::single_step || fault_.exception == Exception::overflow;
    if (!is_trap) registers = before_;
  }
  raised_.reset();
  return Event::fault;
}

const Instruction* Processor::fetch() {
  const std::uint32_t eip = registers.eip;
  if (code_page_ == nullptr || eip / kPageBytes != code_page_number_) {
    code_page_ = memory_.page_at(eip);
    code_page_number_ = eip / kPageBytes;
    if (code_page_ == nullptr) {
      fault_ = {.exception = Exception::access, .access = Access::execute, .address = eip};
      event_ = Event::fault;
      return nullptr;
    }
  }
  Cached& cached = cache_[eip & kCacheMask];
  if (cached.address == eip && cached.is_set
      && cached.version == code_page_->version[Page::line_of(eip)]) {
    return &cached.instruction;
  }
  return fetch_new(*code_page_, cached);
}

// New code is told before its first instruction runs.
const Instruction* Processor::fetch_new(Page& page, Cached& cached) {
  const std::uint32_t eip = registers.eip;
  const unsigned line = Page::line_of(eip);
  const std::uint64_t bit = std::uint64_t{1} << line;
  if ((page.fresh & bit) != 0 || !page.is_executed) {
    page.fresh &= ~bit;
    page.is_executed = true;
    event_ = Event::new_code;
    return nullptr;
  }
  cached.instruction = decode_here();
  cached.is_set = false;
  switch (cached.instruction.operation) {
    case Operation::incomplete:
      fault_ = {.exception = Exception::access,
                .access = Access::execute,
                .address = eip + cached.instruction.length};
      event_ = Event::fault;
      return nullptr;
    case Operation::host_call: event_ = Event::host_call; return nullptr;
    default: break;
  }
  // What reaches into the next page is taken apart each time: nobody tells us of writes there.
  const std::uint32_t last = eip % kPageBytes + cached.instruction.length - 1;
  if (last >= kPageBytes) return &cached.instruction;
  page.code |= bit | std::uint64_t{1} << Page::line_of(last);
  cached.address = eip;
  cached.version = page.version[line];
  cached.is_set = true;
  return &cached.instruction;
}

Instruction Processor::decode_here() const {
  const std::uint32_t eip = registers.eip;
  const std::uint32_t offset = eip % kPageBytes;
  if (offset + kInstructionBytesMax <= kPageBytes) {
    return decode(ByteView(code_page_->bytes).subspan(offset, kInstructionBytesMax), eip);
  }
  std::array<std::uint8_t, kInstructionBytesMax> bytes{};
  std::size_t count = 0;
  for (; count < bytes.size(); ++count) {
    const std::uint32_t at = eip + static_cast<std::uint32_t>(count);
    const Page* page = memory_.page_at(at);
    if (page == nullptr) break;
    bytes[count] = page->bytes[at % kPageBytes];
  }
  return decode(ByteView(bytes).first(count), eip);
}

void Processor::push(std::uint32_t value, unsigned bits) {
  registers[reg::kEsp] -= bits / 8;
  memory_.write(registers[reg::kEsp], value, bits / 8);
}

std::uint32_t Processor::pop(unsigned bits) {
  const std::uint32_t value = memory_.read(registers[reg::kEsp], bits / 8);
  registers[reg::kEsp] += bits / 8;
  return value;
}

}  // namespace amanat::emulate
