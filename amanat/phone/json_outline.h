#pragma once

// The outline of a JSON text: which members it has, wherever they stand, and one value of each.
//
//   {"chats": {"list": [{"id": 7}, {"id": 8}]}}    gives    .chats.list[].id = 7
//
// Recognition needs no more, and this needs little memory: a path is kept once, however often it
// occurs. Unlike the JSON of our own interfaces this takes what others write: fractions, duplicate
// members, several values in a row, and a text that is only the beginning of one.

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace amanat::phone {

class JsonOutline {
 public:
  static constexpr std::size_t kDepthMax = 64;
  static constexpr std::size_t kPathsMax = 4096;
  static constexpr std::size_t kPathBytesMax = 256;
  static constexpr std::size_t kValueBytesMax = 64;

  /// Nothing when the text is not JSON. `complete` says that no more follows.
  static std::optional<JsonOutline> read(std::string_view text, bool complete);

  bool has(std::string_view path) const { return paths_.contains(path); }

  /// The first value at this path that is not empty, null, false or 0: a text without its quotes,
  /// cut at kValueBytesMax, or a number as written. Empty for the rest.
  std::string_view value(std::string_view path) const;

  /// Path and value, in the order of paths.
  const std::map<std::string, std::string, std::less<>>& paths() const { return paths_; }

 private:
  friend class JsonOutlineReader;
  std::map<std::string, std::string, std::less<>> paths_;
};

}  // namespace amanat::phone
