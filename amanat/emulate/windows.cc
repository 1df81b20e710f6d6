#include "amanat/emulate/windows.h"

#include <algorithm>

namespace amanat::emulate {
namespace {

constexpr std::uint32_t kStackEnd = 0x0013'0000;
constexpr std::uint32_t kStackBytes = 0x4'0000;
constexpr std::uint32_t kFirstStack = 0x0012'ffc4;
constexpr std::uint32_t kProcessBlock = kThreadBlock + kPageBytes;
constexpr std::uint32_t kModuleList = 0x0024'1000;  // in the heap of the process
constexpr std::uint32_t kHeap = 0x0024'0000;
constexpr std::uint32_t kHeapBytes = 0x1'0000;
constexpr std::uint32_t kFirstAllocation = 0x0200'0000;
constexpr std::uint32_t kAllocationUnit = 0x1'0000;
constexpr std::uint32_t kAllocationsEnd = 0x7000'0000;
constexpr std::uint32_t kEndOfHandlers = 0xffff'ffff;

// Names that no program can import: what Windows itself returns to.
constexpr std::string_view kEntryReturn = "(behind the entry)";
constexpr std::string_view kHandlerReturn = "(behind a handler)";
constexpr std::string_view kFilterReturn = "(behind the filter)";

std::uint32_t round_up(std::uint32_t value, std::uint32_t unit) {
  return (value + unit - 1) / unit * unit;
}

}  // namespace

Windows::Windows(const PeImage& image, Memory& memory, Processor& processor)
    : image_(image),
      memory_(memory),
      processor_(processor),
      libraries_(memory, known_exports()),
      next_allocation_(kFirstAllocation) {}

bool Windows::load() {
  if (!memory_.map(kStackEnd - kStackBytes, kStackBytes, {}) || !memory_.map(kHeap, kHeapBytes, {})
      || !memory_.map(kThreadBlock, 2 * kPageBytes, {})
      || std::uint64_t{image_.base} + image_.size > kAllocationsEnd
      || !map_image(image_, memory_)) {
    return false;
  }
  next_allocation_ =
      round_up(std::max(next_allocation_, image_.base + image_.size), kAllocationUnit);
  make_blocks();
  const std::uint32_t kernel = libraries_.find("kernel32");
  const std::uint32_t ntdll = libraries_.find("ntdll");
  handler_return_ = libraries_.function(ntdll, kHandlerReturn);
  filter_return_ = libraries_.function(ntdll, kFilterReturn);

  Registers& registers = processor_.registers;
  registers[reg::kEbx] = kProcessBlock;
  registers[reg::kEcx] = kFirstStack - 0x14;
  registers[reg::kEdx] = ntdll + 0x4000;
  registers[reg::kEsi] = kEndOfHandlers;
  registers[reg::kEbp] = kFirstStack + 0x2c;
  registers[reg::kEsp] = kFirstStack + 16;
  registers.flags |= flag::kZero | flag::kParity;
  registers.eip = image_.base + image_.entry;
  processor_.thread_block = kThreadBlock;
  // As a library's entry is called: (instance, reason, reserved). A program looks at none of them.
  processor_.push(0);
  processor_.push(1);
  processor_.push(image_.base);
  processor_.push(libraries_.function(kernel, kEntryReturn));
  first_stack_ = registers[reg::kEsp];
  if (!import_functions()) return false;
  memory_.forget_writes();
  return !memory_.take_fault();
}

void Windows::make_blocks() {
  const auto put = [this](std::uint32_t at, std::uint32_t value) { memory_.write(at, value, 4); };
  // NT_TIB and TEB
  put(kThreadBlock, kEndOfHandlers);
  put(kThreadBlock + 0x04, kStackEnd);
  put(kThreadBlock + 0x08, kStackEnd - kStackBytes);
  put(kThreadBlock + 0x18, kThreadBlock);
  put(kThreadBlock + 0x20, 0x4d4);  // process and thread
  put(kThreadBlock + 0x24, 0x4d8);
  put(kThreadBlock + 0x30, kProcessBlock);
  // PEB: no debugger at +2
  put(kProcessBlock + 0x08, image_.base);
  put(kProcessBlock + 0x0c, kModuleList);
  put(kProcessBlock + 0x18, kHeap);
  put(kProcessBlock + 0xa4, 5);  // Windows 5.1, build 2600
  put(kProcessBlock + 0xa8, 1);
  put(kProcessBlock + 0xac, 2600);
  list_modules();
}

// PEB_LDR_DATA and a LDR_DATA_TABLE_ENTRY for each module, in three lists that have the same order:
// the program, ntdll, kernel32, user32. Only the third has not the program.
void Windows::list_modules() {
  constexpr std::uint32_t kEntryBytes = 0x100;
  struct Module {
    std::string name;
    std::uint32_t base, size;
  };
  std::vector<Module> modules = {{"program.exe", image_.base, image_.size}};
  for (const std::string_view name : {"ntdll", "kernel32", "user32"}) {
    modules.push_back(
        {std::string(name) + ".dll", libraries_.find(name), Libraries::kLibraryBytes});
  }
  const auto put = [this](std::uint32_t at, std::uint32_t value) { memory_.write(at, value, 4); };
  const auto entry_at = [](std::size_t index) {
    return kModuleList + static_cast<std::uint32_t>(index + 1) * kEntryBytes;
  };
  for (std::size_t i = 0; i < modules.size(); ++i) {
    const std::uint32_t entry = entry_at(i);
    const std::uint32_t text = entry + 0x80;
    put(entry + 0x18, modules[i].base);
    put(entry + 0x20, modules[i].size);
    const auto bytes = static_cast<std::uint32_t>(2 * modules[i].name.size());
    for (const std::uint32_t name : {entry + 0x24, entry + 0x2c}) {  // UNICODE_STRING
      put(name, bytes | (bytes + 2) << 16);
      put(name + 4, text);
    }
    for (std::uint32_t c = 0; c < modules[i].name.size(); ++c) {
      memory_.write(text + 2 * c, static_cast<std::uint8_t>(modules[i].name[c]), 2);
    }
  }
  put(kModuleList, 0x28);
  put(kModuleList + 4, 1);
  for (std::uint32_t list = 0; list < 3; ++list) {
    const std::uint32_t head = kModuleList + 0x0c + 8 * list;
    std::uint32_t before = head;
    const auto link = [&](std::uint32_t next) {  // LIST_ENTRY: forward, backward
      put(before, next);
      put(next + 4, before);
      before = next;
    };
    for (std::size_t i = list == 2 ? 1 : 0; i < modules.size(); ++i) link(entry_at(i) + 8 * list);
    link(head);
  }
}

// The import directory (PE Format, "The .idata section"): for each library a table of names, and
// one of addresses that the loader fills; without the first, the second begins as the names.
bool Windows::import_functions() {
  constexpr std::size_t kDescriptorsMax = 256;
  std::uint32_t at = image_.base + image_.directories[PeImage::kImports].rva;
  if (at == image_.base) return true;
  std::size_t left = kImportsMax;
  for (std::size_t i = 0; i < kDescriptorsMax; ++i, at += 20) {
    const std::uint32_t lookups = memory_.read(at, 4);
    const std::uint32_t name = memory_.read(at + 12, 4);
    const std::uint32_t addresses = memory_.read(at + 16, 4);
    if (name == 0 || addresses == 0) break;
    const std::uint32_t library =
        libraries_.load(memory_.read_text(image_.base + name, 1, kFunctionNameMax));
    if (library == 0 || memory_.has_fault()) break;
    if (!import_library(library, lookups != 0 ? lookups : addresses, addresses, left)) break;
  }
  // What a broken table leaves open stays open, as in a program that never calls it.
  memory_.take_fault();
  return left > 0;
}

bool Windows::import_library(std::uint32_t base, std::uint32_t lookups, std::uint32_t addresses,
                             std::size_t& left) {
  constexpr std::uint32_t kByNumber = 0x8000'0000;
  for (; left > 0; --left, lookups += 4, addresses += 4) {
    const std::uint32_t lookup = memory_.read(image_.base + lookups, 4);
    if (lookup == 0 || memory_.has_fault()) return true;
    const std::uint32_t name =
        (lookup & kByNumber) != 0 ? lookup & 0xffff : image_.base + lookup + 2;
    memory_.write(image_.base + addresses, find_function(base, name), 4);
  }
  return false;
}

std::uint32_t Windows::find_function(std::uint32_t library, std::uint32_t name) {
  ++functions_found_;
  constexpr std::uint32_t kNumbersEnd = 0x1'0000;
  return libraries_.function(library, name < kNumbersEnd
                                          ? "#" + std::to_string(name)
                                          : memory_.read_text(name, 1, kFunctionNameMax));
}

std::uint32_t Windows::allocate(std::uint32_t wanted, std::uint32_t size) {
  if (size == 0 || size > kAllocatedBytesMax) return 0;
  size = round_up(size, kPageBytes);
  if (allocated_ + size > kAllocatedBytesMax) return 0;
  // What asks for a place mostly commits what it has reserved.
  if (wanted != 0 && memory_.page_at(wanted) != nullptr) return wanted & ~(kPageBytes - 1);
  std::uint32_t base = next_allocation_;
  if (wanted != 0) {
    base = wanted & ~(kPageBytes - 1);
  } else {
    if (size > kAllocationsEnd - next_allocation_) return 0;
    next_allocation_ = round_up(next_allocation_ + size, kAllocationUnit);
  }
  if (!memory_.map(base, size, {})) return 0;
  allocated_ += size;
  return base;
}

std::uint32_t Windows::set_filter(std::uint32_t filter) { return std::exchange(filter_, filter); }

void Windows::set_last_error(std::uint32_t error) { memory_.write(kThreadBlock + 0x34, error, 4); }
std::uint32_t Windows::last_error() { return memory_.read(kThreadBlock + 0x34, 4); }

void Windows::store(std::uint32_t to, ByteView bytes) {
  memory_.store(to, bytes);
  processor_.count_steps(bytes.size());
}

void Windows::copy(std::uint32_t to, std::uint32_t from, std::uint32_t size) {
  const bool overlaps = to > from && to - from < size;
  for (std::uint32_t i = 0; i < size && !memory_.has_fault(); ++i) {
    const std::uint32_t at = overlaps ? size - 1 - i : i;
    memory_.write(to + at, memory_.read(from + at, 1), 1);
  }
  processor_.count_steps(size);
}

void Windows::fill(std::uint32_t to, std::uint8_t byte, std::uint32_t size) {
  for (std::uint32_t i = 0; i < size && !memory_.has_fault(); ++i) memory_.write(to + i, byte, 1);
  processor_.count_steps(size);
}

Windows::Answer Windows::answer() {
  const std::string_view name = libraries_.function_at(processor_.registers.eip);
  if (name.empty()) return Answer::unknown;
  if (name == kEntryReturn) return Answer::ended;
  if (name == kHandlerReturn) return finish_handler();
  if (name == kFilterReturn) return finish_filter();
  const KnownCall* call = find_call(name);
  if (call == nullptr) return Answer::unknown;
  if (call->ends) return Answer::ended;

  Registers& registers = processor_.registers;
  std::array<std::uint32_t, kArgumentsMax> arguments{};
  const std::uint32_t stack = registers[reg::kEsp];
  for (std::uint32_t i = 0; i < call->arguments; ++i) {
    arguments[i] = memory_.read(stack + 4 + 4 * i, 4);
  }
  const std::uint32_t result = call->answer(*this, std::span(arguments).first(call->arguments));
  constexpr std::uint64_t kStepsOfCall = 100;
  processor_.count_steps(kStepsOfCall);
  // A function that met bad memory failed; on Windows some of them would raise an exception.
  const bool failed = memory_.take_fault().has_value();
  registers[reg::kEax] = failed ? 0 : result;
  registers.eip = processor_.pop();
  registers[reg::kEsp] += 4U * call->arguments;
  return memory_.take_fault() ? Answer::unknown : Answer::goes_on;
}

}  // namespace amanat::emulate
