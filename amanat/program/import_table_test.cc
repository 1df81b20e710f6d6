#include "amanat/program/import_table.h"

#include <doctest/doctest.h>

#include "amanat/program/test_images.h"

namespace amanat::program {
namespace {

// One section at RVA 0x1000 and offset 0x400 that holds the import table and all it points to.
class TestImports {
 public:
  explicit TestImports(bool plus) : plus_(plus) { table_.zeros(0x100); }

  // A function without a name is imported by its number.
  struct Function {
    std::string_view name;
    std::uint32_t number = 0;
  };

  TestImports& add(std::string_view library, const std::vector<Function>& functions) {
    const std::uint32_t name = place([&] { table_.text(library).zeros(1); });
    std::vector<std::uint64_t> thunks;
    for (const Function& function : functions) {
      if (function.name.empty()) {
        thunks.push_back((std::uint64_t{1} << (plus_ ? 63 : 31)) | function.number);
      } else {
        thunks.push_back(place([&] { table_.u16(0).text(function.name).zeros(1); }));
      }
    }
    thunks.push_back(0);
    const std::uint32_t list = place([&] {
      for (const std::uint64_t thunk : thunks) plus_ ? table_.u64(thunk) : table_.u32(thunk);
    });
    const std::size_t at = count_++ * 20;
    table_.put(at, list, 4).put(at + 12, name, 4).put(at + 16, list, 4);
    return *this;
  }

  Bytes make() const {
    const std::size_t size = (table_.size() + 0x1ff) / 0x200 * 0x200 + 0x200;
    const TestPe pe{.plus = plus_,
                    .sections = {{.raw_size = static_cast<std::uint32_t>(size)}},
                    .import_rva = 0x1000,
                    .import_size = 0x100,
                    .file_size = 0x400 + size};
    TestBytes file;
    return file.raw(pe.make()).put_bytes(0x400, table_.bytes()).bytes();
  }

 private:
  template <class Put>
  std::uint32_t place(const Put& put) {
    const auto rva = static_cast<std::uint32_t>(0x1000 + table_.size());
    put();
    return rva;
  }

  bool plus_;
  std::size_t count_ = 0;
  TestBytes table_;
};

Result<std::string> imports_of(const Bytes& file) {
  const auto image = read_executable(file);
  REQUIRE(image);
  return import_text(file, *image);
}

TEST_CASE("imports are listed in lower case, libraries without their ending, numbers by name") {
  for (const bool plus : {false, true}) {
    CAPTURE(plus);
    TestImports imports(plus);
    imports.add("KERNEL32.dll", {{"ExitProcess"}, {"LoadLibraryA"}});
    imports.add("WS2_32.dll", {{"", 2}, {"", 9'999}});
    imports.add("plain", {{"", 5}});
    const auto text = imports_of(imports.make());
    REQUIRE(text);
    CHECK(*text
          == "kernel32.exitprocess,kernel32.loadlibrarya,ws2_32.bind,ws2_32.ord9999,plain.ord5");
  }
}

TEST_CASE("a table with a name that ClamAV does not take has no text") {
  const auto text =
      imports_of(TestImports(false).add("a.dll", {{"Fine"}, {"?mangled@@YAXXZ"}}).make());
  CHECK(text.error().code == Code::invalid_input);
}

TEST_CASE("an image that imports nothing has no text") {
  CHECK(imports_of(TestPe{}.make()).error().code == Code::not_found);
  CHECK(imports_of(TestImports(false).make()).error().code == Code::not_found);
}

TEST_CASE("an import table outside the file is broken") {
  const Bytes file = TestPe{.import_rva = 0x1100, .import_size = 0x7fffffff}.make();
  CHECK(imports_of(file).error().code == Code::invalid_input);
}

TEST_CASE("more functions than the limit are refused") {
  const std::vector<TestImports::Function> functions(kImportFunctionsMax, {"", 1});
  CHECK(imports_of(TestImports(false).add("a.dll", functions).make()));
  TestImports too_many(false);
  too_many.add("a.dll", functions).add("b.dll", {{"", 1}});
  CHECK(imports_of(too_many.make()).error().code == Code::invalid_input);
}

TEST_CASE("imports are not looked for in more sections than any linker makes") {
  const TestPe pe{.entry = 0x10,
                  .sections = std::vector<TestPeSection>(kImportSectionsMax + 1),
                  .import_rva = 0x1000,
                  .import_size = 40,
                  .file_size = 0x10000};
  CHECK(imports_of(pe.make()).error().code == Code::invalid_input);
}

TEST_CASE("numbers are known by the names they have always had") {
  CHECK(ordinal_name("wsock32.dll", 115) == "WSAStartup");
  CHECK(ordinal_name("OLEAUT32.DLL", 2) == "SysAllocString");
  CHECK(ordinal_name("oleaut32.dll", 1).empty());
  CHECK(ordinal_name("kernel32.dll", 2).empty());
  CHECK(ordinal_name("", 2).empty());
}

}  // namespace
}  // namespace amanat::program
