#include "amanat/unpack/script.h"

#include <algorithm>

namespace amanat::unpack {
namespace {

bool is_white(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
bool is_word(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'
         || c == '$' || static_cast<std::uint8_t>(c) >= 0x80;
}
char small(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 0x20) : c; }

class ScriptReader {
 public:
  ScriptReader(std::string_view script, Bytes& normal) : script_(script), normal_(normal) {}

  void run() {
    while (at_ < script_.size()) {
      const char c = script_[at_];
      const std::string_view rest = script_.substr(at_);
      if (is_white(c)) {
        ++at_;
        gap_ = true;
      } else if (rest.starts_with("//")) {
        at_ = std::min(script_.find_first_of("\r\n", at_), script_.size());
      } else if (rest.starts_with("/*")) {
        at_ = std::min(script_.find("*/", at_ + 2), script_.size() - 2) + 2;
        gap_ = true;
      } else if (c == '"' || c == '\'') {
        read_string(c);
      } else {
        put(small(c));
        ++at_;
        if (c != '+') joins_ = 0;
      }
    }
  }

 private:
  // A space stays where two words would grow together.
  void put(char c) {
    if (gap_ && is_word(c) && !normal_.empty() && is_word(static_cast<char>(normal_.back()))) {
      normal_.push_back(' ');
    }
    gap_ = false;
    normal_.push_back(static_cast<std::uint8_t>(c));
  }

  void read_string(char quote) {
    // "a" + "b" is "ab": take the plus and the quote before it back.
    const bool joins = joins_ > 0 && normal_.size() == joins_ + 1 && normal_.back() == '+';
    if (joins) {
      normal_.resize(joins_ - 1);
    } else {
      put('"');
    }
    gap_ = false;
    for (++at_; at_ < script_.size() && script_[at_] != quote; ++at_) {
      if (script_[at_] == '\n') break;  // it was never closed
      if (script_[at_] == '\\' && at_ + 1 < script_.size()) {
        normal_.push_back('\\');
        ++at_;
      }
      normal_.push_back(static_cast<std::uint8_t>(small(script_[at_])));
    }
    at_ = std::min(at_ + 1, script_.size());
    normal_.push_back('"');
    joins_ = normal_.size();
  }

  std::string_view script_;
  Bytes& normal_;
  std::size_t at_ = 0;
  std::size_t joins_ = 0;  // the size of the text behind the last string, 0 for none
  bool gap_ = false;
};

}  // namespace

void append_script(std::string_view script, Bytes& normal) {
  append(normal, as_bytes("<script>"));
  ScriptReader(script, normal).run();
  append(normal, as_bytes("</script>"));
}

}  // namespace amanat::unpack
