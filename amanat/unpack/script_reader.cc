#include "amanat/unpack/script_reader.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <limits>
#include <utility>

#include "amanat/unpack/transfer.h"

namespace amanat::unpack {
namespace {

constexpr auto kFixed = std::to_array<std::string_view>(
    {"var", "function", ".", ",", ";", "+", "[", "]", "{", "}", "(", ")",
     // keywords
     "break", "case", "catch", "continue", "default", "delete", "do", "else", "finally", "for",
     "if", "in", "instanceof", "new", "return", "switch", "this", "throw", "try", "typeof", "void",
     "while", "with", "abstract", "boolean", "byte", "char", "class", "const", "debugger", "double",
     "enum", "export", "extends", "final", "float", "goto", "implements", "import", "int",
     "interface", "long", "native", "package", "private", "protected", "public", "short", "static",
     "super", "synchronized", "throws", "transient", "volatile", "null", "true", "false",
     // operators
     "=", "===", ">>>", "!==", "<<", "<=", "==", ">=", ">>", "||", "--", "!=", "&&", "++",
     "*=", "/=", "%=", "+=", "-=", "<<=", ">>=", ">>>=", "&=", "^=", "|=", "&", ":", "/", "!", ">",
     "<", "-", "*", "|", "%", "?", "~", "^"});
constexpr auto kWordOf =
    std::to_array<Word>({Word::var, Word::function, Word::dot, Word::comma, Word::semicolon,
                         Word::plus, Word::bracket_open, Word::bracket_close, Word::brace_open,
                         Word::brace_close, Word::parenthesis_open, Word::parenthesis_close});
constexpr std::size_t kOperatorBytesMax = 4;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_name_start(char c) { return is_letter(c) || c == '$' || c == '_' || c == '\\'; }
bool is_name(char c) { return is_letter(c) || is_digit(c) || c == '$' || c == '_'; }
bool is_operator(char c) { return std::string_view("!%&*+-/:<=>?^|~").contains(c); }
bool is_single(char c) { return std::string_view(".,;[]{}()").contains(c); }

// Digits that are none count as in ClamAV: as zero where the sum is shifted, as -1 where not.
std::uint32_t nibble(char c) { return std::min<std::uint32_t>(hex_digit(c), 16) % 16; }
std::uint32_t last_nibble(char c) {
  const std::uint32_t digit = hex_digit(c);
  return digit < 16 ? digit : std::numeric_limits<std::uint32_t>::max();
}

void append_utf8(std::uint32_t unit, std::string& out) {
  if (unit < 0x80) {
    out.push_back(static_cast<char>(unit == 0 ? 1 : unit));
  } else if (unit < 0x800) {
    out.push_back(static_cast<char>(0xc0 | unit >> 6));
    out.push_back(static_cast<char>(0x80 | (unit & 0x3f)));
  } else {
    out.push_back(static_cast<char>(0xe0 | unit >> 12));
    out.push_back(static_cast<char>(0x80 | (unit >> 6 & 0x3f)));
    out.push_back(static_cast<char>(0x80 | (unit & 0x3f)));
  }
}

std::uint32_t unit_of(std::string_view digits) {
  return (nibble(digits[0]) << 12 | nibble(digits[1]) << 8 | nibble(digits[2]) << 4
          | last_nibble(digits[3]))
         & 0xffff;
}

std::int32_t integer_of(std::string_view digits) {
  std::int64_t value = 0;
  for (const char c : digits) {
    if (__builtin_mul_overflow(value, std::int64_t{10}, &value)
        || __builtin_add_overflow(value, std::int64_t{c - '0'}, &value)) {
      value = std::numeric_limits<std::int64_t>::max();
      break;
    }
  }
  return static_cast<std::int32_t>(static_cast<std::uint32_t>(value));
}

void set_fixed(ReadWord& word, std::uint32_t number) {
  word.fixed = number;
  word.word = number < kWordOf.size() ? kWordOf.at(number) : Word::other;
}

}  // namespace

std::string_view fixed_word(std::uint32_t number) { return kFixed.at(number); }

std::uint32_t number_of_fixed(std::string_view word) {
  const auto* const known = std::ranges::find(kFixed, word);
  return static_cast<std::uint32_t>(known - kFixed.begin());
}

char ScriptReader::open_quote() const {
  return state_ == State::double_quoted ? '"' : state_ == State::single_quoted ? '\'' : '\0';
}

bool ScriptReader::next(ReadWord& word) {
  while (at_ < text_.size()) {
    bool found = false;
    switch (state_) {
      case State::between:
        if (start(word, found)) return found;
        break;
      case State::double_quoted: return read_string(word, '"');
      case State::single_quoted: return read_string(word, '\'');
      case State::name: return read_name(word);
      case State::number: return read_number(word);
      case State::comment:
      case State::line_comment: skip_comment(); break;
    }
  }
  return false;
}

/// Looks at one character; true when it begins a word, and `found` when that is there whole.
bool ScriptReader::start(ReadWord& word, bool& found) {
  pending_.clear();
  const char c = text_[at_];
  const char ahead = at_ + 1 < text_.size() ? text_[at_ + 1] : '\0';
  if (c == '/' && (ahead == '*' || ahead == '/')) {
    state_ = ahead == '*' ? State::comment : State::line_comment;
    at_ += 2;
    return false;
  }
  if (c == '"' || c == '\'') {
    ++at_;
    found = read_string(word, c);
    return true;
  }
  if (is_digit(c)) {
    found = read_number(word);
    return true;
  }
  if (is_name_start(c)) {
    found = read_name(word);
    return true;
  }
  if (is_operator(c)) {
    found = read_operator(word);
    return true;
  }
  ++at_;
  if (!is_single(c)) return false;
  set_fixed(word, number_of_fixed(text_.substr(at_ - 1, 1)));
  found = true;
  return true;
}

void ScriptReader::skip_comment() {
  if (state_ == State::line_comment) {
    at_ = std::min(text_.find_first_of("\n ", at_), text_.size());
    state_ = State::between;
    return;
  }
  const std::size_t end = text_.find("*/", at_);
  at_ = end == text_.npos ? text_.size() : end + 2;
  if (end != text_.npos) state_ = State::between;
}

bool ScriptReader::read_number(ReadWord& word) {
  bool is_decimal = false;
  while (at_ < text_.size()) {
    const char c = text_[at_++];
    if (is_digit(c)) {
      pending_ += c;
      continue;
    }
    if (c == '.' && !is_decimal) {
      is_decimal = true;
      pending_ += c;
      continue;
    }
    if ((c == 'e' || c == 'E') && is_decimal) {
      pending_ += c;
      if (at_ < text_.size()) {
        const char next = text_[at_++];
        if (next == '+' || next == '-' || is_digit(next)) {
          pending_ += next;
          continue;
        }
      }
    }
    --at_;
    state_ = State::between;
    if (is_decimal) {
      word.word = Word::decimal;
      word.decimal = std::strtod(pending_.c_str(), nullptr);
    } else {
      word.word = Word::integer;
      word.integer = integer_of(pending_);
    }
    return true;
  }
  state_ = State::number;
  return false;
}

bool ScriptReader::read_name(ReadWord& word) {
  while (at_ < text_.size()) {
    const char c = text_[at_];
    if (is_name(c)) {
      pending_ += c;
      ++at_;
      continue;
    }
    if (c == '\\') {
      ++at_;
      if (at_ < text_.size() && text_[at_] == 'u') {
        pending_ += c;
        ++at_;
        continue;
      }
    }
    state_ = State::between;
    const std::uint32_t fixed = number_of_fixed(pending_);
    if (fixed < kFixed.size()) {
      set_fixed(word, fixed);
    } else {
      word.word = Word::name;
      word.text = std::move(pending_);
    }
    return true;
  }
  state_ = State::name;
  return false;
}

bool ScriptReader::read_string(ReadWord& word, char quote) {
  const std::size_t begin = at_;
  std::size_t end = text_.find(quote, begin);
  while (end != text_.npos && end > begin && text_[end - 1] == '\\') {
    end = text_.find(quote, end + 1);
  }
  append_unescaped(text_.substr(begin, end == text_.npos ? end : end - begin), pending_);
  if (end == text_.npos) {
    at_ = text_.size();
    state_ = quote == '"' ? State::double_quoted : State::single_quoted;
    return false;
  }
  at_ = end + 1;
  state_ = State::between;
  word.word = Word::text;
  word.text = std::move(pending_);
  return true;
}

bool ScriptReader::read_operator(ReadWord& word) {
  for (std::size_t size = std::min(kOperatorBytesMax, text_.size() - at_); size > 0; --size) {
    const std::uint32_t fixed = number_of_fixed(text_.substr(at_, size));
    if (fixed == kFixed.size()) continue;
    at_ += size;
    set_fixed(word, fixed);
    return true;
  }
  ++at_;
  return false;
}

void append_unescaped(std::string_view text, std::string& meant) {
  constexpr std::string_view kLetters = "0btnvfr";
  constexpr std::string_view kMeant = "\1\b\t\n\v\f\r";
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '\\' && i + 1 < text.size()) {
      const std::string_view rest = text.substr(++i);
      if (const auto known = kLetters.find(rest[0]); known != kLetters.npos) {
        c = kMeant[known];
      } else if (rest[0] == 'x') {
        if (rest.size() > 2) {
          c = static_cast<char>((nibble(rest[1]) << 4 | last_nibble(rest[2])) & 0xff);
        }
        i += 2;
      } else if (rest[0] == 'u') {
        if (rest.size() > 4) {
          append_utf8(unit_of(rest.substr(1, 4)), meant);
          i += 4;
          continue;
        }
      } else {
        c = rest[0];
      }
    }
    meant.push_back(c == '\0' ? '\1' : c);
  }
}

std::string unescape_percent(std::string_view text) {
  std::string meant;
  const auto are_digits = [](std::string_view digits) {
    return std::ranges::all_of(digits, [](char c) { return hex_digit(c) < 16; });
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::string_view rest = text.substr(i);
    if (rest.size() > 5 && rest.starts_with("%u") && are_digits(rest.substr(2, 4))) {
      append_utf8(unit_of(rest.substr(2, 4)), meant);
      i += 5;
      continue;
    }
    char c = rest[0];
    if (c == '%' && rest.size() > 2 && are_digits(rest.substr(1, 2))) {
      c = static_cast<char>(nibble(rest[1]) << 4 | nibble(rest[2]));
      i += 2;
    }
    meant.push_back(c == '\0' ? '\1' : c);
  }
  return meant;
}

}  // namespace amanat::unpack
