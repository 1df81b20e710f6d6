#include "amanat/emulate/emulate.h"

#include <algorithm>
#include <string>

#include <doctest/doctest.h>

#include "amanat/emulate/test_program.h"

using namespace amanat;
using namespace amanat::emulate;

namespace {

constexpr std::uint32_t kProgramRva = TestProgram::kProgram - TestProgram::kBase;

bool is_unpacked(const Unpacked& unpacked) {
  const Bytes hidden = hidden_program();
  return unpacked.end == Unpacked::End::program && unpacked.entry == kProgramRva
         && unpacked.program.size() == 0x4000
         && std::ranges::equal(ByteView(unpacked.program).subspan(kProgramRva, hidden.size()),
                               hidden);
}

Unpacked run(const Bytes& stub, const Bytes& data = xored(hidden_program()),
             std::vector<std::string_view> functions = {}) {
  const Bytes file = TestProgram{.stub = stub, .data = data, .functions = functions}.make();
  REQUIRE(looks_packed(file));
  return unpack_program(file, {});
}

}  // namespace

TEST_CASE("a program behind a decoder is found as it stands in memory, with its entry") {
  const Unpacked unpacked =
      run(code({{0x60}, xor_loop(hidden_program().size()), {0x61}, go_to_program()}));
  CHECK(is_unpacked(unpacked));
  // The header is a new one, and what is read from it is what was hidden.
  CHECK(little32(unpacked.program, 0x40 + 24 + 16) == kProgramRva);
  CHECK_FALSE(looks_packed(ByteView(unpacked.program).first(0x100)));
}

TEST_CASE("a compressed program is found") {
  // A byte below 80 is a number of bytes that follow; above, a length whose distance follows.
  const Bytes stub = code({{0xbe},
                           word(TestProgram::kData),
                           {0xbf},
                           word(TestProgram::kProgram),
                           {0x31, 0xc0, 0xac, 0x84, 0xc0, 0x74, 0x19, 0x78, 0x06, 0x89, 0xc1,
                            0xf3, 0xa4, 0xeb, 0xf1, 0x24, 0x7f, 0x89, 0xc1, 0x31, 0xc0, 0xac,
                            0x56, 0x89, 0xfe, 0x29, 0xc6, 0xf3, 0xa4, 0x5e, 0xeb, 0xe0},
                           go_to_program()});
  const Bytes data = code({{4, 0xc3, 'a', 'b', 'c', 0x80 | 60, 3, 1, 'z', 0}});
  const Unpacked unpacked = run(stub, data);
  REQUIRE(unpacked.end == Unpacked::End::program);
  CHECK(unpacked.entry == kProgramRva);
  const std::string_view text = as_text(unpacked.program).substr(kProgramRva, 65);
  CHECK(text.substr(1, 6) == "abcabc");
  CHECK(text.back() == 'z');
}

TEST_CASE("a stub may reach its program through an exception") {
  // The handler lies at data + 200: it sets EIP in the context and goes on there.
  constexpr std::uint32_t kHandler = TestProgram::kData + 0x200;
  Bytes data = xored(hidden_program());
  data.resize(0x200);
  append(data, code({{0x8b, 0x44, 0x24, 0x0c, 0xc7, 0x80, 0xb8, 0, 0, 0},
                     word(TestProgram::kProgram),
                     {0x31, 0xc0, 0xc3}}));
  const Bytes install = code({xor_loop(hidden_program().size()),
                              {0x68},
                              word(kHandler),
                              {0x64, 0xff, 0x35, 0, 0, 0, 0, 0x64, 0x89, 0x25, 0, 0, 0, 0}});
  struct Case {
    std::string_view name;
    Bytes raise;
  };
  const auto cases = std::to_array<Case>({
      {"breakpoint", {0xcc}},
      {"read of nothing", {0x31, 0xc0, 0x8b, 0x00}},
      {"write to nothing", {0x31, 0xc0, 0x89, 0x00}},
      {"division by zero", {0x31, 0xc9, 0xf7, 0xf1}},
      {"no instruction", {0x0f, 0x0b}},
      {"a lock where none may be", {0xf0, 0x90}},
      {"privileged", {0xf4}},
      {"single step", {0x9c, 0x80, 0x4c, 0x24, 0x01, 0x01, 0x9d, 0x90, 0x90}},
      {"jump to nothing", {0x31, 0xc0, 0xff, 0xe0}},
  });
  for (const Case& c : cases) {
    CAPTURE(c.name);
    CHECK(is_unpacked(run(code({install, c.raise, {0xeb, 0xfe}}), data)));
  }
}

TEST_CASE("a stub finds functions by name, and memory where it asks for it") {
  // eax = LoadLibraryA("kernel32"); eax = GetProcAddress(eax, "VirtualAlloc");
  // edi = VirtualAlloc(0, 1000, 3000, 40); the program is decoded there and copied on.
  constexpr std::uint32_t kNames = TestProgram::kData + 0x100;
  Bytes data = xored(hidden_program());
  data.resize(0x100);
  append(data, as_bytes("kernel32"));
  data.push_back(0);
  append(data, as_bytes("VirtualAlloc"));
  const auto size = static_cast<std::uint32_t>(hidden_program().size());
  const Bytes stub = code({{0x68},
                           word(kNames),
                           {0xff, 0x15},
                           word(TestProgram::kImports),
                           {0x68},
                           word(kNames + 9),
                           {0x50},
                           {0xff, 0x15},
                           word(TestProgram::kImports + 4),
                           {0x6a, 0x40, 0x68, 0, 0x30, 0, 0, 0x68, 0, 0x10, 0, 0, 0x6a, 0},
                           {0xff, 0xd0},
                           {0x89, 0xc7, 0x89, 0xc3, 0xbe},
                           word(TestProgram::kData),
                           {0xb9},
                           word(size),
                           {0xac, 0x34, 0x5a, 0xaa, 0xe2, 0xfa},
                           {0x89, 0xde, 0xbf},
                           word(TestProgram::kProgram),
                           {0xb9},
                           word(size),
                           {0xf3, 0xa4},
                           go_to_program()});
  CHECK(is_unpacked(run(stub, data, {"LoadLibraryA", "GetProcAddress"})));
}

TEST_CASE("kernel32 is found through the process block, with a table of exports") {
  // mov eax, fs:[30]; [eax+c]; [eax+1c]; [eax]; [eax+8]: its base. cmp word [eax], MZ; then
  // mov ecx, [eax+3c]; cmp dword [eax+ecx+78], 0: where its exports are. A failure ends in a loop.
  const Bytes stub = code({{0x64, 0xa1, 0x30, 0,    0,    0,    0x8b, 0x40, 0x0c, 0x8b, 0x40, 0x1c,
                            0x8b, 0x00, 0x8b, 0x40, 0x08, 0x66, 0x81, 0x38, 0x4d, 0x5a, 0x75, 0xfe,
                            0x8b, 0x48, 0x3c, 0x83, 0x7c, 0x08, 0x78, 0x00, 0x74, 0xfe},
                           xor_loop(hidden_program().size()),
                           go_to_program()});
  CHECK(is_unpacked(run(stub)));
}

TEST_CASE("of several layers the last one is the program") {
  // The first stub decodes a second one, which decodes the program; both lie in the same section.
  constexpr std::uint32_t kSecond = TestProgram::kData + 0x200;
  const Bytes second = code({xor_loop(hidden_program().size()), {0x90, 0x90}, go_to_program()});
  Bytes data = xored(hidden_program());
  data.resize(0x200);
  append(data, xored(xored(xored(second))));
  const Bytes first = code({{0xbe},
                            word(kSecond),
                            {0xbf},
                            word(kSecond),
                            {0xb9},
                            word(static_cast<std::uint32_t>(second.size())),
                            {0xac, 0x34, 0x5a, 0xaa, 0xe2, 0xfa},
                            {0x68},
                            word(kSecond),
                            {0xc3}});
  CHECK(is_unpacked(run(first, data)));
}

TEST_CASE("a program that is not packed gives nothing") {
  SUBCASE("by its header") {
    const Bytes ordinary = TestProgram{.stub = {0xc3}, .data = {}, .is_ordinary = true}.make();
    CHECK_FALSE(looks_packed(ordinary));
  }
  SUBCASE("when it returns") { CHECK(run({0xc3}).end == Unpacked::End::nothing); }
  SUBCASE("when it only writes data") {
    const Unpacked unpacked = run(code({xor_loop(60), {0xc3}}));
    CHECK(unpacked.end == Unpacked::End::nothing);
    CHECK(unpacked.program.empty());
  }
  SUBCASE("when it is none") {
    CHECK_FALSE(looks_packed(as_bytes("MZ")));
    CHECK(unpack_program(as_bytes("MZ"), {}).end == Unpacked::End::nothing);
    CHECK_FALSE(looks_packed({}));
  }
}

TEST_CASE("a program cut anywhere is refused or run, and never read behind its end") {
  const Bytes file =
      TestProgram{.stub = code({xor_loop(60), go_to_program()}), .data = Bytes(60)}.make();
  for (std::size_t size = 0; size < file.size(); size += size < 0x210 ? 1 : 97) {
    const Bytes cut(file.begin(), file.begin() + static_cast<std::ptrdiff_t>(size));
    const Unpacked unpacked = unpack_program(cut, {.steps_max = 2000});
    CHECK(unpacked.steps < 4000);
  }
}

TEST_CASE("hostile stubs end within their limits, and the same way each time") {
  struct Case {
    std::string_view name;
    Bytes stub;
  };
  const Bytes handler_is_data =
      code({{0x68},
            word(TestProgram::kData),
            {0x64, 0xff, 0x35, 0, 0, 0, 0, 0x64, 0x89, 0x25, 0, 0, 0, 0}});
  const auto cases = std::to_array<Case>({
      {"endless loop", {0xeb, 0xfe}},
      {"stack at 0", {0x31, 0xe4, 0x50, 0xeb, 0xfd}},
      {"stack at the top", {0xbc, 0xff, 0xff, 0xff, 0xff, 0x58, 0x60, 0xeb, 0xfc}},
      {"a move of 4 GiB", {0x31, 0xc9, 0x49, 0xf3, 0xa4}},
      {"a fill of the image",
       code({{0xbf}, word(TestProgram::kProgram), {0x31, 0xc9, 0x49, 0xf3, 0xab}})},
      {"a fill downwards",
       code({{0xfd, 0xbf}, word(TestProgram::kStub + 0x1fff), {0x31, 0xc9, 0x49, 0xf3, 0xaa}})},
      {"overwriting itself", {0xe8, 0, 0, 0, 0, 0x5f, 0xfe, 0x07, 0xeb, 0xfc}},
      {"divisions whose handler goes on", code({handler_is_data, {0x31, 0xc9, 0xf7, 0xf1}})},
      {"a handler that faults", code({{0x68, 0, 0,    0,    0,    0x64, 0xff, 0x35, 0, 0,
                                       0,    0, 0x64, 0x89, 0x25, 0,    0,    0,    0, 0xcc}})},
      {"a handler list that is a ring",
       code({{0x54, 0x54, 0x64, 0x89, 0x25, 0, 0, 0, 0, 0x89, 0x24, 0x24, 0xcc}})},
      {"memory without end",
       code({{0x6a, 0x40, 0x68, 0, 0x30, 0, 0, 0x68, 0, 0, 0x10, 0, 0x6a, 0, 0xff, 0x15},
             word(TestProgram::kImports),
             {0xfe, 0x00, 0xeb, 0xe8}})},
      {"a trap after each instruction", {0x9c, 0x80, 0x4c, 0x24, 0x01, 0x01, 0x9d, 0xeb, 0xf7}},
      {"calls without end", {0xe8, 0xfb, 0xff, 0xff, 0xff}},
      {"an instruction we do not know", {0x0f, 0x58, 0xc0}},
  });
  for (const Case& c : cases) {
    CAPTURE(c.name);
    const Bytes file =
        TestProgram{.stub = c.stub, .data = {0x31, 0xc0, 0xc3}, .functions = {"VirtualAlloc"}}
            .make();
    constexpr Limits kLimits{.steps_max = 300'000, .memory_bytes_max = 4 << 20};
    const Unpacked first = unpack_program(file, kLimits);
    CHECK(first.steps < kLimits.steps_max + 2000);
    const Unpacked second = unpack_program(file, kLimits);
    CHECK(first.steps == second.steps);
    CHECK(first.program == second.program);
  }
}

TEST_CASE("what is unfinished at a limit is told, with how far it came") {
  // Fills its image with words again and again, and never goes there.
  const Bytes stub = code({{0xbf},
                           word(TestProgram::kProgram),
                           {0xb9, 0, 4, 0, 0, 0xb8, 'w', 'o', 'r', 'd', 0xf3, 0xab, 0xeb, 0xed}});
  const Bytes file = TestProgram{.stub = stub, .data = {}}.make();
  const Unpacked unpacked = unpack_program(file, {.steps_max = 50'000});
  CHECK(unpacked.end == Unpacked::End::unfinished);
  CHECK(as_text(unpacked.program).substr(kProgramRva, 8) == "wordword");
  int asked = 0;
  const Unpacked stopped = unpack_program(file, {}, [&asked] { return ++asked < 3; });
  CHECK(asked == 3);
  CHECK(stopped.end == Unpacked::End::unfinished);
  CHECK(stopped.steps < 4'000'000);
}
