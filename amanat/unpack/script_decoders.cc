// Scripts that hold scripts: unescape("%41"), eval("…"), the packer whose function has the
// parameters p, a, c, k, e and d (or r), and the encoder that calls dF("…").

#include <algorithm>
#include <array>
#include <iterator>

#include "amanat/unpack/script_words.h"

namespace amanat::unpack {
namespace {

constexpr std::size_t kPackerArguments = 6;
constexpr std::size_t kPackerWordsMin = 13;  // behind `function`, so that it may be a packer
constexpr unsigned kDecodedMax = 4096;       // scripts within one script
constexpr std::size_t kPlainBytesMax = 1UL << 20;

bool is_alphanumeric(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

std::uint32_t packed_digit(char c) {
  const auto value = static_cast<std::uint32_t>(static_cast<unsigned char>(c));
  return c >= 'a' ? 10 + value - 'a' : c >= 'A' ? 36 + value - 'A' : value - '0';
}

}  // namespace

/// The words from `begin` to `end` mean the script `plain`.
struct ScriptWords::Decoded {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::string plain{};
  bool at_the_end = false;  // its words go behind all others
};

void ScriptWords::decode() {
  put_unescaped();
  unsigned count = 0;
  for (std::size_t at = 0; at < words_.size(); ++at) {
    Decoded decoded = decoded_at(at);
    if (decoded.end > decoded.begin) {
      const std::size_t work = words_.size() + decoded.plain.size();
      if (++count > kDecodedMax || work_left_ < work) return;
      work_left_ -= work;
      if (is(decoded.end, Word::semicolon)) ++decoded.end;
      put_decoded(decoded);
    }
    if (at < words_.size()) move_to_scope(words_[at]);
  }
}

/// unescape("…") and its closing parenthesis become the text that is meant.
void ScriptWords::put_unescaped() {
  std::size_t to = 0;
  for (std::size_t at = 0; at < words_.size(); ++at, ++to) {
    words_[to] = words_[at];
    if (!is_call(at, "unescape") || !is(at + 2, Word::text) || at + 4 > words_.size()) continue;
    words_[to] = {.word = Word::text,
                  .value = keep_text(unescape_percent(text_of(words_[at + 2])))};
    at += 3;
  }
  words_.resize(to);
}

bool ScriptWords::is_call(std::size_t at, std::string_view name) const {
  return is(at, Word::name) && at + 2 < words_.size() && text_of(words_[at]) == name
         && is(at + 1, Word::parenthesis_open);
}

ScriptWords::Decoded ScriptWords::decoded_at(std::size_t& at) {
  const bool is_function = is(at, Word::function) || is(at, Word::function_end);
  if (is_function && at + kPackerWordsMin < words_.size()) {
    std::string_view name;
    if (is(++at, Word::name)) name = text_of(words_[at++]);
    if (has_parameters(at, "packer") || has_parameters(at, "packed"))
      return decode_packed(at, name);
    return {};
  }
  if (is_call(at, "dF")) return decode_shifted(at + 2);
  if (is_call(at, "eval")) return decode_evaluated(at + 2);
  return {};
}

bool ScriptWords::has_parameters(std::size_t at, std::string_view letters) const {
  if (!is(at, Word::parenthesis_open)) return false;
  for (std::size_t i = 0; i < letters.size(); ++i) {
    const std::size_t name = at + 1 + 2 * i;
    if (!is(name, Word::name) || text_of(words_[name]) != letters.substr(i, 1)) return false;
    const bool is_last = i + 1 == letters.size();
    if (!is(name + 1, is_last ? Word::parenthesis_close : Word::comma)) return false;
  }
  return true;
}

/// Where each argument begins, from the word behind a parenthesis on; returns where they end.
std::size_t ScriptWords::read_arguments(std::size_t at, std::vector<std::size_t>& arguments) const {
  arguments.clear();
  while (arguments.size() < kPackerArguments && at < words_.size()) {
    arguments.push_back(at++);
    const bool is_last = arguments.size() == kPackerArguments;
    while (at < words_.size() && !is(at, is_last ? Word::parenthesis_close : Word::comma)) ++at;
    ++at;
  }
  return at;
}

ScriptWords::Decoded ScriptWords::decode_packed(std::size_t at, std::string_view name) {
  if (work_left_ < words_.size()) return {};
  work_left_ -= words_.size();
  for (std::size_t nesting = 1; at < words_.size(); ++at) {
    if (is(at, Word::function)) ++nesting;
    if (is(at, Word::function_end) && --nesting == 0) break;
  }
  if (at >= words_.size()) return {};
  Decoded decoded;
  std::vector<std::size_t> arguments;
  const auto take_call = [&](std::size_t first) {
    const std::size_t end = read_arguments(first, arguments);
    if (arguments.size() < kPackerArguments) return end;
    if (decoded.end == 0) decoded.begin = arguments.front();
    decoded.end = arguments.back() + 1;
    unpack_words(arguments, decoded.plain);
    return end;
  };
  if (name.empty()) {
    while (at < words_.size() && !is(at, Word::parenthesis_open)) ++at;
    if (at + 1 >= words_.size()) return {};
    take_call(at + 1);
  } else {
    for (; at + 2 < words_.size(); ++at) {
      if (is_call(at, name)) at = take_call(at + 2);
    }
  }
  if (decoded.end == 0) return {};
  const bool has_brackets = is(decoded.end, Word::bracket_open)
                            && is(decoded.end + 1, Word::bracket_close)
                            && is(decoded.end + 2, Word::parenthesis_close);
  decoded.end = std::min(decoded.end + (has_brackets ? 3 : 1), words_.size());
  return decoded;
}

/// Puts the words of a list, 'a|b|c', in place of their numbers.
void ScriptWords::unpack_words(const std::vector<std::size_t>& arguments,
                               std::string& plain) const {
  const ScriptWord& list_word = words_[arguments[3]];
  const std::string_view packed = text_of(words_[arguments[0]]);
  if (list_word.word != Word::text && list_word.word != Word::member) return;
  std::vector<std::string_view> list;
  for (std::string_view rest = text_of(list_word);;) {
    const std::size_t bar = rest.find('|');
    list.push_back(rest.substr(0, bar));
    if (bar == rest.npos) break;
    rest.remove_prefix(bar + 1);
  }
  const ScriptWord& base_word = words_[arguments[1]];
  const std::uint32_t base = base_word.word == Word::integer ? base_word.value : 0xffffffffU;
  for (std::size_t at = 0; at < packed.size() && plain.size() <= kPlainBytesMax;) {
    if (!is_alphanumeric(packed[at])) {
      const bool is_escaped = packed[at] == '\\' && at + 1 < packed.size()
                              && (packed[at + 1] == '\'' || packed[at + 1] == '"');
      if (!is_escaped) plain += packed[at];
      ++at;
      continue;
    }
    const std::size_t begin = at;
    std::uint32_t number = 0;
    for (; at < packed.size() && is_alphanumeric(packed[at]); ++at) {
      number = number * base + packed_digit(packed[at]);
    }
    const bool is_known = number < list.size() && !list[number].empty();
    plain += is_known ? list[number] : packed.substr(begin, at - begin);
  }
}

ScriptWords::Decoded ScriptWords::decode_shifted(std::size_t at) {
  if (!is(at, Word::text)) return {};
  const std::string_view text = text_of(words_[at]);
  if (text.empty()) return {};
  const auto shift = static_cast<std::uint8_t>(text.back() - '0');
  std::string shifted = unescape_percent(text.substr(0, text.size() - 1));
  for (char& c : shifted) c = static_cast<char>(static_cast<std::uint8_t>(c) - shift);
  return {.begin = at - 2,
          .end = at + 2,
          .plain = unescape_percent(shifted.substr(0, shifted.find('\0'))),
          .at_the_end = true};
}

ScriptWords::Decoded ScriptWords::decode_evaluated(std::size_t at) {
  if (!is(at, Word::text) || !is(at + 1, Word::parenthesis_close)) return {};
  return {.begin = at - 2, .end = at + 2, .plain{text_of(words_[at])}};
}

void ScriptWords::put_decoded(const Decoded& decoded) {
  std::vector<ScriptWord> around;
  std::swap(around, words_);
  read(decoded.plain);
  std::swap(around, words_);  // `around` are the words of the inner script now
  if (decoded.begin >= words_.size() || decoded.end > words_.size()) return;
  const auto begin = words_.begin() + static_cast<std::ptrdiff_t>(decoded.begin);
  const auto end = words_.begin() + static_cast<std::ptrdiff_t>(decoded.end);
  const auto rest = words_.erase(begin, end);
  words_.insert(decoded.at_the_end ? words_.end() : rest, around.begin(), around.end());
}

}  // namespace amanat::unpack
