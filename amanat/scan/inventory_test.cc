#include "amanat/scan/inventory.h"

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "amanat/program/test_images.h"
#include "amanat/scan/scan.h"
#include "amanat/threat/compile.h"
#include "amanat/unpack/zip_maker.h"
#include "amanat/yara/yara.h"

namespace amanat::scan {
namespace {

/// Chooses small files and signatures that often fit them, from few words, so that they meet.
class Chance {
 public:
  explicit Chance(std::uint64_t seed) : random_(seed) {}
  std::uint64_t below(std::uint64_t end) { return random_() % end; }
  bool one_in(std::uint64_t count) { return below(count) == 0; }

  Bytes text() {
    Bytes bytes;
    for (std::uint64_t i = 0; i < 3; ++i) append(bytes, as_bytes(word()));
    return bytes;
  }
  Bytes program() {
    program::TestPe pe;
    pe.sections.front().raw_size = static_cast<std::uint32_t>(0x200 * (1 + below(2)));
    Bytes bytes = pe.make();
    const std::string at_random = word();
    std::ranges::copy(at_random, bytes.begin() + 0x480);
    return bytes;
  }
  Bytes file(int depth = 2) {
    if (depth == 0 || one_in(3)) return one_in(2) ? text() : program();
    unpack::ZipMaker maker;
    for (std::uint64_t i = 0; i <= below(2); ++i) maker.store(word(), file(depth - 1));
    return maker.make();
  }

  /// A line of a signature file, made so that it fits this file or something like it.
  std::pair<std::string, std::string> line(std::uint64_t number) {
    const std::string name = "S" + std::to_string(number);
    const Bytes like = one_in(2) ? text() : one_in(2) ? program() : file();
    const std::string size = std::to_string(like.size());
    const std::string digest = crypto::sha256(like).hex();
    const std::string target = std::string(one_in(3) ? "0" : one_in(2) ? "1" : "7");
    const std::string hex = to_hex(as_bytes(word()));
    switch (below(9)) {
      case 0: return {"a.hsb", digest + ":" + size + ":" + name + ":73"};
      case 1: return {"a.hsb", digest + ":*:" + name + ":73"};
      case 2: return {"a.sfp", digest + ":" + size + ":" + name + ":73"};
      case 3: return {"a.sfp", digest + ":*:" + name + ":73"};
      case 4: {
        const Bytes whole = program();
        const auto section = crypto::sha256(ByteView(whole).subspan(0x400, 0x200));
        return {"a.msb", "512:" + section.hex() + ":" + name};
      }
      case 5: return {"a.cdb", name + ":CL_TYPE_ZIP:*:" + word() + ":*:*:*:*:*:*"};
      case 6: return {"a.ndb", name + ":" + target + ":*:" + hex};
      default:
        return {"a.ldb", name + ";Engine:81-255,Target:" + target
                             + (one_in(3) ? ",FileSize:" + size + "-" + size : "")
                             + (one_in(4) ? ",Container:CL_TYPE_ZIP" : "") + ";0;" + hex};
    }
  }

 private:
  std::string word() {
    static constexpr auto kWords = std::to_array<std::string_view>(
        {"lantern", "orchard", "velvety", "compass", "harvest", "granite"});
    return std::string(kWords.at(below(kWords.size())));
  }
  std::mt19937_64 random_;
};

using Lines = std::vector<std::pair<std::string, std::string>>;

Database database_of(const Lines& lines) {
  threat::Compiler compiler;
  for (const auto& [file, line] : lines) {
    const auto source = compiler.add_source({file, "test", threat::Class::malware});
    compiler.add_file(source, signature::kind_of(file).value(), line);
    REQUIRE(compiler.report().back().applied == 1);
  }
  auto image = std::move(compiler).finish();
  REQUIRE(image);
  return Database::from_parts(std::move(*image), {}, {}).value();
}

Verdict scan_with(const Database& database, const Bytes& file) {
  const SystemClock clock;
  return Scanner(database, clock).scan(file);
}

}  // namespace

TEST_CASE("a verdict that is carried over is the one that a full scan gives") {
  std::uint64_t carried = 0;
  std::uint64_t examined = 0;
  std::uint64_t became_threats = 0;
  for (std::uint64_t seed = 1; seed <= 150; ++seed) {
    CAPTURE(seed);
    Chance chance(seed);
    Lines all;
    for (std::uint64_t i = 0; i < 6; ++i) all.push_back(chance.line(i));
    Lines before;
    Lines after;
    for (const auto& line : all) {
      if (!chance.one_in(3)) before.push_back(line);
      if (!chance.one_in(4)) after.push_back(line);
    }
    const Database old = database_of(before);
    const Database now = database_of(after);
    const auto delta = compare(inventory_of(old), inventory_of(now));
    REQUIRE_FALSE(delta.everything);
    for (int i = 0; i < 12; ++i) {
      const Bytes file = chance.file();
      const Verdict earlier = scan_with(old, file);
      if (earlier.kind != Verdict::Kind::clean) continue;
      const Verdict later = scan_with(now, file);
      if (!delta.could_match(earlier.met, crypto::sha256(file))) {
        ++carried;
        CHECK(later.kind == Verdict::Kind::clean);
        CHECK(later.met == earlier.met);
      } else {
        ++examined;
        if (later.kind == Verdict::Kind::threat) ++became_threats;
      }
    }
  }
  MESSAGE(carried << " carried over, " << examined << " examined again, " << became_threats
                  << " of them a threat now");
  CHECK(carried > 100);
  CHECK(became_threats > 20);
}

TEST_CASE("other rules of YARA or another engine leave nothing carried over") {
  const auto lines = Lines{{"a.ndb", "A:0:*:61626364656667"}};
  const Bytes plain = inventory_of(database_of(lines));
  CHECK(compare(plain, plain).is_empty());
  Bytes other = plain;
  ++other[30];  // in the engine's name
  CHECK(compare(other, plain).everything);
  CHECK(compare({}, plain).everything);
  CHECK(compare(plain, {}).everything);
  const auto rules = [&](std::string_view text) {
    auto compiled =
        yara::compile({{.name = "a.yar", .text = std::string(text), .name_space = "a"}});
    REQUIRE(compiled);
    threat::Compiler compiler;
    auto image = std::move(compiler).finish();
    auto file = compiled->rules.serialise();
    REQUIRE(file);
    return inventory_of(Database::from_parts(std::move(*image), std::move(*file), {}).value());
  };
  const Bytes one = rules("rule a { strings: $a = \"one\" condition: $a }");
  CHECK(compare(one, rules("rule a { strings: $a = \"two\" condition: $a }")).everything);
  CHECK(compare(plain, one).everything);
  CHECK_FALSE(compare(one, one).everything);
  CHECK_FALSE(compare(one, plain).everything);
  MESSAGE("the same rules compiled twice are the same file: "
          << (one == rules("rule a { strings: $a = \"one\" condition: $a }")));
}

}  // namespace amanat::scan
