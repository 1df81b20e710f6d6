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
  verdict.met.add_target(signature::Target::elf);
  verdict.met.sizes.add(1ULL << 33);
  const Bytes bytes = encode(verdict);
  CHECK(parse_verdict(bytes).value() == verdict);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    CHECK_FALSE(parse_verdict(ByteView(bytes).first(size)));
  }
  Bytes bent = bytes;
  bent[0] = 9;
  CHECK_FALSE(parse_verdict(bent));
}
