#pragma once

// A Windows around one program: its address space, its thread, the functions it calls and the
// exceptions it handles. As much of it as a packer's stub needs, and the same on every run.
//
// Addresses are those of Windows XP, which old stubs count on: the stack below 0x130000, the
// thread's block at 0x7ffde000, the process' block behind it (structure layouts: winnt.h, and
// winternl.h where Microsoft documents them).

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "amanat/emulate/libraries.h"
#include "amanat/emulate/memory.h"
#include "amanat/emulate/pe_image.h"
#include "amanat/emulate/processor.h"

namespace amanat::emulate {

inline constexpr std::uint64_t kAllocatedBytesMax = 512ULL << 20;  // of addresses, not of pages
inline constexpr std::size_t kImportsMax = 8192;

class Windows {
 public:
  /// Borrows all three.
  Windows(const PeImage& image, Memory& memory, Processor& processor);

  /// Maps the program, resolves its imports and stands at its entry; false when it does not fit.
  bool load();

  /// What became of a call.
  enum class Answer : std::uint8_t {
    goes_on,
    ended,    // the program ended itself
    unknown,  // nobody knows the function, or what asked was no function
  };
  /// Answers the function that the processor stopped at (Event::host_call).
  Answer answer();

  /// Lets the program handle an exception (Event::fault); false when it has no handler for it.
  bool deliver(const Fault& fault);

  /// Where the stack stood at the entry: a stub leaves it there for the program.
  std::uint32_t first_stack() const { return first_stack_; }
  /// How many functions were looked up by name since the entry.
  std::uint64_t functions_found() const { return functions_found_; }

  // What the functions of calls.cc work with.
  Memory& memory() { return memory_; }
  Libraries& libraries() { return libraries_; }
  const PeImage& image() const { return image_; }
  const Processor& processor() const { return processor_; }
  /// Zeroed memory of whole pages, at `wanted` when that is free; 0 when there is none left.
  std::uint32_t allocate(std::uint32_t wanted, std::uint32_t size);
  /// A function by its name, or by its number below 65536, in a library.
  std::uint32_t find_function(std::uint32_t library, std::uint32_t name);
  /// Windows' SetUnhandledExceptionFilter; returns the one before.
  std::uint32_t set_filter(std::uint32_t filter);
  void set_last_error(std::uint32_t error);
  std::uint32_t last_error();
  /// Where the program reads next in its own file, the only one there is.
  std::uint64_t& file_position() { return file_position_; }
  /// Writes `bytes` to memory; counts steps.
  void store(std::uint32_t to, ByteView bytes);
  /// Copies or fills memory of the program for it; counts steps.
  void copy(std::uint32_t to, std::uint32_t from, std::uint32_t size);
  void fill(std::uint32_t to, std::uint8_t byte, std::uint32_t size);

 private:
  bool import_functions();
  bool import_library(std::uint32_t base, std::uint32_t lookups, std::uint32_t addresses,
                      std::size_t& left);
  void make_blocks();
  void list_modules();

  bool call_handler(std::uint32_t frame, std::uint32_t record, std::uint32_t context);
  bool call_filter(std::uint32_t record, std::uint32_t context);
  void store_record(const Fault& fault, std::uint32_t at);
  void store_context(std::uint32_t at);
  void load_context(std::uint32_t at);
  Answer finish_handler();
  Answer finish_filter();

  const PeImage& image_;
  Memory& memory_;
  Processor& processor_;
  Libraries libraries_;
  std::uint32_t first_stack_ = 0;
  std::uint64_t functions_found_ = 0;
  std::uint32_t next_allocation_ = 0;
  std::uint64_t allocated_ = 0;
  std::uint64_t file_position_ = 0;
  std::uint32_t filter_ = 0;
  std::uint32_t handler_return_ = 0;  // functions that handlers and the entry return to
  std::uint32_t filter_return_ = 0;
};

/// Where the thread's block lies: FS:0 is the head of its list of handlers.
inline constexpr std::uint32_t kThreadBlock = 0x7ffd'e000;

/// A function that is known: how many arguments it takes off the stack, and its answer.
struct KnownCall {
  Export place;
  std::uint8_t arguments = 0;
  std::uint32_t (*answer)(Windows& windows, std::span<const std::uint32_t> arguments) = nullptr;
  bool ends = false;  // the program, and the emulation
};
inline constexpr std::size_t kArgumentsMax = 12;

/// nullptr when nobody knows it.
const KnownCall* find_call(std::string_view name);
/// All of them, and others that programs look for, as libraries export them.
std::span<const Export> known_exports();

}  // namespace amanat::emulate
