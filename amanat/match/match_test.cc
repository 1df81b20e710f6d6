#include "amanat/match/match.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <limits>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <doctest/doctest.h>
#include <rapidcheck.h>

using namespace amanat;
using namespace amanat::match;

namespace {

constexpr auto kSimds =
    std::to_array({Simd::best, Simd::portable, Simd::avx2, Simd::avx512, Simd::neon});

using Hits = std::vector<std::pair<std::uint32_t, std::uint64_t>>;  // id, position

std::uint8_t lower(std::uint8_t byte) {
  return static_cast<std::uint8_t>(byte >= 'A' && byte <= 'Z' ? byte + 32 : byte);
}

bool lies_at(const Literal& literal, ByteView text, std::size_t at) {
  if (literal.bytes.size() > text.size() - at) return false;
  return std::ranges::equal(literal.bytes, text.subspan(at, literal.bytes.size()),
                            [&](std::uint8_t a, std::uint8_t b) {
                              return literal.nocase ? lower(a) == lower(b) : a == b;
                            });
}

// What is meant, in the plainest words: every literal at every position.
Hits find_plainly(const std::vector<Literal>& literals, ByteView text, std::uint64_t begin,
                  std::uint64_t end) {
  Hits hits;
  for (const Literal& literal : literals) {
    for (std::uint64_t at = begin; at < std::min<std::uint64_t>(end, text.size()); ++at) {
      if (lies_at(literal, text, at)) hits.emplace_back(literal.id, at);
    }
  }
  std::ranges::sort(hits);
  return hits;
}

Hits find_with(const LiteralIndex& index, ByteView text, std::uint64_t begin, std::uint64_t end,
               std::uint32_t group = 0) {
  Hits hits;
  const auto note = [&](std::uint32_t id, std::uint64_t position) {
    hits.emplace_back(id, position);
    return true;
  };
  const bool whole = index.find(text, begin, end, note, group);
  CHECK(whole);
  std::ranges::sort(hits);
  return hits;
}

Hits find_all(const std::vector<Literal>& literals, std::string_view text) {
  const auto image = build_index(literals);
  REQUIRE(image);
  const auto index = LiteralIndex::open(*image);
  REQUIRE(index);
  return find_with(*index, as_bytes(text), 0, text.size());
}

Literal literal(std::string_view text, std::uint32_t id, bool nocase = false) {
  const ByteView bytes = as_bytes(text);
  return {.bytes = {bytes.begin(), bytes.end()}, .nocase = nocase, .id = id};
}

// Few letters, so that literals overlap, repeat themselves and are met by chance.
Bytes some_bytes(std::size_t size, std::string_view letters) {
  std::mt19937_64 random(*rc::gen::arbitrary<std::uint64_t>());
  Bytes bytes(size);
  for (auto& byte : bytes) byte = static_cast<std::uint8_t>(letters[random() % letters.size()]);
  return bytes;
}

std::vector<Literal> some_literals(std::string_view letters) {
  std::vector<Literal> literals(*rc::gen::inRange<std::size_t>(0, 30));
  for (std::uint32_t id = 0; id < literals.size(); ++id) {
    const auto size =
        *rc::gen::oneOf(rc::gen::inRange<std::size_t>(4, 16), rc::gen::inRange<std::size_t>(4, 65));
    literals[id] = {
        .bytes = some_bytes(size, letters), .nocase = *rc::gen::arbitrary<bool>(), .id = id};
  }
  return literals;
}

// Letters with literals strewn over them, at the borders too, whole and cut.
Bytes some_text(const std::vector<Literal>& literals, std::string_view letters) {
  const auto size = *rc::gen::oneOf(rc::gen::inRange<std::size_t>(0, 200),
                                    rc::gen::inRange<std::size_t>(4000, 9000));
  Bytes text = some_bytes(size, letters);
  if (literals.empty() || size == 0) return text;
  const auto plant = [&](std::size_t at) {
    const Bytes& bytes = literals[*rc::gen::inRange<std::size_t>(0, literals.size())].bytes;
    std::copy_n(bytes.begin(), std::min(bytes.size(), size - at),
                text.begin() + static_cast<std::ptrdiff_t>(at));
  };
  for (int i = 0; i < 12; ++i) plant(*rc::gen::inRange<std::size_t>(0, size));
  plant(0);
  const Bytes& last = literals[*rc::gen::inRange<std::size_t>(0, literals.size())].bytes;
  if (last.size() <= size) plant(size - last.size());
  return text;
}

void agrees(std::string_view letters) {
  const auto literals = some_literals(letters);
  const Bytes text = some_text(literals, letters);
  const auto begin = *rc::gen::oneOf(rc::gen::just<std::size_t>(0),
                                     rc::gen::inRange<std::size_t>(0, text.size() + 2));
  const auto end = *rc::gen::oneOf(rc::gen::just(std::numeric_limits<std::size_t>::max()),
                                   rc::gen::inRange<std::size_t>(begin, text.size() + 3));
  const Hits expected = find_plainly(literals, text, begin, end);
  const auto image = build_index(literals);
  RC_ASSERT(image.has_value());
  for (const Simd simd : kSimds) {
    const auto index = LiteralIndex::open(*image, simd);
    RC_ASSERT(index.has_value() == is_available(simd));
    if (index) RC_ASSERT(find_with(*index, text, begin, end) == expected);
  }
}

}  // namespace

TEST_CASE("every variant finds exactly what comparing everywhere finds") {
  CHECK(rc::check("few letters", [] { agrees("aAbB"); }));
  CHECK(rc::check("zeros and letters", [] {
    using std::string_view_literals::operator""sv;
    agrees("\0\0\0aZ\xff"sv);
  }));
  CHECK(rc::check("all that surrounds letters", [] { agrees("@AZ[`az{ 09\x80\xc1\xdf"); }));
}

TEST_CASE("a search finds the literals of its group and no others") {
  constexpr std::uint32_t kGroups = 4;
  CHECK(rc::check("random groups", [] {
    auto literals = some_literals("abAB");
    // Some bytes belong to several groups, under one id or under several.
    const std::size_t count = literals.size();
    for (std::size_t i = 0; i < count; i += 3) literals.push_back(literals[i]);
    for (Literal& literal : literals) {
      literal.groups = *rc::gen::inRange<std::uint32_t>(0, 1U << kGroups);
      if (*rc::gen::inRange(0, 4) == 0) literal.id += 100;
    }
    const Bytes text = some_text(literals, "abAB");
    const auto image = build_index(literals, kGroups);
    RC_ASSERT(image.has_value());
    for (const Simd simd : kSimds) {
      const auto index = LiteralIndex::open(*image, simd);
      if (!index) continue;
      for (std::uint32_t group = 0; group <= kGroups; ++group) {
        std::vector<Literal> asked;
        std::ranges::copy_if(literals, std::back_inserter(asked), [&](const Literal& literal) {
          return group < kGroups && (literal.groups >> group & 1) != 0;
        });
        Hits expected = find_plainly(asked, text, 0, text.size());
        expected.erase(std::ranges::unique(expected).begin(), expected.end());
        Hits found = find_with(*index, text, 0, text.size(), group);
        // The same bytes with and without nocase are two literals, which may share an id.
        found.erase(std::ranges::unique(found).begin(), found.end());
        RC_ASSERT(found == expected);
      }
    }
  }));
}

TEST_CASE("groups share what they have in common") {
  std::vector<Literal> literals;
  for (std::uint32_t id = 0; id < 3'000; ++id) {
    literals.push_back(literal("literal number " + std::to_string(id * 7919), id));
    literals.back().groups = id % 10 == 0 ? 2 : 0xffff;
  }
  const auto one = build_index(literals, 1);
  const auto many = build_index(literals, 16);
  REQUIRE(one);
  REQUIRE(many);
  CHECK(many->size() < 7 * one->size());  // filters and sieves are nearly half of it
  CHECK_FALSE(build_index(literals, 0));
  CHECK_FALSE(build_index(literals, kGroupsMax + 1));
  CHECK(build_index(literals, kGroupsMax));
}

TEST_CASE("literals of every length are found at every place in a text") {
  std::vector<Literal> literals;
  Bytes letters;
  for (int i = 0; i < 64; ++i) letters.push_back(static_cast<std::uint8_t>('0' + i));
  for (std::uint32_t size = 4; size <= kLiteralBytesMax; ++size) {
    literals.push_back({.bytes = {letters.begin(), letters.begin() + size}, .id = size});
  }
  const auto image = build_index(literals);
  REQUIRE(image);
  for (const Simd simd : kSimds) {
    const auto index = LiteralIndex::open(*image, simd);
    if (!index) continue;
    for (std::size_t before = 0; before < 70; ++before) {
      for (const std::size_t behind : {0U, 1U, 63U}) {
        Bytes text(before);
        append(text, letters);
        text.resize(text.size() + behind);
        const Hits hits = find_with(*index, text, 0, text.size());
        CHECK(hits.size() == literals.size());
        for (const auto& [id, position] : hits) CHECK(position == before);
      }
    }
  }
}

TEST_CASE("a literal lies on the border of two blocks and is found once") {
  const std::vector<Literal> literals = {literal("across the border", 1), literal("border", 2)};
  const auto image = build_index(literals);
  const auto index = LiteralIndex::open(*image);
  for (std::size_t at = 4096 - 20; at < 4096 + 4; ++at) {
    Bytes text(9000, std::uint8_t{'.'});
    std::ranges::copy(literals[0].bytes, text.begin() + static_cast<std::ptrdiff_t>(at));
    CHECK(find_with(*index, text, 0, text.size()) == Hits{{1, at}, {2, at + 11}});
  }
}

TEST_CASE("a window bounds where hits start, not where they end") {
  const std::vector<Literal> literals = {literal("0123456789abcdef", 7)};
  const auto image = build_index(literals);
  const auto index = LiteralIndex::open(*image);
  const ByteView text = as_bytes("....0123456789abcdef....");
  CHECK(find_with(*index, text, 4, 5) == Hits{{7, 4}});
  CHECK(find_with(*index, text, 0, 4).empty());
  CHECK(find_with(*index, text, 5, 24).empty());
  CHECK(find_with(*index, text, 4, 4).empty());
  CHECK(find_with(*index, text, 5, 4).empty());
  CHECK(find_with(*index, text, 0, std::numeric_limits<std::uint64_t>::max()) == Hits{{7, 4}});
  CHECK(find_with(*index, text, std::numeric_limits<std::uint64_t>::max(),
                  std::numeric_limits<std::uint64_t>::max())
            .empty());
}

TEST_CASE("one string may have many ids, and one id many strings") {
  const auto hits = find_all({literal("anchor of many", 3), literal("anchor of many", 1),
                              literal("anchor of many", 3), literal("other anchor", 1)},
                             "other anchor of many");
  CHECK(hits == Hits{{1, 0}, {1, 6}, {3, 6}});
}

TEST_CASE("nocase means letters of ASCII and nothing else") {
  CHECK(find_all({literal("CreateRemoteThread", 1, true)}, "createremotethread").size() == 1);
  CHECK(find_all({literal("CreateRemoteThread", 1)}, "createremotethread").empty());
  CHECK(find_all({literal("a@b[c`d{e", 1, true)}, "A@B[C`D{E").size() == 1);
  CHECK(find_all({literal("a@b[c`d{e", 1, true)}, "A`B{C@D[E").empty());
  CHECK(find_all({literal("\xc4\xd6\xdc\xc4 word", 1, true)}, "\xe4\xf6\xfc\xe4 word").empty());
  CHECK(find_all({literal("eval", 1, true), literal("eval", 2)}, "EVAL eval").size() == 3);
}

TEST_CASE("a search stops when it is told to, and says so") {
  const auto image = build_index(std::vector<Literal>{literal("zeros", 1)});
  const auto index = LiteralIndex::open(*image);
  int heard = 0;
  const bool whole = index->find(as_bytes("zeroszeroszeros"), 0, 15,
                                 [&](std::uint32_t, std::uint64_t) { return ++heard < 2; });
  CHECK(!whole);
  CHECK(heard == 2);
}

TEST_CASE("an index of nothing finds nothing") {
  const auto image = build_index({});
  REQUIRE(image);
  const auto index = LiteralIndex::open(*image);
  REQUIRE(index);
  CHECK(index->empty());
  CHECK(LiteralIndex().empty());
  CHECK(find_with(*index, as_bytes("something"), 0, 9).empty());
}

TEST_CASE("the order of literals does not show in the image") {
  std::vector<Literal> literals;
  for (std::uint32_t i = 0; i < 200; ++i) {
    literals.push_back(literal("literal number " + std::to_string(i * 7919), i % 50, i % 3 == 0));
  }
  const auto image = build_index(literals);
  std::ranges::reverse(literals);
  CHECK(*image == *build_index(literals));
}

TEST_CASE("literals that are too short or too long are refused") {
  CHECK(build_index(std::vector<Literal>{literal("abcd", 1)}));
  CHECK(!build_index(std::vector<Literal>{literal("abc", 1)}));
  CHECK(!build_index(std::vector<Literal>{literal("", 1)}));
  const std::string longest(kLiteralBytesMax, 'x');
  CHECK(build_index(std::vector<Literal>{literal(longest, 1)}));
  CHECK(!build_index(std::vector<Literal>{literal(longest + "x", 1)}));
}

TEST_CASE("an image that is cut, longer or not ours is refused") {
  const std::vector<Literal> literals = {literal("first literal", 1), literal("short", 2)};
  const auto image = build_index(literals);
  for (std::size_t size = 0; size < image->size(); ++size) {
    CHECK(!LiteralIndex::open(ByteView(*image).first(size)));
  }
  Bytes longer = *image;
  longer.push_back(0);
  CHECK(!LiteralIndex::open(longer));
  Bytes other = *image;
  other[0] ^= 1;
  CHECK(!LiteralIndex::open(other));
}

TEST_CASE("an image works wherever it lies in memory") {
  const std::vector<Literal> literals = {literal("first literal", 1), literal("short", 2)};
  const auto image = build_index(literals);
  Bytes shifted(1);
  append(shifted, *image);
  for (const Simd simd : kSimds) {
    const auto index = LiteralIndex::open(ByteView(shifted).subspan(1), simd);
    if (!index) continue;
    CHECK(find_with(*index, as_bytes("a short first literal"), 0, 21) == Hits{{1, 8}, {2, 2}});
  }
}

TEST_CASE("no bent byte of an image makes a search read outside it") {
  const std::vector<Literal> literals = {literal("first literal", 1), literal("short", 2),
                                         literal("WITHOUT CASE", 3, true), literal("four", 4)};
  const auto image = build_index(literals);
  const ByteView text = as_bytes("a short first literal without case, four times");
  for (std::size_t i = 0; i < image->size(); ++i) {
    for (const std::uint8_t bend : std::to_array<std::uint8_t>({0x01, 0x80, 0xff})) {
      Bytes bent = *image;
      bent[i] ^= bend;
      const auto index = LiteralIndex::open(bent);
      if (index) index->find(text, 0, text.size(), [](auto, auto) { return true; });
    }
  }
}

TEST_CASE("what every file has is common, what none has is rare") {
  using std::string_view_literals::operator""sv;
  const auto of = [](std::string_view text) { return commonness(as_bytes(text)); };
  CHECK(of("\0\0\0\0\0\0\0\0\0\0\0\0"sv) > of("return value"));
  CHECK(of("return value") > of("\x9f\x13q\xe8Zb\x07\xd1\xfe\x3cX\x91"));
  CHECK(of("include") > of("include <stdio.h>"));
  CHECK(commonness(as_bytes("Return Value"), true) >= of("Return Value"));
  CHECK(of("abc") == std::numeric_limits<double>::infinity());
}
