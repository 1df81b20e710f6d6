// Runs a fuzz target as an ordinary test: the empty input, every file of the corpus folders given,
// and 2,000 mutations of them that are the same on every machine; fewer for a target that is slow
// for a reason of its own (--mutations=N). libFuzzer searches for new inputs (preset fuzz); this
// makes sure that what it once found stays fixed.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {
using Input = std::vector<std::uint8_t>;

constexpr std::size_t kMutationCount = 2000;
constexpr std::string_view kMutationsOption = "--mutations=";
constexpr std::size_t kEditsMax = 8;
constexpr std::size_t kGrownBytesMax = 64;

// A copy of exactly the input's size, so that the address sanitizer sees one byte too far.
void run_target(const Input& input) {
  const Input exact(input.begin(), input.end());
  LLVMFuzzerTestOneInput(exact.data(), exact.size());
}

// Appends every regular file below `folder`, in the order of their names; a folder that does not
// exist is an empty corpus.
void read_corpus(const std::filesystem::path& folder, std::vector<Input>& corpus) {
  if (!std::filesystem::exists(folder)) return;
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) paths.push_back(entry.path());
  }
  std::ranges::sort(paths);
  for (const std::filesystem::path& path : paths) {
    std::ifstream file(path, std::ios::binary);
    corpus.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
}

// std::uniform_int_distribution differs between libraries; the remainder does not.
std::size_t draw_below(std::mt19937_64& random, std::size_t bound) {
  return static_cast<std::size_t>(random() % bound);
}

std::uint8_t draw_byte(std::mt19937_64& random) {
  return static_cast<std::uint8_t>(random() & 0xFF);
}

void edit(Input& input, std::mt19937_64& random) {
  const std::size_t position = draw_below(random, input.size() + 1);
  const auto at = input.begin() + static_cast<std::ptrdiff_t>(position);
  const bool inside = position < input.size();
  switch (draw_below(random, 5)) {
    case 0:
      if (inside) *at ^= static_cast<std::uint8_t>(1U << draw_below(random, 8));
      break;
    case 1:
      if (inside) *at = draw_byte(random);
      break;
    case 2:
      if (inside) input.erase(at);
      break;
    case 3: input.insert(at, draw_below(random, kGrownBytesMax) + 1, draw_byte(random)); break;
    default: input.resize(position); break;
  }
}

void run_mutations(const std::vector<Input>& corpus, std::size_t count) {
  // NOLINTNEXTLINE(cert-msc51-cpp,bugprone-random-generator-seed): the same inputs on every run
  std::mt19937_64 random(20251113);
  for (std::size_t i = 0; i < count; ++i) {
    Input input = corpus[draw_below(random, corpus.size())];
    const std::size_t edits = draw_below(random, kEditsMax) + 1;
    for (std::size_t n = 0; n < edits; ++n) edit(input, random);
    run_target(input);
  }
}
}  // namespace

int main(int argc, char** argv) {
  try {
    std::vector<Input> corpus(1);  // the empty input comes first
    std::size_t mutations = kMutationCount;
    for (const std::string argument : std::span(argv, static_cast<std::size_t>(argc)).subspan(1)) {
      if (argument.starts_with(kMutationsOption)) {
        mutations = std::stoul(argument.substr(kMutationsOption.size()));
      } else {
        read_corpus(argument, corpus);
      }
    }
    for (const Input& input : corpus) run_target(input);
    run_mutations(corpus, mutations);
    std::printf("%zu corpus files and %zu mutations\n", corpus.size() - 1, mutations);
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "fuzz replay: %s\n", error.what());
    return 1;
  }
}
