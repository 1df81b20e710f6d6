#pragma once

// A script as words, and what its names are called in the normal form: n000, n001, … in the order
// of their declaration.
//
// Who declares what follows ClamAV's simple machine (1.4, measured), not the language: a function's
// name belongs to the function itself, so calls of it keep their name; in a function with
// parameters only the first name behind `var` is declared; a name declared twice is called by its
// second number everywhere. Strings joined by + are one string.

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "amanat/bytes/bytes.h"
#include "amanat/unpack/script_reader.h"

namespace amanat::unpack {

/// One word; `value` is a number of what the word is: a fixed word, a name, a text, a decimal, the
/// scope of a function, or the integer itself.
struct ScriptWord {
  Word word = Word::other;
  std::uint32_t value = 0;
};

class ScriptWords {
 public:
  ScriptWords();

  /// Reads further text, in the scope that is open.
  void read(std::string_view text);
  /// Ends strings and parentheses that are open.
  void finish();

  /// Puts texts in place of unescape("…"), and what eval("…") and known packers hold in place of
  /// them: in script_decoders.cc.
  void decode();

  /// Appends the words in their normal form, up to `bytes_max` of them.
  void write(Bytes& normal, std::size_t bytes_max);

 private:
  enum class Expects : std::uint8_t {
    anything,
    declaration,    // behind var, or a comma behind that
    initial_value,  // behind a declared name
    function_name,
    parameter_list,
    parameters,
  };
  struct Scope {
    std::unordered_map<std::uint32_t, std::uint32_t> declared{};  // names, and their numbers
    std::uint32_t around = 0;
    Expects expects = Expects::anything;
    bool behind_dot = false;
    std::uint32_t brackets = 0;
    std::uint32_t blocks = 0;
  };
  struct Decoded;

  Scope& scope() { return scopes_[current_]; }
  void add(ReadWord& word);
  ScriptWord of_name(ReadWord& word);
  ScriptWord of_fixed(const ReadWord& word);
  void open_parenthesis();
  void open_brace();
  bool close_brace();
  bool joins_before() const;
  std::uint32_t number_of_name(const std::string& name);
  std::uint32_t keep_text(std::string text);
  void declare(std::uint32_t name) { scope().declared[name] = declared_count_++; }
  bool move_to_scope(const ScriptWord& word);
  std::string_view text_of(const ScriptWord& word) const;

  void put_unescaped();
  Decoded decoded_at(std::size_t& at);
  Decoded decode_packed(std::size_t at, std::string_view name);
  Decoded decode_shifted(std::size_t at);
  Decoded decode_evaluated(std::size_t at);
  void put_decoded(const Decoded& decoded);
  bool has_parameters(std::size_t at, std::string_view letters) const;
  bool is(std::size_t at, Word word) const { return at < words_.size() && words_[at].word == word; }
  bool is_call(std::size_t at, std::string_view name) const;
  std::size_t read_arguments(std::size_t at, std::vector<std::size_t>& arguments) const;
  void unpack_words(const std::vector<std::size_t>& arguments, std::string& plain) const;

  ScriptReader reader_;
  std::vector<ScriptWord> words_;
  std::vector<Scope> scopes_;
  std::uint32_t current_ = 0;
  std::uint32_t declared_count_ = 0;
  std::vector<std::string> names_;
  std::unordered_map<std::string, std::uint32_t> numbers_of_names_;
  std::vector<std::string> texts_;
  std::vector<double> decimals_;
  std::uint64_t work_left_ = 0;  // words that decoding may move, and scopes that naming may look at
};

}  // namespace amanat::unpack
