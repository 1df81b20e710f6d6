// Any bytes, as they are or inside an archive, meet a small database of every kind: examining them
// comes to an end within its limits, with a verdict that survives its encoding, and the same bytes
// have the same verdict.

#include "amanat/scan/scan.h"

#include <array>
#include <cstdint>
#include <string>

#include "amanat/threat/compile.h"
#include "amanat/unpack/zip_maker.h"

namespace amanat::scan {
namespace {

/// Without YARA, whose compiler would be most of the time; it has its own target.
Database small_database() {
  struct File {
    signature::Kind kind;
    std::string lines;
  };
  const auto files = std::to_array<File>({
      {signature::Kind::bodies,
       "Body:0:*:616263646566{2-4}3132\nPe:1:EP+0,20:55(8b|89)ec\nPage:3:*:3c6d61726b3e\n"
       "Mail:4:*:6d61726b6564\nPicture:5:*:6d61726b6564\nElf:6:S0+4:6d61726b6564\n"
       "Text:7:*:6d61726b6564\nMacho:9:EP:6d61726b6564\nPdf:10:*:6d61726b6564\n"},
      {signature::Kind::logicals,
       "Both;Engine:81-255,Target:0;0&1;6d61726b6564;68656c6c6f\n"
       "Count;Engine:81-255,Target:0;0>3;6d61726b65::i\n"
       "Regex;Engine:81-255,Target:0;0&1;6d61726b6564;0/mar(k|x)+ed[0-9]{1,4}/\n"
       "Zip;Engine:81-255,Target:0,Container:CL_TYPE_ZIP;0;77697468696e\n"},
      {signature::Kind::containers, "Member:CL_TYPE_ZIP:*:evil.*exe$:*:*:*:*:*:*\n"},
      {signature::Kind::file_hashes, "5d41402abc4b2a76b9719d911017c592:5:Hello\n"},
  });
  threat::Compiler compiler;
  const auto source = compiler.add_source(
      {.name = "fuzz", .licence = "Apache-2.0", .kind = threat::Class::malware});
  for (const File& file : files)
    compiler.add_file(source, {.kind = file.kind, .unwanted = false}, file.lines);
  auto image = std::move(compiler).finish();
  ensure(image.has_value(), "the small database compiles");
  auto database = Database::from_parts(std::move(*image), {}, {});
  ensure(database.has_value(), "the small database opens");
  return std::move(*database);
}

Verdict look(Scanner& scanner, ByteView file) {
  constexpr Limits kLimits{.depth_max = 8,
                           .entries_max = 256,
                           .bytes_max = 1ULL << 20,
                           .object_bytes_max = 1ULL << 18,
                           .ratio_max = 100,
                           .ratio_free_bytes = 1ULL << 16,
                           .memory_bytes_max = 1ULL << 21,
                           .stub_steps_max = 5000};
  Verdict verdict = scanner.scan(file, kLimits);
  ensure(verdict.kind != Verdict::Kind::not_examined, "a scanner in this process answers");
  ensure((verdict.kind == Verdict::Kind::threat) == !verdict.signature.empty(),
         "threats and only threats have a name");
  const auto decoded = parse_verdict(encode(verdict));
  ensure(decoded && *decoded == verdict, "a verdict survives its encoding");
  return verdict;
}

void look_twice(Scanner& scanner, ByteView file) {
  ensure(look(scanner, file) == look(scanner, file), "the same bytes have the same verdict");
}

}  // namespace
}  // namespace amanat::scan

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace amanat::scan;  // NOLINT(google-build-using-namespace): one function
  static const Database database = small_database();
  static const amanat::ManualClock clock{amanat::Instant{}};  // no verdict depends on the machine
  static Scanner scanner(database, clock);
  const amanat::ByteView file(data, size);
  if (size % 2 == 0) {
    look_twice(scanner, file);
  } else {
    amanat::unpack::ZipMaker maker;
    look_twice(scanner, maker.store("inside", file).make());
  }
  return 0;
}
