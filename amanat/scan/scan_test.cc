#include "amanat/scan/scan.h"

#include <array>
#include <string>

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
  static const Database database = Database::builtin();
  const SystemClock clock;
  return Scanner(database, clock).scan(file, limits);
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
  CHECK(verdict.threat_class == threat::Class::malware);
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
      const Verdict verdict = scan_bytes(maker.make(), {.depth_max = 4});
      CHECK(verdict.kind
            == (depth <= 4 ? Verdict::Kind::threat : Verdict::Kind::not_fully_scanned));
      if (depth == 2) CHECK(verdict.inside == "a.zip!/eicar.com");
      if (depth == 5) CHECK(verdict.reason == unpack::describe(unpack::Limit::depth));
    }
    archive = ZipMaker().deflate(name, archive).make();
    name = "a.zip";
  }
}

TEST_CASE("a threat outweighs what could not be scanned, before it and behind it") {
  ZipMaker maker;
  maker.deflate("locked", Bytes(50, 1), {.packed_size = 40, .encrypted = true});
  CHECK(scan_bytes(maker.make()).kind == Verdict::Kind::not_fully_scanned);
  CHECK(scan_bytes(ZipMaker(maker).deflate("z", with_eicar()).make()).inside == "z");
}

TEST_CASE("what cannot be unpacked is never called clean") {
  Bytes noise(300);
  for (std::size_t i = 0; i < noise.size(); ++i) noise[i] = static_cast<std::uint8_t>(i * 37);
  Bytes cut = package().make();
  cut.resize(cut.size() - 30);
  const auto cases = std::to_array<Bytes>({
      ZipMaker().deflate("a", noise, {.packed_size = 100}).make(),
      cut,
      ZipMaker().deflate("a", noise, {.method = 99}).make(),
      ZipMaker().deflate("a", noise, {.packed_size = 99, .encrypted = true}).make(),
  });
  for (const Bytes& file : cases) {
    const Verdict verdict = scan_bytes(file);
    CHECK(verdict.kind == Verdict::Kind::not_fully_scanned);
    CHECK_FALSE(verdict.reason.empty());
  }
}

TEST_CASE("bombs end at the limit that is named") {
  const Bytes zeros(20 << 20);
  const Bytes bomb = ZipMaker().deflate("zeros", zeros).make();
  const Verdict grown = scan_bytes(bomb, {.ratio_free_bytes = 1 << 20});
  CHECK(grown.kind == Verdict::Kind::not_fully_scanned);
  CHECK(grown.reason == unpack::describe(unpack::Limit::ratio));
  CHECK(scan_bytes(bomb, {.object_bytes_max = 1 << 20}).reason
        == unpack::describe(unpack::Limit::object_bytes));
  CHECK(scan_bytes(bomb).kind == Verdict::Kind::clean);

  ZipMaker many;
  for (int i = 0; i < 20; ++i)
    many.deflate("zeros" + std::to_string(i), ByteView(zeros).first(1 << 20));
  CHECK(scan_bytes(many.make(), {.bytes_max = 10 << 20}).reason
        == unpack::describe(unpack::Limit::bytes));

  ZipMaker entries;
  for (int i = 0; i < 100; ++i) entries.store("e" + std::to_string(i), Bytes(1, 'a'));
  CHECK(scan_bytes(entries.make(), {.entries_max = 99}).reason
        == unpack::describe(unpack::Limit::entries));
  CHECK(scan_bytes(entries.make(), {.entries_max = 100}).kind == Verdict::Kind::clean);
}

TEST_CASE("a file that takes too long is not fully scanned") {
  class LateClock final : public Clock {
   public:
    Instant now() const override { return Instant(std::chrono::hours(asked_++)); }

   private:
    mutable int asked_ = 0;
  };
  const LateClock clock;
  const Database database = Database::builtin();
  const Verdict verdict = Scanner(database, clock).scan(package().make());
  CHECK(verdict.kind == Verdict::Kind::not_fully_scanned);
  CHECK(verdict.reason == unpack::describe(unpack::Limit::deadline));
}

TEST_CASE("names in an archive are shown as text, whatever bytes they are") {
  const Bytes file = ZipMaker().store("a\nb\xff\xc3\xa9", with_eicar()).make();
  CHECK(scan_bytes(file).inside == "a?b?\xc3\xa9");
}

TEST_CASE("a verdict is answered as it is, and nothing else is a verdict") {
  Verdict verdict;
  verdict.kind = Verdict::Kind::threat;
  verdict.threat_class = threat::Class::stalkerware;
  verdict.signature = "A";
  verdict.source = "b.hdb";
  verdict.inside = "c!/d";
  verdict.position = 1ULL << 40;
  verdict.targets_met = 65;
  const Bytes bytes = encode(verdict);
  CHECK(parse_verdict(bytes).value() == verdict);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    CHECK_FALSE(parse_verdict(ByteView(bytes).first(size)));
  }
  Bytes bent = bytes;
  bent[0] = 9;
  CHECK_FALSE(parse_verdict(bent));
}

namespace {

void put_big(Bytes& bytes, std::uint32_t value) {
  for (const unsigned shift : {24U, 16U, 8U, 0U}) {
    bytes.push_back(static_cast<std::uint8_t>(value >> shift));
  }
}

/// A universal binary of two programs, of which the second is `program`.
Bytes universal(const Bytes& program) {
  constexpr std::uint32_t kHeadBytes = 8 + 2 * 20;
  constexpr std::uint32_t kFirstBytes = 16;
  Bytes bytes;
  put_big(bytes, 0xcafe'babe);
  put_big(bytes, 2);
  for (const std::uint32_t field : {7U, 3U, kHeadBytes, kFirstBytes, 2U}) put_big(bytes, field);
  for (const std::uint32_t field : {12U, 9U, kHeadBytes + kFirstBytes}) put_big(bytes, field);
  put_big(bytes, static_cast<std::uint32_t>(program.size()));
  put_big(bytes, 2);
  bytes.resize(bytes.size() + kFirstBytes, 0x90);
  append(bytes, program);
  return bytes;
}

}  // namespace

TEST_CASE("each program of a universal binary is an object of its own") {
  const Verdict verdict = scan_bytes(universal(with_eicar()));
  CHECK(verdict.kind == Verdict::Kind::threat);
  CHECK(verdict.inside == "#1");
  CHECK(scan_bytes(universal(universal(with_eicar()))).inside == "#1!/#1");
  CHECK(scan_bytes(universal(Bytes(40, 1))).kind == Verdict::Kind::clean);
}

TEST_CASE("a universal binary whose programs lie outside it is not fully scanned") {
  Bytes broken = universal(with_eicar());
  broken[8 + 8] = 0xff;  // where the first program begins
  CHECK(scan_bytes(broken).kind == Verdict::Kind::not_fully_scanned);
  const Verdict deep = scan_bytes(universal(universal(with_eicar())), {.depth_max = 1});
  CHECK(deep.kind == Verdict::Kind::not_fully_scanned);
  CHECK(deep.reason == unpack::describe(unpack::Limit::depth));
}

TEST_CASE("universal binaries in universal binaries cost no more than the budget") {
  // Both programs of each level are the whole of the level below.
  Bytes tower(1000, 0x90);
  for (int level = 0; level < 30; ++level) {
    tower = universal(tower);
    constexpr std::uint8_t kHeadBytes = 8 + 2 * 20;
    for (std::size_t i = 0; i < 4; ++i) tower[16 + i] = tower[36 + i];  // begins where the second
    for (std::size_t i = 0; i < 4; ++i) tower[20 + i] = tower[40 + i];  // and is as long
    CHECK(tower[19] == kHeadBytes + 16);
  }
  const Verdict verdict = scan_bytes(tower, {.entries_max = 1000});
  CHECK(verdict.kind == Verdict::Kind::not_fully_scanned);
  CHECK(verdict.reason == unpack::describe(unpack::Limit::entries));
}
