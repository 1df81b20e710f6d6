#include "amanat/scan/scan.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <unistd.h>

#include <doctest/doctest.h>

#include "amanat/unpack/zip_maker.h"

using namespace amanat;
using namespace amanat::scan;
using unpack::ZipLies;
using unpack::ZipMaker;

namespace {

// In two halves, so that no scanner takes this test for what it tests.
const std::string kEicar =
    std::string(R"(X5O!P%@AP[4\PZX54(P^)7CC)7})") + "$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*";

Verdict scan_bytes(const Bytes& file, const Limits& limits = {}) {
  const Database database = Database::builtin();
  const Scanner scanner(database, limits);
  const Verdict verdict = scanner.scan(file);
  CHECK(scanner.scan(read_from(file), file.size()) == verdict);
  return verdict;
}

Bytes with_eicar(std::string_view behind = {}) {
  Bytes bytes;
  append(bytes, as_bytes(kEicar));
  append(bytes, as_bytes(behind));
  return bytes;
}

/// Something like an application: a manifest first, then the rest.
ZipMaker package() {
  ZipMaker maker;
  maker.deflate("AndroidManifest.xml", Bytes(4000, 3)).store("resources.arsc", Bytes(2000, 5));
  return maker;
}

}  // namespace

TEST_CASE("the EICAR test file is a threat, alone, and only by its own rule") {
  const Verdict verdict = scan_bytes(with_eicar());
  CHECK(verdict.kind == Verdict::Kind::threat);
  CHECK(verdict.signature == "Eicar-Test-Signature");
  CHECK(verdict.source == "built-in");
  CHECK(verdict.inside.empty());
  CHECK(scan_bytes(with_eicar("\r\n")).kind == Verdict::Kind::threat);
  CHECK(scan_bytes(with_eicar(std::string(60, ' '))).kind == Verdict::Kind::threat);
  CHECK(scan_bytes(with_eicar(std::string(61, ' '))).kind == Verdict::Kind::clean);
  Bytes later(1, ' ');
  append(later, with_eicar());
  CHECK(scan_bytes(later).kind == Verdict::Kind::clean);
  CHECK(scan_bytes({}).kind == Verdict::Kind::clean);
}

TEST_CASE("a threat within an application is named with its place") {
  const Verdict deflated = scan_bytes(package().deflate("assets/eicar.com", with_eicar()).make());
  CHECK(deflated.kind == Verdict::Kind::threat);
  CHECK(deflated.inside == "assets/eicar.com");
  const Verdict stored = scan_bytes(package().store("assets/eicar.com", with_eicar()).make());
  CHECK(stored.inside == "assets/eicar.com");
  CHECK(scan_bytes(package().make()).kind == Verdict::Kind::clean);
}

TEST_CASE("a threat in an archive in an archive is found, down to the limit of depth") {
  Bytes archive = with_eicar();
  std::string name = "eicar.com";
  for (std::uint32_t depth = 1; depth <= 6; ++depth) {
    CAPTURE(depth);
    for (const bool deflate : {false, true}) {
      ZipMaker maker;
      deflate ? maker.deflate(name, archive) : maker.store(name, archive);
      const Verdict verdict = scan_bytes(maker.make());
      CHECK(verdict.kind
            == (depth <= 4 ? Verdict::Kind::threat : Verdict::Kind::not_fully_scanned));
      if (depth == 2) CHECK(verdict.inside == "a.zip!/eicar.com");
      if (depth == 5) CHECK(verdict.reason == "archives are nested deeper than the limit");
    }
    archive = ZipMaker().deflate(name, archive).make();
    name = "a.zip";
  }
}

TEST_CASE("a threat outweighs what could not be scanned, before it and behind it") {
  ZipMaker maker;
  maker.store("locked", Bytes(50, 1), {.encrypted = true}).make();
  CHECK(scan_bytes(ZipMaker(maker).deflate("z", with_eicar()).make()).inside == "z");
}

TEST_CASE("lies in the directory do not hide a threat") {
  const auto lies = std::to_array<ZipLies>({
      {.size = 0},
      {.size = 5},
      {.size = 0xfffffff0},
      {.local_name = "other"},
      {.encrypted = true},  // the flag alone: Android does not ask it
  });
  for (const ZipLies& lie : lies) {
    const Verdict verdict = scan_bytes(package().deflate("a", with_eicar(), lie).make());
    CHECK(verdict.kind == Verdict::Kind::threat);
  }
  const Verdict method = scan_bytes(package().store("a", with_eicar(), {.method = 0x2342}).make());
  CHECK(method.kind == Verdict::Kind::threat);
}

TEST_CASE("what cannot be unpacked is never called clean") {
  struct Case {
    Bytes file;
    std::string_view reason;
  };
  Bytes noise(300);
  for (std::size_t i = 0; i < noise.size(); ++i) noise[i] = static_cast<std::uint8_t>(i * 37);
  Bytes cut = package().make();
  cut.resize(cut.size() - 30);
  ZipMaker overlapping;
  overlapping.store("a", Bytes(3000, 1)).repeat().repeat();
  const auto cases = std::to_array<Case>({
      {ZipMaker().deflate("a", noise, {.packed_size = 100}).make(), "an entry is damaged"},
      {cut, "the archive is damaged"},
      {overlapping.make(), "entries of the archive overlap"},
      {ZipMaker().deflate("a", noise, {.method = 99}).make(),
       "an entry is packed by a method that is not read"},
      {ZipMaker().deflate("a", noise, {.packed_size = 99, .encrypted = true}).make(),
       "an entry is encrypted"},
  });
  for (const Case& c : cases) {
    CAPTURE(c.reason);
    const Verdict verdict = scan_bytes(c.file);
    CHECK(verdict.kind == Verdict::Kind::not_fully_scanned);
    CHECK(verdict.reason == c.reason);
  }
}

TEST_CASE("bombs end quickly") {
  const auto start = std::chrono::steady_clock::now();
  const Bytes zeros(100 << 20);
  const Bytes bomb = ZipMaker().deflate("zeros", zeros).make();
  CHECK(scan_bytes(bomb).reason == "an entry grows by more than the limit when unpacked");
  CHECK(scan_bytes(bomb, {.ratio_max = 5000}).reason == "an entry is larger than the limit");

  ZipMaker many;
  for (int i = 0; i < 20; ++i)
    many.deflate("zeros" + std::to_string(i), ByteView(zeros).first(7 << 20));
  CHECK(scan_bytes(many.make(), {.total_bytes_max = 50 << 20}).reason
        == "archives unpack to more than the limit");

  ZipMaker entries;
  for (int i = 0; i < 100; ++i) entries.store("e" + std::to_string(i), {});
  CHECK(scan_bytes(entries.make(), {.entries_max = 99}).reason
        == "archives hold more entries than the limit");
  CHECK(scan_bytes(entries.make(), {.entries_max = 100}).kind == Verdict::Kind::clean);
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(30));
}

TEST_CASE("an inner archive too large to keep is told, unless it is stored") {
  Bytes noise(500'000);
  std::uint32_t state = 1;
  for (auto& byte : noise)
    byte = static_cast<std::uint8_t>((state = state * 1664525 + 1013904223) >> 24);
  const Bytes inner = ZipMaker().store("noise", noise).store("e", with_eicar()).make();
  const Limits limits{.nested_bytes_max = 1000, .nested_bytes_max_streaming = 1000};
  CHECK(scan_bytes(ZipMaker().deflate("in.zip", inner).make(), limits).reason
        == "a compressed inner archive is larger than the limit");
  CHECK(scan_bytes(ZipMaker().store("in.zip", inner).make(), limits).inside == "in.zip!/e");
}

TEST_CASE("a file that grows or shrinks while it is read is not fully scanned") {
  const Database database = Database::builtin();
  const Scanner scanner(database);
  const Bytes bytes(100, 'a');
  for (const std::uint64_t promised : {99U, 101U}) {
    ScanStream stream = scanner.stream(promised);
    stream.update(bytes);
    CHECK(stream.finish(read_from(bytes)).kind == Verdict::Kind::not_fully_scanned);
  }
}

TEST_CASE("zeros that are known need no reading and hide nothing") {
  const auto folder =
      std::filesystem::temp_directory_path() / ("amanat-zeros-" + std::to_string(::getpid()));
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "own.ndb") << "Test.Edge:0:*:0000000000a1b2c3d4e5f6a7b8c9d0e1\n"
                                       "Test.Place:0:2500000:0b0c0d0e0f101112131415161718191a\n";
  auto database = Database::load_folder(folder);
  std::filesystem::remove_all(folder);
  REQUIRE(database);
  REQUIRE(database->report().patterns >= 2);
  const Scanner scanner(*database);
  const std::vector<Part> zeros{{.start = 500'000, .size = 2'000'000}};
  const auto scan = [&](const Bytes& file) {
    const auto read = [&](std::uint64_t offset, ByteSpan out) -> Result<> {
      CHECK((offset >= 2'500'000 || offset + out.size() <= 500'000));
      return read_from(file)(offset, out);
    };
    const Verdict verdict = scanner.scan(read, file.size(), zeros);
    CHECK(verdict == scanner.scan(file));
    return verdict;
  };
  Bytes file(3'000'000);
  std::fill_n(file.begin(), 500'000, std::uint8_t{7});
  CHECK(scan(file).kind == Verdict::Kind::clean);
  const Bytes edge{0xa1, 0xb2, 0xc3, 0xd4, 0xe5, 0xf6, 0xa7, 0xb8, 0xc9, 0xd0, 0xe1};
  std::ranges::copy(edge, file.begin() + 2'500'000);
  CHECK(scan(file).signature.starts_with("Test.Edge"));
  const Bytes place{11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26};
  std::ranges::copy(place, file.begin() + 2'500'000);
  CHECK(scan(file).signature.starts_with("Test.Place"));
}

TEST_CASE("names in an archive are shown as text, whatever bytes they are") {
  const Bytes file = ZipMaker().store("a\nb\xff\xc3\xa9", with_eicar()).make();
  CHECK(scan_bytes(file).inside == "a?b?\xc3\xa9");
}
