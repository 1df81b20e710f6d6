#include "amanat/threat/pattern_search.h"

#include <algorithm>

#include <doctest/doctest.h>

#include "amanat/match/match.h"
#include "amanat/signature/reference.h"
#include "amanat/threat/look_ahead.h"
#include "amanat/threat/random_signatures.h"

namespace amanat::threat {
namespace {
using signature::Pattern;
using signature::Positions;

std::vector<signature::Match> find_fast(const Pattern& pattern, ByteView text) {
  Work work(1U << 30U);
  const Bytes code = encode_pattern(pattern);
  std::vector<signature::Match> matches;
  for (const PatternMatch& match : find_matches(code, text, {0, text.size()}, nullptr, work)) {
    matches.push_back({match.begin, match.last.end});
  }
  CHECK_FALSE(work.used_up());
  return matches;
}

std::vector<signature::Match> find_plain(const Pattern& pattern, ByteView text) {
  return signature::find_matches(pattern, text);
}

// The index gives all places of one part; the rest of the search must come to the same end.
void check_from_known_part(const Pattern& pattern, ByteView text, int& found_ahead) {
  const ReadWindow read = [&](std::uint64_t begin, std::size_t size) {
    return text.subspan(begin, size);
  };
  Work work(1U << 30U);
  const Bytes code = encode_pattern(pattern);
  const auto all = find_matches(code, text, {0, text.size()}, nullptr, work);
  PatternReader reader(code);
  for (std::uint32_t i = 0; const auto part = reader.next(); ++i) {
    KnownPart known{i, find_places(*part, text, {0, text.size()}, work), {}};
    CHECK(find_matches(code, text, {0, text.size()}, &known, work) == all);
    // And so must it when what follows was found in passing, window by window.
    LookAhead ahead;
    std::size_t told = 0;
    for_each_window(
        text, &read, match::kLiteralBytesMax,
        [&](const Window& window) {
          for (; told < known.places.size() && known.places[told].begin < window.end; ++told) {
            ahead.expect(7, code, i, known.places[told].end);
          }
          ahead.look(window, text, work);
          return true;
        },
        50);
    ahead.finish([&](std::uint32_t number, FollowingPart following) {
      CHECK(number == 7);
      known.following = std::move(following);
      ++found_ahead;
    });
    CHECK(find_matches(code, text, {0, text.size()}, &known, work) == all);
  }
}
}  // namespace

TEST_CASE("compiled patterns match where the plain reading of the format says, and as often") {
  RandomSignatures random(11);
  int compared = 0;
  std::size_t found = 0;
  int found_ahead = 0;
  for (int i = 0; i < 3000; ++i) {
    const std::string text = random.pattern();
    signature::Modifiers modifiers{random.one_in(5), random.one_in(6), false, random.one_in(6)};
    modifiers.ascii = modifiers.wide && random.one_in(2);
    const auto patterns = signature::parse_patterns(text, modifiers);
    if (!patterns) continue;
    Bytes object = random.text(random.below(400));
    for (const Pattern& pattern : *patterns) {
      for (int copy = 0; copy < 3; ++copy) random.plant(random.instance(pattern), object);
    }
    for (const Pattern& pattern : *patterns) {
      CAPTURE(text);
      CAPTURE(to_hex(object));
      const auto plain = find_plain(pattern, object);
      REQUIRE(find_fast(pattern, object) == plain);
      if (i % 10 == 0) check_from_known_part(pattern, object, found_ahead);
      found += plain.size();
      ++compared;
    }
  }
  CHECK(compared > 1500);
  CHECK(found > 1000);
  CHECK(found_ahead > 50);
}

TEST_CASE("a pattern of two common halves in a text full of them costs no more than the text") {
  const auto patterns = signature::parse_patterns("0000{0-4000}0001");
  REQUIRE(patterns);
  const Bytes code = encode_pattern(patterns->front());
  const Bytes text(100000);
  Work work(std::uint64_t{100000} * 64);
  CHECK(find_matches(code, ByteView(text), {0, text.size()}, nullptr, work).empty());
  CHECK_FALSE(work.used_up());
}

TEST_CASE("damaged code of a pattern finds something or nothing, and reads nothing outside") {
  RandomSignatures random(12);
  const auto patterns =
      signature::parse_patterns("6162(41|4261|0a)??4?*0a61{2-5}(B)414261(4142|61)20[1-3]41");
  REQUIRE(patterns);
  const Bytes code = encode_pattern(patterns->front());
  Bytes text = random.text(300);
  random.plant(random.instance(patterns->front()), text);
  for (std::size_t bit = 0; bit < code.size() * 8; ++bit) {
    Bytes bent = code;
    bent[bit / 8] = static_cast<std::uint8_t>(bent[bit / 8] ^ (1U << (bit % 8)));
    Work work(100000);
    find_matches(bent, ByteView(text), {0, text.size()}, nullptr, work);
  }
  for (std::size_t size = 0; size < code.size(); ++size) {
    Work work(100000);
    find_matches(ByteView(code).first(size), ByteView(text), {0, text.size()}, nullptr, work);
  }
}

}  // namespace amanat::threat
