#include "amanat/unpack/script_words.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace amanat::unpack {
namespace {

// A script of a megabyte needs far less; a hostile one may nest functions a hundred thousand deep.
constexpr std::uint64_t kWorkMax = std::uint64_t{1} << 26;

bool is_alphanumeric(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/// Words one behind the other: a space stands where two of them would grow together.
class Line {
 public:
  Line(Bytes& out, std::size_t bytes_max) : out_(out), bytes_max_(bytes_max) {}

  void put(std::string_view text, char first, char last) {
    if (is_alphanumeric(last_) && is_alphanumeric(first)) put_byte(' ');
    for (const char c : text) {
      const bool is_white = c == ' ' || (c >= '\t' && c <= '\r');
      put_byte(is_white ? ' ' : c >= 'A' && c <= 'Z' ? static_cast<char>(c + 0x20) : c);
    }
    last_ = last;
  }
  void put(std::string_view text) {
    if (!text.empty()) put(text, text.front(), text.back());
    if (text.empty()) last_ = '\0';
  }
  void put_quoted(std::string_view text) {
    put("\"", '"', '"');
    put(text, '"', '"');
    put("\"", '"', '"');
  }

 private:
  void put_byte(char c) {
    if (out_.size() < bytes_max_) out_.push_back(static_cast<std::uint8_t>(c));
  }
  Bytes& out_;
  std::size_t bytes_max_;
  char last_ = '\0';
};

}  // namespace

ScriptWords::ScriptWords() : scopes_(1), work_left_(kWorkMax) {}

void ScriptWords::read(std::string_view text) {
  reader_.read(text);
  ReadWord word;
  while (reader_.next(word)) add(word);
}

void ScriptWords::add(ReadWord& word) {
  if (word.word == Word::text && joins_before()) {
    texts_[words_[words_.size() - 2].value] += word.text;
    words_.pop_back();
    return;
  }
  ScriptWord made{.word = word.word};
  switch (word.word) {
    case Word::name: made = of_name(word); break;
    case Word::text: made.value = keep_text(std::move(word.text)); break;
    case Word::integer: made.value = static_cast<std::uint32_t>(word.integer); break;
    case Word::decimal:
      made.value = static_cast<std::uint32_t>(decimals_.size());
      decimals_.push_back(word.decimal);
      break;
    default: made = of_fixed(word); break;
  }
  words_.push_back(made);
  scope().behind_dot = word.word == Word::dot;
}

bool ScriptWords::joins_before() const {
  const std::size_t count = words_.size();
  return count > 1 && words_[count - 1].word == Word::plus && words_[count - 2].word == Word::text;
}

ScriptWord ScriptWords::of_name(ReadWord& word) {
  if (scope().behind_dot) {
    return {.word = Word::member, .value = keep_text(std::move(word.text))};
  }
  const std::uint32_t name = number_of_name(word.text);
  switch (scope().expects) {
    case Expects::declaration:
    case Expects::parameters:
      declare(name);
      scope().expects = Expects::initial_value;
      scope().brackets = 0;
      break;
    case Expects::function_name:
      declare(name);
      scope().expects = Expects::parameter_list;
      break;
    default: break;
  }
  return {.word = Word::name, .value = name};
}

ScriptWord ScriptWords::of_fixed(const ReadWord& word) {
  Scope& now = scope();
  switch (word.word) {
    case Word::var: now.expects = Expects::declaration; break;
    case Word::parenthesis_open: open_parenthesis(); break;
    case Word::parenthesis_close:
      if (now.expects == Expects::parameter_list) now.expects = Expects::anything;
      break;
    case Word::brace_open: open_brace(); break;
    case Word::brace_close:
      if (close_brace()) {
        words_.push_back({.word = word.word, .value = word.fixed});
        return {.word = Word::function_end};
      }
      break;
    case Word::bracket_open: ++now.brackets; break;
    case Word::bracket_close: now.brackets -= now.brackets > 0 ? 1 : 0; break;
    case Word::comma:
      if (now.expects == Expects::initial_value && now.brackets == 0 && now.blocks == 0) {
        now.expects = Expects::declaration;
      }
      break;
    case Word::semicolon:
      if (now.brackets == 0 && now.blocks == 0) now.expects = Expects::anything;
      break;
    case Word::function:
      scopes_.push_back({.around = current_, .expects = Expects::function_name});
      current_ = static_cast<std::uint32_t>(scopes_.size() - 1);
      return {.word = Word::function, .value = current_};
    default: break;
  }
  return {.word = word.word, .value = word.fixed};
}

void ScriptWords::open_parenthesis() {
  Expects& expects = scope().expects;
  if (expects == Expects::function_name || expects == Expects::parameter_list) {
    expects = Expects::parameters;
  }
}

void ScriptWords::open_brace() {
  Expects& expects = scope().expects;
  if (expects == Expects::function_name || expects == Expects::parameter_list
      || expects == Expects::parameters) {
    expects = Expects::anything;
  }
  ++scope().blocks;
}

/// True when a function ends with it.
bool ScriptWords::close_brace() {
  Scope& now = scope();
  now.blocks -= now.blocks > 0 ? 1 : 0;
  if (now.blocks > 0 || current_ == 0) return false;
  current_ = now.around;
  return true;
}

void ScriptWords::finish() {
  if (const char quote = reader_.open_quote(); quote != '\0') read({&quote, 1});
  std::size_t open = 0;
  for (const ScriptWord& word : words_) {
    if (word.word == Word::parenthesis_open) ++open;
    if (word.word == Word::parenthesis_close && open > 0) --open;
  }
  words_.insert(words_.end(), open,
                {.word = Word::parenthesis_close, .value = number_of_fixed(")")});
}

std::uint32_t ScriptWords::number_of_name(const std::string& name) {
  const auto [known, is_new] =
      numbers_of_names_.try_emplace(name, static_cast<std::uint32_t>(names_.size()));
  if (is_new) names_.push_back(name);
  return known->second;
}

std::uint32_t ScriptWords::keep_text(std::string text) {
  texts_.push_back(std::move(text));
  return static_cast<std::uint32_t>(texts_.size() - 1);
}

/// Follows functions as they begin and end; false for a word that is not written.
bool ScriptWords::move_to_scope(const ScriptWord& word) {
  if (word.word == Word::function) current_ = word.value;
  if (word.word != Word::function_end) return true;
  current_ = scope().around;
  return false;
}

std::string_view ScriptWords::text_of(const ScriptWord& word) const {
  switch (word.word) {
    case Word::name: return names_[word.value];
    case Word::member:
    case Word::text: return texts_[word.value];
    default: return {};
  }
}

void ScriptWords::write(Bytes& normal, std::size_t bytes_max) {
  Line line(normal, bytes_max);
  current_ = 0;
  const auto put_name = [&](std::uint32_t name) {
    for (std::uint32_t at = current_; work_left_ > 0; at = scopes_[at].around) {
      --work_left_;
      const auto known = scopes_[at].declared.find(name);
      if (known != scopes_[at].declared.end()) {
        return line.put(fmt::format("n{:03}", known->second), 'a', 'a');
      }
      if (at == 0) break;
    }
    line.put(names_[name], 'a', 'a');
  };
  for (const ScriptWord& word : words_) {
    if (!move_to_scope(word)) continue;
    switch (word.word) {
      case Word::name: put_name(word.value); break;
      case Word::member: line.put(texts_[word.value]); break;
      case Word::text: line.put_quoted(texts_[word.value]); break;
      case Word::integer:
        line.put(std::to_string(static_cast<std::int32_t>(word.value)), '0', '0');
        break;
      case Word::decimal: line.put(fmt::format("{:g}", decimals_[word.value]), '0', '0'); break;
      case Word::function: line.put("function"); break;
      default: line.put(fixed_word(word.value)); break;
    }
  }
}

}  // namespace amanat::unpack
