// Megabytes per CPU second of the pattern search, over random bytes and over text.
//
//   scan_scan_bench [PATTERNS [MEGABYTES]]     2,000 and 64 unless told

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <random>
#include <string_view>

#include "amanat/scan/patterns.h"

using amanat::append;
using amanat::as_bytes;
using amanat::Bytes;
using amanat::scan::PatternSet;

namespace {
constexpr int kRounds = 5;

Bytes random_bytes(std::mt19937_64& random, std::size_t size) {
  Bytes bytes(size);
  for (auto& byte : bytes) byte = static_cast<std::uint8_t>(random());
  return bytes;
}

// Words as source code has them, so that grams repeat as they do in texts.
Bytes random_text(std::mt19937_64& random, std::size_t size) {
  constexpr auto kWords = std::to_array<std::string_view>({"return ",
                                                           "const ",
                                                           "std::string ",
                                                           "if (",
                                                           ") {\n  ",
                                                           "size",
                                                           "value = ",
                                                           "function ",
                                                           "for (int i = 0; ",
                                                           "eval(",
                                                           "base64_decode(",
                                                           "http://",
                                                           "class ",
                                                           "include <",
                                                           "print ",
                                                           "document.",
                                                           "window.",
                                                           "// the ",
                                                           "0x",
                                                           "null;\n",
                                                           "import ",
                                                           "public static void "});
  Bytes text;
  while (text.size() < size) {
    append(text, as_bytes(kWords[random() % kWords.size()]));
    text.push_back(static_cast<std::uint8_t>('a' + random() % 26));
  }
  text.resize(size);
  return text;
}

double cpu_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

void measure(std::string_view patterns_kind, std::string_view text_kind, const PatternSet& set,
             const Bytes& text) {
  double best = 1e9;
  std::size_t found = 0;
  for (int round = 0; round < kRounds; ++round) {
    found = 0;
    const double start = cpu_seconds();
    set.find(text, [&](std::size_t, std::size_t) { return ++found > 0; });
    best = std::min(best, cpu_seconds() - start);
  }
  std::printf("%6zu patterns (%.*s) over %-6.*s  %6.0f MB/s  %zu found\n", set.size(),
              static_cast<int>(patterns_kind.size()), patterns_kind.data(),
              static_cast<int>(text_kind.size()), text_kind.data(),
              static_cast<double>(text.size()) / 1e6 / best, found);
}
}  // namespace

int main(int argc, char** argv) {
  const std::size_t count = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 2000;
  const std::size_t size = (argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 64) << 20;
  std::mt19937_64 random(1);  // NOLINT(bugprone-random-generator-seed): the same every time
  const Bytes noise = random_bytes(random, size);
  const Bytes text = random_text(random, size);
  std::vector<Bytes> binary(count);
  std::vector<Bytes> textual(count);
  for (Bytes& pattern : binary) pattern = random_bytes(random, 8 + random() % 40);
  for (Bytes& pattern : textual) {  // words of the text, and an end that the text has not
    pattern = random_text(random, 16 + random() % 40);
    for (int i = 0; i < 6; ++i) pattern.push_back(static_cast<std::uint8_t>('a' + random() % 26));
  }
  const PatternSet binary_set(binary);
  const PatternSet textual_set(textual);
  measure("binary", "random", binary_set, noise);
  measure("binary", "text", binary_set, text);
  measure("text", "random", textual_set, noise);
  measure("text", "text", textual_set, text);
  return 0;
}
