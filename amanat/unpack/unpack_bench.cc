// How fast things are looked into: every file given is unpacked to the bottom, and its text and
// HTML are normalised. Prints MB of input and of output for each CPU second, by kind.
//
//   unpack_unpack_bench FILE...

#include "amanat/unpack/unpack.h"

#include <array>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <iterator>
#include <map>

#include "amanat/clock/clock.h"
#include "amanat/unpack/html.h"
#include "amanat/unpack/text.h"

namespace {
using namespace amanat;
using namespace amanat::unpack;

struct Sum {
  double in = 0;
  double out = 0;
  double seconds = 0;
};

double cpu_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

std::uint64_t look_deep(Kind kind, ByteView object, Budget& budget) {
  std::uint64_t bytes = 0;
  unpack::unpack(kind, object, budget, [&](const Found& found) {
    const Kind inner =
        found.entry.kind == Kind::unknown ? kind_of(found.content) : found.entry.kind;
    bytes += found.content.size() + look_deep(inner, found.content, budget);
    return true;
  });
  return bytes;
}

void measure(const char* path, std::map<std::string_view, Sum>& sums) {
  std::ifstream file(path, std::ios::binary);
  const Bytes object{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  const Kind kind = kind_of(object);
  const SystemClock clock;
  Sum& sum = sums[name_of(kind)];
  double start = cpu_seconds();
  Budget budget(Limits{}, clock);
  sum.out += static_cast<double>(look_deep(kind, object, budget));
  sum.seconds += cpu_seconds() - start;
  sum.in += static_cast<double>(object.size());
  if (budget.reached() != Limit::none) {
    std::printf("%s: %s\n", path, std::string(describe(budget.reached())).c_str());
  }
  if (kind == Kind::html) {
    Sum& html = sums["html, normal"];
    start = cpu_seconds();
    html.out += static_cast<double>(normalise_html(object).no_comments.size());
    html.seconds += cpu_seconds() - start;
    html.in += static_cast<double>(object.size());
  }
  if (is_text(kind)) {
    Sum& text = sums["text, normal"];
    start = cpu_seconds();
    text.out += static_cast<double>(normalise_text(kind, object).size());
    text.seconds += cpu_seconds() - start;
    text.in += static_cast<double>(object.size());
  }
}
}  // namespace

int main(int argc, char** argv) {
  std::map<std::string_view, Sum> sums;
  for (int i = 1; i < argc; ++i) measure(argv[i], sums);
  for (const auto& [kind, sum] : sums) {
    constexpr double kMega = 1e6;
    std::printf("%-16.*s %10.1f MB %8.1f MB/s in %8.1f MB/s out\n", static_cast<int>(kind.size()),
                kind.data(), sum.in / kMega, sum.in / kMega / sum.seconds,
                sum.out / kMega / sum.seconds);
  }
}
