#pragma once

// YARA rules over libyara: compiled from text, kept beside the signatures as a file, and run over
// bytes in memory. Verdicts are libyara's own.
//
//   auto compiled = yara::compile({{.name = "spy.yar", .text = text}});
//   for (const auto& note : compiled->notes) show(note);     // bad files are left out and named
//   auto scan = compiled->rules.scan(bytes, {.timeout = std::chrono::seconds(10)});
//
// Rules see the external variables filename, filepath, extension, filetype and owner, as most
// public sets expect. `include` is refused: a rule file is read alone.

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "amanat/bytes/bytes.h"
#include "amanat/error/error.h"

namespace amanat::yara {

inline constexpr std::size_t kRuleTextBytesMax = 64U << 20;    // of one file
inline constexpr std::size_t kRulesFileBytesMax = 512U << 20;  // compiled
inline constexpr std::size_t kMatchesMax = 1'000;              // rules reported for one object
inline constexpr std::size_t kFoundStringsMax = 16;            // reported for one rule
inline constexpr std::size_t kNotesMax = 10'000;

/// One text with rules.
struct Source {
  std::string name = {};               // for messages: the file's name
  std::string text = {};               // UTF-8 or any bytes without NUL
  std::string name_space = "default";  // two rules of one name need two of these
};

/// What the compiler said about one line.
struct Note {
  std::string source = {};
  std::uint32_t line = 0;  // 0: about the source as a whole
  std::string rule = {};   // empty when it concerns none
  std::string message = {};
  bool is_error = false;  // the source is left out
};

/// A string of a rule, and where it was first found.
struct FoundString {
  std::string identifier = {};  // "$a"
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
};

struct Meta {
  std::string name = {};
  std::string value = {};  // numbers in decimal; true or false
};

struct Match {
  std::string rule = {};
  std::string name_space = {};
  std::vector<std::string> tags = {};
  std::vector<Meta> meta = {};
  std::vector<FoundString> strings = {};  // the first kFoundStringsMax

  /// The value of this meta entry; empty when there is none.
  std::string_view find_meta(std::string_view name) const;
};

enum class End : std::uint8_t {
  whole,           // every rule was decided
  timed_out,       // what matched until then is reported
  too_many_found,  // a string occurred more often than libyara counts: its rules may be undecided
  gave_up,         // a condition or expression exceeded libyara's own limits
};

struct Scanned {
  std::vector<Match> matches = {};  // in the order of the rules
  End end = End::whole;
};

struct ScanOptions {
  std::chrono::milliseconds timeout = std::chrono::seconds(30);  // rounded up to whole seconds
  std::string filename = {};                                     // "invoice.pdf"
  std::string filepath = {};
  std::string extension = {};  // ".pdf"
  std::string filetype = {};   // "pdf"
  bool is_fast =
      true;  // stops at the first occurrence where the rule does not count; same verdicts
};

/// Compiled rules, read-only: any number of threads may scan with them at once.
class Rules {
 public:
  Rules(Rules&&) noexcept;
  Rules& operator=(Rules&&) noexcept;
  Rules(const Rules&) = delete;
  Rules& operator=(const Rules&) = delete;
  ~Rules();

  std::size_t count() const;

  /// Runs all rules over `object`. Fails with unavailable when libyara lacks memory.
  Result<Scanned> scan(ByteView object, const ScanOptions& options = {}) const;

  /// The compiled form with our header (rules_file.h).
  Result<Bytes> serialise() const;
  /// Writes it beside `path` and renames: at every moment there is a whole file or the old one.
  Result<> save(const std::filesystem::path& path) const;

  /// Reads what `serialise` made. libyara believes every byte of a compiled file, so header and
  /// SHA-256 are checked first; that finds damage, not malice: load only files of our own making.
  ///
  ///   fails   corrupt when the digest does not hold or libyara refuses, stale when another version
  ///           of libyara or another kind of machine made it
  static Result<Rules> deserialise(ByteView file);
  static Result<Rules> load(const std::filesystem::path& path);

 private:
  friend struct Compiler;
  struct State;
  explicit Rules(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

struct Compiled {
  Rules rules;
  std::vector<Note> notes = {};
  std::vector<std::string> left_out = {};  // names of sources with errors, in order
};

/// Compiles what compiles: a source with an error is left out as a whole and named.
///
///   fails   unavailable when libyara lacks memory
Result<Compiled> compile(const std::vector<Source>& sources);

/// All *.yar and *.yara files below a folder (or one file), each in a namespace of its path. Files
/// that cannot be read are noted.
Result<std::vector<Source>> read_sources(const std::filesystem::path& path,
                                         std::vector<Note>& notes);

}  // namespace amanat::yara
