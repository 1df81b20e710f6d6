#pragma once

// For tests: random signatures and texts in which they nearly match.

#include <array>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <variant>

#include "amanat/signature/body.h"

namespace amanat::threat {

class RandomSignatures {
 public:
  explicit RandomSignatures(std::uint64_t seed) : random_(seed) {}

  std::uint64_t below(std::uint64_t end) { return random_() % end; }
  bool one_in(std::uint64_t count) { return below(count) == 0; }

  std::string pattern() {
    std::string text = part();
    const std::uint64_t more = one_in(2) ? 0 : 1 + below(3);
    for (std::uint64_t i = 0; i < more; ++i) text += pick(kGaps) + part();
    return text;
  }

  std::string offset(bool is_executable) {
    const std::string number = std::to_string(below(300));
    const std::string shift = one_in(2) ? "" : "," + std::to_string(below(80));
    switch (below(is_executable ? 9 : 5)) {
      case 0: return number + shift;
      case 1: return "EOF-" + number + shift;
      case 5: return "EP+" + number + shift;
      case 6: return "S" + std::to_string(below(3)) + "+" + std::to_string(below(30)) + shift;
      case 7: return "SE" + std::to_string(below(3));
      case 8: return "SL+" + std::to_string(below(30)) + shift;
      default: return "*";
    }
  }

  /// Bytes of the few kinds that patterns are made of.
  Bytes text(std::size_t size) {
    Bytes bytes;
    for (std::size_t i = 0; i < size; ++i) bytes.push_back(byte());
    return bytes;
  }

  /// Bytes that the pattern probably fits.
  Bytes instance(const signature::Pattern& pattern) {
    Bytes bytes;
    for (std::size_t i = 0; i < pattern.parts.size(); ++i) {
      if (i > 0) append(bytes, text(pattern.gaps[i - 1].min + below(4)));
      for (const signature::Element& element : pattern.parts[i].elements) {
        add_instance(element, bytes);
      }
    }
    return bytes;
  }

  /// Writes `bytes` over some place of `text`.
  void plant(const Bytes& bytes, Bytes& text) {
    if (bytes.size() > text.size()) return;
    const std::size_t at = below(text.size() - bytes.size() + 1);
    std::copy(bytes.begin(), bytes.end(), text.begin() + static_cast<std::ptrdiff_t>(at));
  }

 private:
  using Words = std::array<std::string_view, 8>;
  static constexpr Words kGaps{"*", "{-5}", "{2-9}", "{3}", "{4-}", "{130}", "{0-3}", "{1-140}"};
  static constexpr Words kEnds{"(B)", "(L)", "(W)", "!(B)", "!(L)", "!(W)", "(B)", "(W)"};
  static constexpr Words kElements{
      "??", "4?", "?1", "(41|42|0a)", "!(61|62)", "(4142|61)", "(4161|41|616141)", "??????"};
  static constexpr std::array<std::uint8_t, 8> kBytes{0x00, 0x41, 0x42, 0x61,
                                                      0x62, 0x20, 0x0a, 0x0d};

  std::string pick(const Words& words) { return std::string(words.at(below(words.size()))); }
  std::uint8_t byte() { return kBytes.at(below(kBytes.size())); }
  std::string hex() {
    const std::array<std::uint8_t, 1> one{byte()};
    return to_hex(one);
  }

  std::string part() {
    std::string text;
    if (one_in(10)) text += hex() + "[1-3]";
    if (one_in(8)) text += pick(kEnds);
    const std::uint64_t fixed = 2 + below(6);
    for (std::uint64_t i = 0; i < fixed; ++i) text += hex();
    const std::uint64_t more = below(4);
    for (std::uint64_t i = 0; i < more; ++i) text += one_in(2) ? hex() : pick(kElements);
    if (one_in(2)) text += hex();
    if (one_in(8)) text += pick(kEnds);
    if (one_in(10)) text += "[0-4]" + hex();
    return text;
  }

  void add_run(const signature::Run& run, Bytes& bytes) {
    for (const signature::MaskedByte& one : run) {
      bytes.push_back(static_cast<std::uint8_t>(one.value | (byte() & ~one.mask)));
    }
  }

  void add_instance(const signature::Element& element, Bytes& bytes) {
    if (const auto* run = std::get_if<signature::Run>(&element)) return add_run(*run, bytes);
    const auto* alternatives = std::get_if<signature::Alternatives>(&element);
    if (alternatives == nullptr) return bytes.push_back(one_in(2) ? 0x20 : 0x0a);
    const auto& choices = alternatives->choices;
    if (alternatives->negated) return append(bytes, text(choices.front().size()));
    add_run(choices.at(below(choices.size())), bytes);
  }

  std::mt19937_64 random_;
};

}  // namespace amanat::threat
