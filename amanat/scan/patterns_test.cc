#include "amanat/scan/patterns.h"

#include <algorithm>
#include <random>
#include <utility>

#include <doctest/doctest.h>

using namespace amanat;
using namespace amanat::scan;

namespace {
using Found = std::vector<std::pair<std::size_t, std::uint64_t>>;  // pattern, position

// The slow, obvious twin.
Found find_slowly(const std::vector<Bytes>& patterns, ByteView text) {
  Found found;
  for (std::size_t p = 0; p < patterns.size(); ++p) {
    for (std::size_t at = 0; at + patterns[p].size() <= text.size(); ++at) {
      if (std::ranges::equal(patterns[p], text.subspan(at, patterns[p].size()))) {
        found.emplace_back(p, at);
      }
    }
  }
  return found;
}

Found find_at_once(const std::vector<Bytes>& patterns, ByteView text) {
  Found found;
  PatternSet(patterns).find(text, [&](std::size_t pattern, std::size_t position) {
    found.emplace_back(pattern, position);
    return true;
  });
  std::ranges::sort(found);
  return found;
}

Bytes random_bytes(std::mt19937& random, std::size_t size, unsigned alphabet) {
  Bytes bytes(size);
  for (auto& byte : bytes) byte = static_cast<std::uint8_t>(random() % alphabet);
  return bytes;
}
}  // namespace

TEST_CASE("the pattern set finds what the slow search finds, no more and no less") {
  std::mt19937 random(1);  // NOLINT(bugprone-random-generator-seed): replays exactly
  for (int round = 0; round < 400; ++round) {
    CAPTURE(round);
    const unsigned alphabet = 1 + random() % 4;
    std::vector<Bytes> patterns;
    for (unsigned i = 0; i < 1 + random() % 40; ++i) {
      patterns.push_back(random_bytes(random, kPatternBytesMin + random() % 8, alphabet));
    }
    const Bytes text = random_bytes(random, random() % 300, alphabet);
    CHECK(find_at_once(patterns, text) == find_slowly(patterns, text));
  }
}

TEST_CASE("a pattern that lies across pieces is found once, wherever the pieces end") {
  std::mt19937 random(2);  // NOLINT(bugprone-random-generator-seed)
  for (int round = 0; round < 400; ++round) {
    CAPTURE(round);
    std::vector<Bytes> patterns;
    for (unsigned i = 0; i < 1 + random() % 10; ++i) {
      patterns.push_back(random_bytes(random, kPatternBytesMin + random() % 20, 2));
    }
    const Bytes text = random_bytes(random, random() % 400, 2);
    const PatternSet set(patterns);
    PatternStream stream(set);
    Found found;
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t size = std::min<std::size_t>(random() % 40, text.size() - at);
      stream.feed(ByteView(text).subspan(at, size), [&](std::size_t pattern, std::uint64_t where) {
        found.emplace_back(pattern, where);
        return true;
      });
      at += size;
    }
    std::ranges::sort(found);
    CHECK(found == find_slowly(patterns, text));
  }
}

TEST_CASE("thousands of patterns are each found where they were planted") {
  std::mt19937 random(3);  // NOLINT(bugprone-random-generator-seed)
  std::vector<Bytes> patterns;
  for (int i = 0; i < 5000; ++i) patterns.push_back(random_bytes(random, 12, 256));
  Bytes text = random_bytes(random, 10'000, 256);
  for (const Bytes& pattern : patterns) append(text, pattern);
  const Found found = find_at_once(patterns, text);
  REQUIRE(found.size() == patterns.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    CHECK(found[i] == std::pair<std::size_t, std::uint64_t>(i, 10'000 + 12 * i));
  }
}

TEST_CASE("a search stops when it is told to, and a set without patterns finds nothing") {
  const Bytes text(100, 'x');
  int calls = 0;
  const PatternSet set({Bytes(4, 'x')});
  CHECK_FALSE(set.find(text, [&](std::size_t, std::size_t) { return ++calls < 3; }));
  CHECK(calls == 3);
  CHECK(PatternSet().find(text, [](std::size_t, std::size_t) { return false; }));
  CHECK(find_at_once({Bytes(4, 'x')}, ByteView(text).first(3)).empty());
}
