// Megabytes per CPU second of the literal search, beside Vectorscan where it is installed.
//
//   match_match_bench LITERALS FOLDER_OR_FILE...
//
// LITERALS has one literal a line, in hex; `i:` in front makes it nocase. Each folder is one corpus
// of at most 200 MB; random bytes are one more. All variants this machine can run are measured in
// the same process, best of three rounds each.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#ifdef AMANAT_HAS_VECTORSCAN
#include <hs/hs.h>
#endif

#include "amanat/match/match.h"

using namespace amanat;
using match::Literal;
using match::LiteralIndex;
using match::Simd;

namespace {
constexpr int kRounds = 3;
constexpr std::size_t kCorpusBytesMax = 200'000'000;
constexpr std::size_t kFileBytesMax = 20'000'000;

struct Corpus {
  std::string name;
  std::vector<Bytes> files;
  std::size_t size = 0;
};

double cpu_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

Bytes read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  Bytes bytes(std::min<std::size_t>(std::filesystem::file_size(path), kFileBytesMax));
  file.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  bytes.resize(static_cast<std::size_t>(std::max<std::streamsize>(file.gcount(), 0)));
  return bytes;
}

Corpus read_corpus(const std::filesystem::path& root) {
  namespace fs = std::filesystem;
  Corpus corpus{.name = root.string(), .files = {}, .size = 0};
  std::vector<fs::path> paths;
  if (fs::is_regular_file(root)) paths.push_back(root);
  if (fs::is_directory(root)) {
    for (const auto& entry :
         fs::recursive_directory_iterator(root, fs::directory_options::skip_permission_denied)) {
      if (entry.is_regular_file()) paths.push_back(entry.path());
    }
  }
  std::ranges::sort(paths);
  for (const fs::path& path : paths) {
    if (corpus.size >= kCorpusBytesMax) break;
    corpus.files.push_back(read_file(path));
    corpus.size += corpus.files.back().size();
  }
  return corpus;
}

Corpus random_corpus() {
  std::mt19937_64 random(1);  // NOLINT(bugprone-random-generator-seed): the same every time
  Corpus corpus{.name = "random", .files = {}, .size = kCorpusBytesMax / 2};
  corpus.files.emplace_back(corpus.size);
  for (auto& byte : corpus.files.back()) byte = static_cast<std::uint8_t>(random());
  return corpus;
}

std::vector<Literal> read_literals(const char* path) {
  std::vector<Literal> literals;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    Literal literal{.bytes = {}, .nocase = line.starts_with("i:"), .id = 0};
    for (std::size_t i = literal.nocase ? 2 : 0; i + 1 < line.size(); i += 2) {
      literal.bytes.push_back(
          static_cast<std::uint8_t>(std::stoul(line.substr(i, 2), nullptr, 16)));
    }
    literal.bytes.resize(std::min(literal.bytes.size(), match::kLiteralBytesMax));
    literal.id = static_cast<std::uint32_t>(literals.size());
    if (literal.bytes.size() >= match::kLiteralBytesMin) literals.push_back(std::move(literal));
  }
  return literals;
}

/// Megabytes per CPU second of `search`, called with each file and to return what it found there.
template <class Search>
double measure(const char* name, const Corpus& corpus, const Search& search) {
  double best = 1e9;
  std::uint64_t found = 0;
  for (int round = 0; round < kRounds; ++round) {
    found = 0;
    const double start = cpu_seconds();
    for (const Bytes& file : corpus.files) found += search(file);
    best = std::min(best, cpu_seconds() - start);
  }
  const double speed = static_cast<double>(corpus.size) / 1e6 / best;
  std::printf("  %-11s %8.0f MB/s  %llu hits\n", name, speed,
              static_cast<unsigned long long>(found));
  return speed;
}

double measure_index(const char* name, ByteView image, Simd simd, const Corpus& corpus) {
  const auto index = LiteralIndex::open(image, simd);
  if (!index) return 0;
  return measure(name, corpus, [&](const Bytes& file) {
    std::uint64_t found = 0;
    index->find(file, 0, file.size(), [&](std::uint32_t, std::uint64_t) { return ++found > 0; });
    return found;
  });
}

#ifdef AMANAT_HAS_VECTORSCAN
class Vectorscan {
 public:
  explicit Vectorscan(const std::vector<Literal>& literals) {
    std::vector<const char*> texts;
    std::vector<std::size_t> sizes;
    std::vector<unsigned> ids;
    std::vector<unsigned> flags;
    for (const Literal& literal : literals) {
      texts.push_back(reinterpret_cast<const char*>(literal.bytes.data()));
      sizes.push_back(literal.bytes.size());
      ids.push_back(literal.id);
      flags.push_back(literal.nocase ? HS_FLAG_CASELESS : 0);
    }
    const double start = cpu_seconds();
    hs_compile_error_t* error = nullptr;
    hs_compile_lit_multi(texts.data(), flags.data(), ids.data(), sizes.data(),
                         static_cast<unsigned>(texts.size()), HS_MODE_BLOCK, nullptr, &database_,
                         &error);
    if (error != nullptr) hs_free_compile_error(error);
    if (database_ == nullptr) return;
    hs_alloc_scratch(database_, &scratch_);
    std::size_t size = 0;
    hs_database_size(database_, &size);
    std::printf("Vectorscan: built in %.2f CPU-s, %.1f MB\n", cpu_seconds() - start,
                static_cast<double>(size) / 1e6);
  }
  ~Vectorscan() {
    hs_free_scratch(scratch_);
    hs_free_database(database_);
  }
  Vectorscan(const Vectorscan&) = delete;
  Vectorscan& operator=(const Vectorscan&) = delete;

  double measure(const Corpus& corpus) const {
    if (database_ == nullptr) return 0;
    return ::measure("Vectorscan", corpus, [&](const Bytes& file) {
      std::uint64_t found = 0;
      const auto on_match = [](unsigned, unsigned long long, unsigned long long, unsigned,
                               void* count) {
        ++*static_cast<std::uint64_t*>(count);
        return 0;
      };
      hs_scan(database_, reinterpret_cast<const char*>(file.data()),
              static_cast<unsigned>(file.size()), 0, scratch_, on_match, &found);
      return found;
    });
  }

 private:
  hs_database_t* database_ = nullptr;
  hs_scratch_t* scratch_ = nullptr;
};
#else
struct Vectorscan {
  explicit Vectorscan(const std::vector<Literal>&) {}
  double measure(const Corpus&) const { return 0; }
};
#endif

double measure_open(ByteView image) {
  const double start = cpu_seconds();
  constexpr int kTimes = 10'000;
  for (int i = 0; i < kTimes; ++i) {
    if (!LiteralIndex::open(image)) return 0;
  }
  return (cpu_seconds() - start) / kTimes;
}
}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::puts("usage: match_match_bench LITERALS FOLDER_OR_FILE...");
    return 2;
  }
  const auto literals = read_literals(argv[1]);
  const double start = cpu_seconds();
  const auto image = match::build_index(literals);
  if (!image) return 1;
  std::printf("%zu literals: built in %.2f CPU-s, %.1f MB, opened in %.1f us\n", literals.size(),
              cpu_seconds() - start, static_cast<double>(image->size()) / 1e6,
              measure_open(*image) * 1e6);
  const Vectorscan vectorscan(literals);

  std::vector<Corpus> corpora;
  for (int i = 2; i < argc; ++i) corpora.push_back(read_corpus(argv[i]));
  corpora.push_back(random_corpus());
  for (const Corpus& corpus : corpora) {
    std::printf("%s, %zu files, %.0f MB\n", corpus.name.c_str(), corpus.files.size(),
                static_cast<double>(corpus.size) / 1e6);
    const double best = measure_index("best", *image, Simd::best, corpus);
    measure_index("portable", *image, Simd::portable, corpus);
    measure_index("avx2", *image, Simd::avx2, corpus);
    measure_index("avx512", *image, Simd::avx512, corpus);
    measure_index("neon", *image, Simd::neon, corpus);
    const double peer = vectorscan.measure(corpus);
    if (peer > 0) std::printf("  %.1f times Vectorscan\n", best / peer);
  }
  return 0;
}
