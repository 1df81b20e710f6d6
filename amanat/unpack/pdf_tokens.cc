#include "amanat/unpack/pdf_tokens.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "amanat/unpack/transfer.h"

namespace amanat::unpack {
namespace {
using namespace std::string_view_literals;
constexpr std::string_view kWhite = "\0\t\n\f\r "sv;
constexpr std::string_view kNoWord = "\0\t\n\f\r ()<>[]{}/%"sv;

constexpr auto table_of(std::string_view characters) {
  std::array<bool, 256> table{};
  for (const char c : characters) table[static_cast<std::uint8_t>(c)] = true;
  return table;
}
constexpr auto kIsWhite = table_of(kWhite);
constexpr auto kEndsWord = table_of(kNoWord);

bool is_white(char c) { return kIsWhite[static_cast<std::uint8_t>(c)]; }
bool ends_word(char c) { return kEndsWord[static_cast<std::uint8_t>(c)]; }

// Where the word that begins or goes on at `at` ends.
std::size_t end_of_word(std::string_view text, std::size_t at) {
  while (at < text.size() && !ends_word(text[at])) ++at;
  return at;
}
}  // namespace

void PdfTokens::skip_white() {
  std::size_t first = text_.npos;
  while (at_ < text_.size()) {
    if (is_white(text_[at_])) {
      ++at_;
    } else if (text_[at_] != '%') {
      break;
    } else if (at_ >= comments_begin_ && at_ < comments_end_) {
      at_ = comments_end_;
    } else {
      first = std::min(first, at_);
      at_ = std::min(text_.find_first_of("\r\n", at_), text_.size());
    }
  }
  if (first == text_.npos) return;
  comments_begin_ = first;
  comments_end_ = at_;
}

bool PdfTokens::is_before_word() {
  skip_white();
  return at_ < text_.size() && !ends_word(text_[at_]);
}

PdfToken PdfTokens::next() {
  skip_white();
  PdfToken token;
  token.begin = at_;
  if (at_ >= text_.size()) return token;
  const std::string_view rest = text_.substr(at_);
  if (rest.starts_with("<<")) {
    token.type = PdfToken::Type::begin_dictionary;
    at_ += 2;
  } else if (rest.starts_with(">>")) {
    token.type = PdfToken::Type::end_dictionary;
    at_ += 2;
  } else if (rest[0] == '[' || rest[0] == '{') {
    token.type = PdfToken::Type::begin_array;
    ++at_;
  } else if (rest[0] == ']' || rest[0] == '}') {
    token.type = PdfToken::Type::end_array;
    ++at_;
  } else if (rest[0] == '(') {
    read_literal(token);
  } else if (rest[0] == '<') {
    read_hexadecimal(token);
  } else if (rest[0] == '/') {
    read_name(token);
  } else {
    token.type = PdfToken::Type::word;
    const std::size_t end = end_of_word(text_, at_);
    at_ = std::max(end, at_ + 1);  // a lone `)` or `>` is passed over as a word
    token.text = text_.substr(token.begin, at_ - token.begin);
  }
  token.end = at_;
  return token;
}

// Brackets nest; a backslash takes its meaning away from what follows.
void PdfTokens::read_literal(PdfToken& token) {
  token.type = PdfToken::Type::string;
  ++at_;
  std::size_t depth = 1;
  while (at_ < text_.size() && token.text.size() < kPdfStringBytesMax) {
    const char c = text_[at_];
    if (c == '\\') {
      read_escape(token);
      continue;
    }
    if (c == 'e' && text_.substr(at_).starts_with("endobj")) return;  // it was never closed
    ++at_;
    if (c == '(') ++depth;
    if (c == ')' && --depth == 0) return;
    token.text.push_back(c);
  }
}

void PdfTokens::read_escape(PdfToken& token) {
  ++at_;
  if (at_ >= text_.size()) return;
  const char c = text_[at_++];
  switch (c) {
    case 'n': token.text.push_back('\n'); return;
    case 'r': token.text.push_back('\r'); return;
    case 't': token.text.push_back('\t'); return;
    case 'b': token.text.push_back('\b'); return;
    case 'f': token.text.push_back('\f'); return;
    case '\n': return;
    case '\r':
      if (at_ < text_.size() && text_[at_] == '\n') ++at_;
      return;
    default: break;
  }
  if (c < '0' || c > '7') {
    token.text.push_back(c);
    return;
  }
  int value = c - '0';
  for (int i = 0; i < 2 && at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '7'; ++i) {
    value = value * 8 + (text_[at_++] - '0');
  }
  token.text.push_back(static_cast<char>(value & 0xff));
}

void PdfTokens::read_hexadecimal(PdfToken& token) {
  token.type = PdfToken::Type::string;
  ++at_;
  std::uint8_t high = 16;
  for (; at_ < text_.size() && text_[at_] != '>' && token.text.size() < kPdfStringBytesMax; ++at_) {
    const std::uint8_t digit = hex_digit(text_[at_]);
    if (digit == 16) continue;
    if (high == 16) {
      high = digit;
    } else {
      token.text.push_back(static_cast<char>(high << 4 | digit));
      high = 16;
    }
  }
  if (at_ < text_.size()) ++at_;
  if (high < 16) token.text.push_back(static_cast<char>(high << 4));
}

void PdfTokens::read_name(PdfToken& token) {
  token.type = PdfToken::Type::name;
  ++at_;
  const std::size_t end = end_of_word(text_, at_);
  for (; at_ < end; ++at_) {
    if (text_[at_] == '#' && at_ + 2 < end && hex_digit(text_[at_ + 1]) < 16
        && hex_digit(text_[at_ + 2]) < 16) {
      token.text.push_back(
          static_cast<char>(hex_digit(text_[at_ + 1]) << 4 | hex_digit(text_[at_ + 2])));
      at_ += 2;
    } else {
      token.text.push_back(text_[at_]);
    }
  }
}

std::optional<PdfObjectId> pdf_object_before(ByteView document, std::size_t word) {
  constexpr std::size_t kRunMax = 16;
  const std::string_view text = as_text(document);
  std::size_t at = word;
  const auto back_over = [&](auto is) {
    const std::size_t from = at;
    while (at > 0 && from - at < kRunMax && is(text[at - 1])) --at;
    return text.substr(at, from - at);
  };
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  const auto is_gap = [](char c) { return is_white(c) || c == '\v'; };
  const auto small_number = [](std::string_view digits) {
    std::uint32_t value = 0;
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return read.ec == std::errc() ? value : 0;
  };
  back_over(is_gap);
  const std::string_view generation = back_over(is_digit);
  if (generation.empty() || back_over(is_gap).empty()) return std::nullopt;
  const std::string_view number = back_over(is_digit);
  if (number.empty()) return std::nullopt;
  return PdfObjectId{.number = small_number(number), .generation = small_number(generation)};
}

}  // namespace amanat::unpack
