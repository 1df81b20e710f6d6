// How fast stubs run: millions of steps for each CPU second. Without files, of a decoder that
// rotates and adds; with files, of their stubs.
//
//   emulate_emulate_bench [FILE...]

#include "amanat/emulate/emulate.h"

#include <cstdio>
#include <ctime>
#include <fstream>
#include <iterator>

#include "amanat/emulate/test_program.h"

namespace {
using namespace amanat;
using namespace amanat::emulate;

void measure(const char* name, const Bytes& file) {
  const std::clock_t start = std::clock();
  const Unpacked unpacked = unpack_program(file, {});
  const double seconds = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
  constexpr double kMega = 1e6;
  std::printf("%-40s %8.2f M steps %7.3f s %7.1f M/s\n", name,
              static_cast<double>(unpacked.steps) / kMega, seconds,
              static_cast<double>(unpacked.steps) / kMega / seconds);
}

// mov esi, data; mov edi, program; mov ecx, 1000; loop: mov al, [esi]; rol al, 3; add al, cl;
// xor ah, al; mov [edi], al; inc edi; dec ecx; jnz loop; jmp to the beginning.
Bytes decoder() {
  return code({{0xbe},
               word(TestProgram::kData),
               {0xbf},
               word(TestProgram::kProgram),
               {0xb9, 0x00, 0x10, 0,    0,    0x8a, 0x06, 0xc0, 0xc0, 0x03, 0x00,
                0xc8, 0x30, 0xc4, 0x88, 0x07, 0x47, 0x49, 0x75, 0xf1, 0xeb, 0xe0}});
}
}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) measure("a decoder", TestProgram{.stub = decoder(), .data = {}}.make());
  for (int i = 1; i < argc; ++i) {
    std::ifstream file(argv[i], std::ios::binary);
    measure(argv[i], {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()});
  }
}
