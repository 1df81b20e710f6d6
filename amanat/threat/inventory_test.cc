#include "amanat/threat/inventory.h"

#include <algorithm>

#include <doctest/doctest.h>

#include "amanat/threat/database.h"
#include "amanat/threat/test_database.h"

namespace amanat::threat {
namespace {

using signature::Target;

constexpr std::string_view kOldHash = "0f343b0931126a20f133d67c2b018a3b";
constexpr std::string_view kNewHash = "5f343b0931126a20f133d67c2b018a3b";
const std::string kSha256(64, '7');

SignatureDelta between(const std::vector<TestFile>& before, const std::vector<TestFile>& after) {
  const Inventory old = Inventory::parse(Inventory::of(database_of(before)).encode()).value();
  return compare(old, Inventory::of(database_of(after)));
}

/// A clean file of one object.
ObjectsMet plain(std::uint64_t size, Target target = Target::any) {
  ObjectsMet met;
  met.sizes.add(size);
  met.add_target(target);
  return met;
}

ObjectsMet program(std::uint64_t section_size) {
  ObjectsMet met = plain(5000, Target::pe);
  met.sections.add(section_size);
  return met;
}

bool could_match(const SignatureDelta& delta, const ObjectsMet& met) {
  return delta.could_match(met, crypto::sha256(as_bytes("a file")));
}

std::string hash_line(std::string_view digest, std::string_view size, std::string_view name) {
  return std::string(digest) + ":" + std::string(size) + ":" + std::string(name) + ":73\n";
}

}  // namespace

TEST_CASE("the same signatures in another order, under other names, change nothing") {
  const std::string one = "One:0:*:61626364656667\n";
  const std::string two = "Two;Engine:51-255,Target:1;0&1;61626364;65666768::i\n";
  const auto delta = between({{"a.ndb", one}, {"b.ldb", two}},
                             {{"c.ldb", "Deux" + two.substr(3)}, {"d.ndb", "Un" + one.substr(3)}});
  CHECK(delta.is_empty());
}

TEST_CASE("a new hash concerns files in which something has its size") {
  const TestFile old{"a.hdb", hash_line(kOldHash, "100", "A")};
  const auto delta = between({old}, {old, {"b.hdb", hash_line(kNewHash, "200", "B")}});
  CHECK(delta.sizes == std::vector<std::uint32_t>{200});
  CHECK(could_match(delta, plain(200)));
  CHECK_FALSE(could_match(delta, plain(100)));
  ObjectsMet archive = plain(1000);
  archive.sizes.add(200);
  CHECK(could_match(delta, archive));
  // One more for a size that was asked for before.
  const auto more = between({old}, {old, {"b.hdb", hash_line(kNewHash, "100", "B")}});
  CHECK(more.sizes == std::vector<std::uint32_t>{100});
  CHECK(between({old, {"b.hdb", hash_line(kNewHash, "200", "B")}}, {old}).is_empty());
}

TEST_CASE("a new SHA-256 for any size concerns the file that has it, and whatever holds files") {
  const auto digest = crypto::sha256(as_bytes("a file"));
  const auto delta = between({}, {{"b.hsb", hash_line(digest.hex(), "*", "B")}});
  CHECK(delta.could_match(plain(6), digest));
  CHECK_FALSE(delta.could_match(plain(6), crypto::sha256(as_bytes("another"))));
  ObjectsMet archive = plain(1000);
  archive.add_container(signature::ObjectType::find("CL_TYPE_ZIP").value());
  CHECK(delta.could_match(archive, crypto::sha256(as_bytes("another"))));
  CHECK(between({}, {{"b.hsb", hash_line(kNewHash, "*", "B")}}).everything);
}

TEST_CASE("hashes of sections and of import tables concern programs for Windows") {
  const auto sections = between({}, {{"b.mdb", "512:" + std::string(kNewHash) + ":B\n"}});
  CHECK(sections.section_sizes == std::vector<std::uint32_t>{512});
  CHECK(could_match(sections, program(512)));
  CHECK_FALSE(could_match(sections, program(1024)));
  CHECK_FALSE(could_match(sections, plain(512)));
  const auto imports = between({}, {{"b.imp", hash_line(kNewHash, "40", "B")}});
  CHECK(could_match(imports, program(1)));
  CHECK_FALSE(could_match(imports, plain(40)));
}

TEST_CASE("a new signature over bytes concerns objects of its target, size and container") {
  const auto body = between({}, {{"a.ndb", "A:1:*:61626364656667\n"}});
  CHECK(could_match(body, plain(9, Target::pe)));
  CHECK_FALSE(could_match(body, plain(9, Target::elf)));
  CHECK(could_match(between({}, {{"a.ndb", "A:0:*:61626364656667\n"}}), plain(9, Target::elf)));
  const auto sized =
      between({}, {{"a.ldb", "A;Engine:51-255,Target:0,FileSize:100-200;0;61626364\n"}});
  CHECK(could_match(sized, plain(100)));
  CHECK(could_match(sized, plain(200)));
  CHECK_FALSE(could_match(sized, plain(99)));
  CHECK_FALSE(could_match(sized, plain(201)));
  const auto inside =
      between({}, {{"a.ldb", "A;Engine:51-255,Container:CL_TYPE_ZIP,Target:0;0;61626364\n"}});
  ObjectsMet archive = plain(9);
  CHECK_FALSE(could_match(inside, archive));
  archive.add_container(signature::ObjectType::find("CL_TYPE_ZIP").value());
  CHECK(could_match(inside, archive));
}

TEST_CASE("a change in any part of a signature makes it new") {
  const std::string line =
      "A;Engine:51-255,Target:6,FileSize:10-20,NumberOfSections:1-2;0&1;EP+2:61626364;0/ab+c/\n";
  const auto delta_of = [&](std::string_view part, std::string_view other) {
    std::string changed = line;
    changed.replace(changed.find(part), part.size(), other);
    return between({{"a.ldb", line}}, {{"a.ldb", changed}});
  };
  CHECK(delta_of("A;", "B;").is_empty());
  for (const auto& [part, other] : {std::pair{"10-20", "10-21"},
                                    {"1-2;", "1-3;"},
                                    {"0&1", "0|1"},
                                    {"EP+2", "EP+3"},
                                    {"6364", "6365"},
                                    {"ab+c", "ab+d"},
                                    {"Target:6", "Target:9"},
                                    {"c/", "c/i"}}) {
    CAPTURE(part);
    CHECK(delta_of(part, other).bodies.size() == 1);
  }
}

TEST_CASE("macros that come or go concern the objects of their target") {
  const TestFile user{"a.ldb", "A;Engine:51-255,Target:1;0&1;61626364;${2-9}4$\n"};
  const TestFile macro{"a.ndb", "D1:1:$4$:65666768\n"};
  for (const auto& delta : {between({user}, {user, macro}), between({user, macro}, {user})}) {
    CHECK(could_match(delta, plain(9, Target::pe)));
    CHECK_FALSE(could_match(delta, plain(9, Target::elf)));
  }
}

TEST_CASE("a new signature over members concerns containers of its type and size") {
  const auto delta = between({}, {{"a.cdb", "A:CL_TYPE_ZIP:100-200:a.*b:*:*:1:*:*:*\n"}});
  ObjectsMet archive = plain(150);
  CHECK_FALSE(could_match(delta, archive));
  archive.add_container(signature::ObjectType::find("CL_TYPE_7Z").value());
  CHECK_FALSE(could_match(delta, archive));
  archive.add_container(signature::ObjectType::find("CL_TYPE_ZIP").value());
  CHECK(could_match(delta, archive));
  ObjectsMet small = plain(99);
  small.add_container(signature::ObjectType::find("CL_TYPE_ZIP").value());
  CHECK_FALSE(could_match(delta, small));
}

TEST_CASE("a false alarm that is none any more concerns files in which one was silenced") {
  const TestFile allowed{"a.fp", hash_line(kOldHash, "100", "A")};
  ObjectsMet silenced = plain(100);
  silenced.was_allowed = true;
  const auto gone = between({allowed}, {});
  CHECK(could_match(gone, silenced));
  CHECK_FALSE(could_match(gone, plain(100)));
  CHECK(between({}, {allowed}).is_empty());
}

TEST_CASE("an inventory is kept as it is, and nothing else is one") {
  const Bytes bytes =
      Inventory::of(database_of({{"a.hsb", hash_line(kSha256, "*", "A")},
                                 {"a.hdb", hash_line(kOldHash, "9", "B")},
                                 {"a.ndb", "C:1:*:61626364656667\nD:1:*:61626364656668\n"}}))
          .encode();
  CHECK(Inventory::parse(bytes).value().encode() == bytes);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    CHECK_FALSE(Inventory::parse(ByteView(bytes).first(size)));
  }
  Bytes bent = bytes;
  bent[20] = 0xff;  // a count
  CHECK_FALSE(Inventory::parse(bent));
}

TEST_CASE("sizes beyond those that are listed are never forgotten") {
  SizeSet set;
  for (std::uint64_t size = 1; size <= 2000; ++size) {
    set.add(size * 977);
    CHECK(set.is_exact() == (size <= SizeSet::kExactMax));
  }
  std::size_t mistaken = 0;
  for (std::uint64_t size = 1; size <= 2000; ++size) {
    CHECK(set.may_contain(size * 977));
    CHECK(set.may_contain_between(size * 977, size * 977));
    if (set.may_contain(size * 977 + 1)) ++mistaken;
  }
  CHECK(mistaken < 600);
  CHECK_FALSE(set.may_contain_between(5'000'000, 6'000'000));
  CHECK_FALSE(set.may_contain_between(0, 400));
}

TEST_CASE("what was met is kept as it is") {
  ObjectsMet met = program(12);
  met.was_allowed = true;
  for (std::uint64_t count : {0U, 1U, 256U, 257U, 900U}) {
    for (std::uint64_t i = 0; i < count; ++i) met.sizes.add(i * i * 1'000'003);
    const Bytes bytes = encode(met);
    CHECK(bytes.size() <= kObjectsMetBytesMax);
    CHECK(parse_objects_met(bytes).value() == met);
    CHECK_FALSE(parse_objects_met(ByteView(bytes).first(bytes.size() - 1)));
  }
}

TEST_CASE("an image whose parts are shared more often than in any database is not described") {
  Bytes image = image_of({{"a.ndb", "A:1:*:61626364656667\n"}});
  const auto whole = Inventory::of(Database::from_image(image).value());
  CHECK_FALSE(compare(whole, whole).everything);
  // Signatures that each claim all subsignatures there are.
  std::string lines;
  for (int i = 0; i < 3000; ++i) {
    lines += "A" + std::to_string(i) + ":1:*:6162636465" + to_hex(Bytes(60, 7));
    lines += to_hex(as_bytes(std::to_string(i))) + "\n";
  }
  image = image_of({{"a.ndb", lines}});
  const auto database = Database::from_image(image).value();
  const auto rows = database.tables().signatures;
  const auto place = static_cast<std::size_t>(reinterpret_cast<const std::uint8_t*>(rows.data())
                                              - database.tables().image.section({32, 0}).data());
  REQUIRE(place == 0);
  const ByteView section = database.tables().image.section({32, 0});
  const auto at =
      static_cast<std::size_t>(std::ranges::search(image, section).begin() - image.begin());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    SignatureRow row = rows[i];
    row.first_subsignature = 0;
    row.subsignature_count = 3000;
    std::copy_n(reinterpret_cast<const std::uint8_t*>(&row), sizeof(row),
                image.begin() + static_cast<std::ptrdiff_t>(at + i * sizeof(row)));
  }
  const auto odd = Inventory::of(Database::from_image(image).value());
  CHECK(compare(odd, odd).everything);
}

}  // namespace amanat::threat
