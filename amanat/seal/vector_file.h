#pragma once

// Reads and writes golden files: `name: value` lines, bytes in hexadecimal. A name may stand on
// many lines; the bytes of such lines follow each other. Used by the tests of this module alone.

#include <charconv>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "amanat/bytes/bytes.h"

namespace amanat::seal::testing {

inline const std::filesystem::path kVectorFolder = "vectors";

class VectorFile {
 public:
  VectorFile() = default;
  explicit VectorFile(const std::string& name) {
    std::ifstream file(kVectorFolder / name);
    REQUIRE(file.good());
    for (std::string line; std::getline(file, line);) {
      const std::size_t colon = line.find(": ");
      REQUIRE(colon != line.npos);
      lines_.emplace_back(line.substr(0, colon), line.substr(colon + 2));
    }
  }

  void add(std::string_view name, std::string_view value) { lines_.emplace_back(name, value); }
  void add(std::string_view name, std::uint64_t value) { add(name, std::to_string(value)); }
  void add(std::string_view name, ByteView bytes) {
    constexpr std::size_t kLineBytes = 512;
    for (std::size_t at = 0; at < bytes.size(); at += kLineBytes) {
      add(name, to_hex(bytes.subspan(at, std::min(kLineBytes, bytes.size() - at))));
    }
  }
  void save(const std::string& name) const {
    std::ofstream file(kVectorFolder / name);
    for (const auto& [field, value] : lines_) file << field << ": " << value << "\n";
    REQUIRE(file.good());
  }

  std::vector<std::string> all(std::string_view name) const {
    std::vector<std::string> values;
    for (const auto& [field, value] : lines_) {
      if (field == name) values.push_back(value);
    }
    return values;
  }
  std::string text(std::string_view name) const {
    const auto values = all(name);
    CAPTURE(name);
    REQUIRE(!values.empty());
    return values.front();
  }
  Bytes bytes(std::string_view name) const {
    Bytes bytes;
    for (const std::string& hex : all(name)) append(bytes, from_hex(hex).value());
    return bytes;
  }
  template <class IdOrKey>
  IdOrKey of(std::string_view name) const {
    return IdOrKey::from(bytes(name)).value();
  }
  std::uint64_t number(std::string_view name) const { return number_in(text(name)); }

  static std::uint64_t number_in(std::string_view digits) {
    std::uint64_t number = 0;
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    REQUIRE(read.ec == std::errc());
    return number;
  }

 private:
  std::vector<std::pair<std::string, std::string>> lines_;
};

/// The words of a line.
inline std::vector<std::string> words_of(std::string_view line) {
  std::vector<std::string> words(1);
  for (const char c : line) {
    if (c == ' ') {
      words.emplace_back();
    } else {
      words.back() += c;
    }
  }
  return words;
}

}  // namespace amanat::seal::testing
