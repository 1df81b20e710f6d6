#pragma once

// Scripts cut into words. The cutting is ClamAV's (1.4, measured), not JavaScript's, because
// signatures are written against what comes out of it:
//
//   - a comment behind // ends at a space; bytes above 7f, #, @ and ` are passed over
//   - a quote behind a backslash never ends a string, nor does one behind two of them
//   - 0x41 is a zero and the name x41, 1e5 a one and the name e5; numbers have 32 bits
//   - a word that the text ends in is not there, and goes on in the next text that is read

#include <cstdint>
#include <string>
#include <string_view>

namespace amanat::unpack {

enum class Word : std::uint8_t {
  name,
  member,  // a name behind a dot
  text,    // between quotes, which are gone, as are backslashes
  integer,
  decimal,
  var,
  function,
  function_end,  // nothing that is written: where the words of a function end
  dot,
  comma,
  semicolon,
  plus,
  bracket_open,
  bracket_close,
  brace_open,
  brace_close,
  parenthesis_open,
  parenthesis_close,
  other,  // keywords and operators
};

struct ReadWord {
  Word word = Word::other;
  std::uint32_t fixed = 0;  // fixed_word() of all that is written as it is
  std::int32_t integer = 0;
  double decimal = 0;
  std::string text{};  // of names and texts
};

/// Keywords, operators and brackets by their number.
std::string_view fixed_word(std::uint32_t number);
/// The number of one of them.
std::uint32_t number_of_fixed(std::string_view word);

/// Reads one text after the other as if they were one, except that names are never cut.
class ScriptReader {
 public:
  /// Goes on with `text`, which is borrowed until `next` says that it is over.
  void read(std::string_view text) {
    text_ = text;
    at_ = 0;
  }
  /// The next word; false at the end of the text.
  bool next(ReadWord& word);
  /// The quote of a string that has not ended yet; 0 when there is none.
  char open_quote() const;

 private:
  enum class State : std::uint8_t {
    between,
    comment,
    line_comment,
    number,
    name,
    double_quoted,
    single_quoted,
  };
  bool start(ReadWord& word, bool& found);
  void skip_comment();
  bool read_number(ReadWord& word);
  bool read_name(ReadWord& word);
  bool read_string(ReadWord& word, char quote);
  bool read_operator(ReadWord& word);

  std::string_view text_;
  std::size_t at_ = 0;
  State state_ = State::between;
  std::string pending_;  // of the word that is being read
};

/// `text` of a string as it is meant: \n, \x41, \u0041; appended to `meant`.
void append_unescaped(std::string_view text, std::string& meant);
/// The function unescape() of JavaScript: %41 and %u0041.
std::string unescape_percent(std::string_view text);

}  // namespace amanat::unpack
