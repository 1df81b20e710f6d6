#pragma once

// Carries out one instruction on the processor of this machine, so that ours can be held against
// it. In 64-bit mode the instructions of 32 bits do the same, but for a few that are gone.

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <sys/mman.h>

#include "amanat/bytes/bytes.h"
#include "amanat/emulate/registers.h"

namespace amanat::emulate {

/// One page of code and one of data, both below 4 GiB.
class NativeProcessor {
 public:
  static constexpr std::size_t kDataBytes = 256;

  NativeProcessor() {
#if defined(__x86_64__)
    void* memory = mmap(nullptr, 8192, PROT_READ | PROT_WRITE | PROT_EXEC,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
    if (memory != MAP_FAILED) memory_ = static_cast<std::uint8_t*>(memory);
#endif
  }
  NativeProcessor(const NativeProcessor&) = delete;
  NativeProcessor& operator=(const NativeProcessor&) = delete;
  ~NativeProcessor() {
    if (memory_ != nullptr) munmap(memory_, 8192);
  }

  /// Whether this machine is an x86 that lets us make code.
  bool is_there() const { return memory_ != nullptr; }
  ByteSpan data() const { return {memory_ + 4096, kDataBytes}; }
  std::uint32_t data_address() const {
    return static_cast<std::uint32_t>(reinterpret_cast<std::uintptr_t>(memory_ + 4096));
  }

  /// Everything but ESP and EIP goes in and comes out.
  void run(ByteView instruction, Registers& registers) {
    // push rbx, rbp, r12; mov r12, rdi; push [r12+32]; popfq; mov eax, [r12] ...
    static constexpr std::uint8_t kBefore[] = {
        0x53, 0x55, 0x41, 0x54, 0x49, 0x89, 0xfc, 0x41, 0xff, 0x74, 0x24, 0x20,
        0x9d, 0x41, 0x8b, 0x44, 0x24, 0x00, 0x41, 0x8b, 0x4c, 0x24, 0x04, 0x41,
        0x8b, 0x54, 0x24, 0x08, 0x41, 0x8b, 0x5c, 0x24, 0x0c, 0x41, 0x8b, 0x6c,
        0x24, 0x14, 0x41, 0x8b, 0x74, 0x24, 0x18, 0x41, 0x8b, 0x7c, 0x24, 0x1c};
    // pushfq; pop [r12+32]; cld; mov [r12], eax ...; pop r12, rbp, rbx; ret
    static constexpr std::uint8_t kBehind[] = {
        0x9c, 0x41, 0x8f, 0x44, 0x24, 0x20, 0xfc, 0x41, 0x89, 0x44, 0x24, 0x00,
        0x41, 0x89, 0x4c, 0x24, 0x04, 0x41, 0x89, 0x54, 0x24, 0x08, 0x41, 0x89,
        0x5c, 0x24, 0x0c, 0x41, 0x89, 0x6c, 0x24, 0x14, 0x41, 0x89, 0x74, 0x24,
        0x18, 0x41, 0x89, 0x7c, 0x24, 0x1c, 0x41, 0x5c, 0x5d, 0x5b, 0xc3};
    std::uint8_t* at = memory_;
    for (const ByteView part : {ByteView(kBefore), instruction, ByteView(kBehind)}) {
      at = std::ranges::copy(part, at).out;
    }
    struct {
      std::array<std::uint32_t, 8> general;
      std::uint64_t flags;
    } state{};
    std::copy_n(registers.general.begin(), 8, state.general.begin());
    state.flags = registers.flags;
    using Function = void (*)(void*);
    Function function = nullptr;
    std::memcpy(&function, &memory_, sizeof(function));
    call(function, &state);
    std::copy_n(state.general.begin(), 8, registers.general.begin());
    registers.flags = static_cast<std::uint32_t>(state.flags);
  }

 private:
  // Made code has no record for the sanitizer that checks calls.
  __attribute__((no_sanitize("undefined"))) static void call(void (*function)(void*), void* state) {
    function(state);
  }

  std::uint8_t* memory_ = nullptr;
};

}  // namespace amanat::emulate
