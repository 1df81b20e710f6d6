#include "amanat/unpack/autoit_script.h"

#include <array>
#include <bit>
#include <optional>
#include <string>

#include <fmt/format.h>

#include "amanat/unpack/little.h"

namespace amanat::unpack {
namespace {

constexpr std::uint8_t kLineEnd = 0x7f;
constexpr std::uint8_t kFirstText = 0x30;
constexpr std::uint8_t kUserFunction = 0x34;  // no space: its parenthesis follows
constexpr std::uint8_t kString = 0x36;
constexpr std::uint8_t kLastText = 0x37;
constexpr std::uint8_t kFirstOperator = 0x40;
constexpr auto kOperators = std::to_array<std::string_view>(
    {",", "=", ">", "<",  "<>", ">=", "<=", "(",  ")",  "+",  "-", "/", "*",
     "&", "[", "]", "==", "^",  "+=", "-=", "/=", "*=", "&=", "?", ":"});

std::string_view mark_before(std::uint8_t code) {
  switch (code) {
    case 0x32: return "@";
    case 0x33: return "$";
    case 0x35: return ".";
    case kString: return "\"";
    default: return "";
  }
}

class Decompiler {
 public:
  Decompiler(ByteView words, Output& text) : words_(words), text_(text) {}

  End run() {
    std::uint32_t lines = little32(words_, 0);
    for (at_ = 4; lines > 0 && at_ < words_.size();) {
      const std::uint8_t code = words_[at_++];
      if (code == kLineEnd) {
        --lines;
        fits_ = text_.add('\n');
      } else if (!read_word(code)) {
        return End::damaged;
      }
      if (!fits_) return End::over_budget;
    }
    return lines == 0 ? End::whole : End::damaged;
  }

 private:
  bool read_word(std::uint8_t code) {
    if (code >= kFirstText && code <= kLastText) return read_text(code);
    if (code >= kFirstOperator && code < kFirstOperator + kOperators.size()) {
      return put(kOperators[code - kFirstOperator]);
    }
    switch (code) {
      case 0x00: return read_named(autoit_keyword);
      case 0x01: return read_named(autoit_function);
      case 0x05: return read_number<std::uint32_t>("0x{:08x}");
      case 0x10: return read_number<std::uint64_t>("0x{:016x}");
      case 0x20: {
        const auto bits = take<std::uint64_t>();
        return bits && put(fmt::format("{:g}", std::bit_cast<double>(*bits)));
      }
      default: return false;
    }
  }

  template <class T>
  std::optional<T> take() {
    if (!has(words_, at_, sizeof(T))) return std::nullopt;
    at_ += sizeof(T);
    return little<T>(words_, at_ - sizeof(T));
  }

  bool read_named(std::string_view (*name_of_number)(std::uint32_t)) {
    const auto number = take<std::uint32_t>();
    if (!number) return false;
    const std::string_view name = name_of_number(*number);
    return !name.empty() && put(name);
  }

  template <class T>
  bool read_number(std::string_view shape) {
    const auto number = take<T>();
    return number && put(fmt::format(fmt::runtime(shape), *number));
  }

  bool read_text(std::uint8_t code) {
    const auto count = take<std::uint32_t>();
    if (!count || !has(words_, at_, std::uint64_t{*count} * 2)) return false;
    add(mark_before(code));
    // Of each character its low byte, as for all text.
    for (std::uint32_t i = 0; fits_ && i < *count; ++i, at_ += 2) {
      fits_ = text_.add(static_cast<std::uint8_t>(words_[at_] ^ *count));
    }
    if (code == kString) add("\"");
    if (code != kUserFunction) add(" ");
    return true;
  }

  void add(std::string_view text) { fits_ = fits_ && text_.add(as_bytes(text)); }
  bool put(std::string_view word) {
    add(word);
    add(" ");
    return true;
  }

  ByteView words_;
  Output& text_;
  std::size_t at_ = 0;
  bool fits_ = true;
};

}  // namespace

End decompile_autoit(ByteView words, Output& text) { return Decompiler(words, text).run(); }

}  // namespace amanat::unpack
