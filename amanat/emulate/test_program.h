#pragma once

// Small programs for Windows with a stub, made to order.

#include <string_view>
#include <vector>

#include "amanat/bytes/bytes.h"
#include "amanat/emulate/little.h"

namespace amanat::emulate {

/// Two sections: an empty one of 4 KiB, 0x401000, and one of 8 KiB with a stub, 0x402000, that
/// begins at its first byte.
struct TestProgram {
  static constexpr std::uint32_t kBase = 0x40'0000;
  static constexpr std::uint32_t kProgram = kBase + 0x1000;
  static constexpr std::uint32_t kStub = kBase + 0x2000;
  static constexpr std::uint32_t kData = kStub + 0x400;     // of the stub
  static constexpr std::uint32_t kImports = kStub + 0x800;  // the addresses of `functions`
  static constexpr std::uint32_t kSectionRaw = 0x200;

  Bytes stub;
  Bytes data;
  std::vector<std::string_view> functions = {};  // of kernel32
  bool is_ordinary = false;  // the stub is the one section of code, and not writable

  Bytes make() const {
    Bytes file(kSectionRaw + 0x1000);
    const auto put = [&](std::size_t at, std::uint32_t value, unsigned width = 4) {
      put_little(file, at, value, width);
    };
    const auto put_bytes = [&](std::size_t at, ByteView bytes) {
      std::ranges::copy(bytes, file.begin() + static_cast<std::ptrdiff_t>(at));
    };
    constexpr std::size_t kPe = 0x40;
    constexpr std::size_t kOptional = kPe + 24;
    constexpr std::size_t kSections = kOptional + 0xe0;
    put(0, 0x5a4d, 2);
    put(0x3c, kPe);
    put(kPe, 0x4550);
    put(kPe + 4, 0x14c, 2);
    put(kPe + 6, 2, 2);
    put(kPe + 20, 0xe0, 2);
    put(kPe + 22, 0x10f, 2);
    put(kOptional, 0x10b, 2);
    put(kOptional + 16, kStub - kBase);
    put(kOptional + 28, kBase);
    put(kOptional + 32, 0x1000);
    put(kOptional + 36, 0x200);
    put(kOptional + 56, 0x4000);
    put(kOptional + 60, 0x200);
    put(kOptional + 68, 2, 2);
    put(kOptional + 92, 16);
    put_bytes(kSections, as_bytes(".text"));
    put(kSections + 8, 0x1000);
    put(kSections + 12, 0x1000);
    put(kSections + 36, is_ordinary ? 0xc000'0080 : 0xe000'0080);
    put_bytes(kSections + 40, as_bytes(".stub"));
    put(kSections + 48, 0x2000);
    put(kSections + 52, 0x2000);
    put(kSections + 56, 0x1000);
    put(kSections + 60, kSectionRaw);
    put(kSections + 76, is_ordinary ? 0x6000'0020 : 0xe000'0020);
    put_bytes(kSectionRaw, stub);
    put_bytes(kSectionRaw + (kData - kStub), data);
    if (!functions.empty()) {
      put(kOptional + 104, kStub - kBase + 0x700);
      put(kOptional + 108, 40);
      const std::size_t table = kSectionRaw + 0x700;
      put(table + 12, kStub - kBase + 0xa00);
      put(table + 16, kImports - kBase);
      put_bytes(kSectionRaw + 0xa00, as_bytes("KERNEL32.DLL"));
      std::size_t name = 0xa20;
      for (std::size_t i = 0; i < functions.size(); ++i) {
        put(kSectionRaw + (kImports - kStub) + 4 * i,
            static_cast<std::uint32_t>(kStub - kBase + name));
        put_bytes(kSectionRaw + name + 2, as_bytes(functions[i]));
        name += functions[i].size() + 3;
      }
    }
    return file;
  }
};

/// What stubs hide: code that returns at once, and words behind it.
inline Bytes hidden_program() {
  Bytes program = {0xc3};
  append(program, as_bytes("this is the program that was hidden by its packer, all of it"));
  return program;
}

/// Machine code: bytes and numbers one after another.
inline Bytes code(std::initializer_list<Bytes> parts) {
  Bytes all;
  for (const Bytes& part : parts) append(all, part);
  return all;
}
inline Bytes word(std::uint32_t value) {
  Bytes bytes(4);
  put_little(bytes, 0, value, 4);
  return bytes;
}

/// mov esi, data; mov edi, program; mov ecx, size; lodsb; xor al, 5a; stosb; loop.
inline Bytes xor_loop(std::size_t size) {
  return code({{0xbe},
               word(TestProgram::kData),
               {0xbf},
               word(TestProgram::kProgram),
               {0xb9},
               word(static_cast<std::uint32_t>(size)),
               {0xac, 0x34, 0x5a, 0xaa, 0xe2, 0xfa}});
}
inline Bytes xored(Bytes bytes) {
  for (std::uint8_t& byte : bytes) byte ^= 0x5a;
  return bytes;
}
/// push program; ret
inline Bytes go_to_program() { return code({{0x68}, word(TestProgram::kProgram), {0xc3}}); }

}  // namespace amanat::emulate
