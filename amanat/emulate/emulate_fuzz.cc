// Any bytes, as a program and as the stub of one, end within their limits; what is unpacked is a
// program of the size its sections say, and the same each time.

#include "amanat/emulate/emulate.h"

#include <algorithm>

#include "amanat/emulate/test_program.h"

using namespace amanat;
using namespace amanat::emulate;

namespace {

void check(ByteView file) {
  constexpr Limits kLimits{.steps_max = 3000,
                           .idle_steps_max = 3000,
                           .memory_bytes_max = 1 << 20,
                           .program_bytes_max = 1 << 20};
  constexpr std::uint64_t kStepsOfOneCall = 1 << 20;  // a function may move as much as there is
  const Unpacked unpacked = unpack_program(file, kLimits);
  ensure(unpacked.steps < kLimits.steps_max + kStepsOfOneCall, "a stub ends at its limit");
  ensure(unpacked.program.size() <= kLimits.program_bytes_max, "a program keeps its limit");
  ensure(unpacked.program.empty() == (unpacked.end == Unpacked::End::nothing),
         "a program is there when one was unpacked");
  if (unpacked.program.empty()) return;
  ensure(unpacked.entry < unpacked.program.size(), "the entry lies in the program");
  const Unpacked again = unpack_program(file, kLimits);
  ensure(again.program == unpacked.program && again.steps == unpacked.steps,
         "the same stub does the same");
  check(unpacked.program);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView bytes(data, size);
  static_cast<void>(looks_packed(bytes));
  check(bytes);
  const ByteView stub = bytes.first(std::min<std::size_t>(size, 0x400));
  const ByteView behind =
      bytes.subspan(stub.size(), std::min<std::size_t>(size - stub.size(), 0x300));
  check(TestProgram{.stub = Bytes(stub.begin(), stub.end()),
                    .data = Bytes(behind.begin(), behind.end()),
                    .functions = {"LoadLibraryA", "GetProcAddress", "VirtualAlloc",
                                  "VirtualProtect", "RtlMoveMemory", "ReadFile", "CreateFileA"}}
            .make());
  return 0;
}
