// Keeps the literals that clean files hardly hold: what a signature author would ship.
//
//   bench_rare_literals LIMIT FOLDER < literals > rare       one literal in hexadecimal on each
//   line
//
// Counts every run of 8 bytes (a gram) of the files below FOLDER in a table of 2^26 saturating
// counters. A prefilter that looks at every fourth position meets a literal at one of four
// alignments, so a literal is rare when each alignment owns a gram seen fewer than LIMIT times.
// Literals under 11 bytes cannot own four grams and are dropped. One pass, 64 MB.

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <vector>

namespace {

constexpr int kTableBits = 26;
constexpr std::size_t kGram = 8;
constexpr std::size_t kStride = 4;
constexpr std::size_t kLiteralBytesMax = 4096;

std::size_t slot_of(const char* gram) {
  std::uint64_t value = 0;
  std::memcpy(&value, gram, kGram);
  value *= 0x9e3779b97f4a7c15ULL;
  value ^= value >> 32;
  value *= 0xd6e8feb86659fd93ULL;
  return static_cast<std::size_t>(value >> (64 - kTableBits));
}

class GramCounts {
 public:
  void add(const std::string& text) {
    for (std::size_t at = 0; at + kGram <= text.size(); ++at) {
      std::uint8_t& count = counts_[slot_of(text.data() + at)];
      if (count < 255) ++count;
    }
  }

  bool is_rare(const std::string& literal, unsigned limit) const {
    if (literal.size() < kGram + kStride - 1) return false;
    for (std::size_t alignment = 0; alignment < kStride; ++alignment) {
      bool owns_one = false;
      for (std::size_t at = alignment; at + kGram <= literal.size(); at += kStride) {
        owns_one = owns_one || counts_[slot_of(literal.data() + at)] < limit;
      }
      if (!owns_one) return false;
    }
    return true;
  }

 private:
  std::vector<std::uint8_t> counts_ = std::vector<std::uint8_t>(std::size_t{1} << kTableBits);
};

std::string bytes_of(const std::string& hex) {
  std::string bytes;
  for (std::size_t at = 0; at + 2 <= hex.size(); at += 2) {
    bytes.push_back(static_cast<char>(std::strtoul(hex.substr(at, 2).c_str(), nullptr, 16)));
  }
  return bytes;
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 3) {
    std::cerr << "usage: bench_rare_literals LIMIT FOLDER < literals > rare\n";
    return 2;
  }
  GramCounts grams;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(arguments[2])) {
    if (!entry.is_regular_file()) continue;
    std::ifstream file(entry.path(), std::ios::binary);
    grams.add(std::string(std::istreambuf_iterator<char>(file), {}));
  }
  const auto limit = static_cast<unsigned>(std::strtoul(arguments[1], nullptr, 10));
  for (std::string line; std::getline(std::cin, line);) {
    if (line.size() <= 2 * kLiteralBytesMax && grams.is_rare(bytes_of(line), limit)) {
      std::cout << line << '\n';
    }
  }
}
