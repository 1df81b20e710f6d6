#include "amanat/phone/json_outline.h"

#include <algorithm>
#include <vector>

namespace amanat::phone {

class JsonOutlineReader {
 public:
  JsonOutlineReader(std::string_view text, bool complete) : text_(text), complete_(complete) {}

  std::optional<JsonOutline> read() {
    bool any = false;
    for (skip_space(); at_ < text_.size(); skip_space()) {
      if (!read_value()) {
        if (ended_ && !complete_) break;  // the rest is elsewhere
        return std::nullopt;
      }
      any = true;
    }
    if (!any && !ended_) return std::nullopt;
    return std::move(outline_);
  }

 private:
  struct Level {
    bool array = false;
    std::size_t path_size = 0;  // of the path of this object or array
  };

  // One value with all that is in it. No recursion: the levels are on a stack of our own.
  bool read_value() {
    levels_.clear();
    path_.clear();
    for (;;) {
      skip_space();
      if (at_ >= text_.size()) return cut_off();
      const char c = text_[at_];
      if (c == '{' || c == '[') {
        if (levels_.size() >= JsonOutline::kDepthMax) return false;
        ++at_;
        note("");
        levels_.push_back({c == '[', path_.size()});
        if (c == '[') path_ += "[]";
        skip_space();
        if (at_ >= text_.size()) return cut_off();
        if (text_[at_] != (c == '[' ? ']' : '}')) {
          if (c == '{' && !read_name()) return false;
          continue;
        }
      } else if (!read_scalar()) {
        return false;
      }
      if (!close_levels()) return false;
      if (levels_.empty()) return true;
    }
  }

  // After a value: closes what ends here and stops in front of the next value.
  bool close_levels() {
    while (!levels_.empty()) {
      const Level level = levels_.back();
      skip_space();
      if (at_ >= text_.size()) return cut_off();
      const char c = text_[at_];
      ++at_;
      if (c == ',') {
        path_.resize(std::min(path_.size(), level.path_size));
        if (level.array) {
          path_ += "[]";
          return true;
        }
        skip_space();
        return read_name();
      }
      if (c != (level.array ? ']' : '}')) return false;
      path_.resize(std::min(path_.size(), level.path_size));
      levels_.pop_back();
    }
    return true;
  }

  bool read_name() {
    if (at_ >= text_.size()) return cut_off();
    std::string_view name;
    if (!read_string(name)) return false;
    skip_space();
    if (at_ >= text_.size()) return cut_off();
    if (text_[at_] != ':') return false;
    ++at_;
    path_ += '.';
    path_ += name.substr(0, JsonOutline::kValueBytesMax);
    return true;
  }

  bool read_scalar() {
    if (text_[at_] == '"') {
      std::string_view text;
      if (!read_string(text)) return false;
      note(text);
      return true;
    }
    const std::size_t begin = at_;
    while (at_ < text_.size() && is_scalar_character(text_[at_])) ++at_;
    if (at_ >= text_.size() && !complete_) return cut_off();
    const std::string_view word = text_.substr(begin, at_ - begin);
    if (word == "null" || word == "false") {
      note("");
      return true;
    }
    if (word == "true") {
      note(word);
      return true;
    }
    if (word.empty() || word.find_first_of("0123456789") == std::string_view::npos
        || word.find_first_not_of("0123456789+-.eE") != std::string_view::npos) {
      return false;
    }
    note(word.find_first_of("123456789") == std::string_view::npos ? std::string_view() : word);
    return true;
  }

  // The text between the quotes, escapes as they are.
  bool read_string(std::string_view& out) {
    if (text_[at_] != '"') return false;
    const std::size_t begin = at_ + 1;
    for (std::size_t i = begin; i < text_.size(); ++i) {
      const char c = text_[i];
      if (c == '\\') {
        ++i;
      } else if (c == '"') {
        out = text_.substr(begin, i - begin);
        at_ = i + 1;
        return true;
      } else if (static_cast<unsigned char>(c) < 0x20) {
        return false;
      }
    }
    return cut_off();
  }

  static bool is_scalar_character(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c == '+' || c == '-' || c == '.'
           || c == 'E';
  }

  void note(std::string_view value) {
    if (path_.size() > JsonOutline::kPathBytesMax) return;
    const auto found = outline_.paths_.find(path_);
    if (found != outline_.paths_.end()) {
      if (found->second.empty()) found->second = value.substr(0, JsonOutline::kValueBytesMax);
    } else if (outline_.paths_.size() < JsonOutline::kPathsMax) {
      outline_.paths_.emplace(path_, value.substr(0, JsonOutline::kValueBytesMax));
    }
  }

  void skip_space() {
    while (at_ < text_.size() && std::string_view(" \t\r\n").contains(text_[at_])) ++at_;
  }

  bool cut_off() {
    ended_ = true;
    return false;
  }

  std::string_view text_;
  bool complete_;
  std::size_t at_ = 0;
  bool ended_ = false;
  std::string path_;
  std::vector<Level> levels_;
  JsonOutline outline_;
};

std::optional<JsonOutline> JsonOutline::read(std::string_view text, bool complete) {
  return JsonOutlineReader(text, complete).read();
}

std::string_view JsonOutline::value(std::string_view path) const {
  const auto found = paths_.find(path);
  return found == paths_.end() ? std::string_view() : std::string_view(found->second);
}

}  // namespace amanat::phone
