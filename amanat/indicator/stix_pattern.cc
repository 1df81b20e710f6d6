#include <algorithm>
#include <array>
#include <utility>

#include "amanat/indicator/spelling.h"
#include "amanat/indicator/stix.h"

namespace amanat::indicator {
namespace {

constexpr auto kKeys = std::to_array<std::pair<std::string_view, Kind>>({
    {"domain-name:value", Kind::domain},
    {"ipv4-addr:value", Kind::ip_address},
    {"ipv6-addr:value", Kind::ip_address},
    {"url:value", Kind::url},
    {"email-addr:value", Kind::email},
    {"process:name", Kind::process},
    {"file:name", Kind::file_name},
    {"file:path", Kind::file_path},
    {"file:hashes.md5", Kind::file_md5},
    {"file:hashes.sha1", Kind::file_sha1},
    {"file:hashes.sha-1", Kind::file_sha1},
    {"file:hashes.sha256", Kind::file_sha256},
    {"file:hashes.sha-256", Kind::file_sha256},
    {"app:id", Kind::package},
    {"app:cert.md5", Kind::certificate_md5},
    {"app:cert.sha1", Kind::certificate_sha1},
    {"app:cert.sha-1", Kind::certificate_sha1},
    {"app:cert.sha256", Kind::certificate_sha256},
    {"app:cert.sha-256", Kind::certificate_sha256},
    {"configuration-profile:id", Kind::profile},
    {"android-property:name", Kind::property},
});

bool is_key_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-'
         || c == '_' || c == ':' || c == '.';
}

// Reads what is between the brackets, left to right.
class PatternReader {
 public:
  explicit PatternReader(std::string_view text) : text_(text) {}

  std::expected<Comparison, Reason> read() {
    skip_spaces();
    if (!take('[')) return std::unexpected(start_reason());
    skip_spaces();
    auto key = read_key();
    if (!key) return std::unexpected(key.error());
    skip_spaces();
    if (!take('=')) return std::unexpected(Reason::other_comparison);
    take('=');  // '==' is the same
    skip_spaces();
    auto value = read_value();
    if (!value) return std::unexpected(value.error());
    skip_spaces();
    if (!take(']')) return std::unexpected(Reason::several_comparisons);
    skip_spaces();
    if (at_ != text_.size()) return std::unexpected(Reason::several_comparisons);
    return Comparison{.key = std::move(*key), .value = std::move(*value)};
  }

 private:
  // "([a:b='c'] AND [d:e='f'])" is well formed, but more than one comparison.
  Reason start_reason() const {
    return text_.substr(at_).starts_with('(') ? Reason::several_comparisons : Reason::malformed;
  }

  std::expected<std::string, Reason> read_key() {
    if (at_ < text_.size() && text_[at_] == '(')
      return std::unexpected(Reason::several_comparisons);
    std::string key;
    bool is_quoted = false;
    for (; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c == '\'') {
        is_quoted = !is_quoted;
      } else if (is_key_character(c)) {
        key.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c);
      } else {
        break;
      }
    }
    // A comparison without spaces, "a:b!='c'", must not hide behind the key.
    const std::size_t colon = key.find(':');
    if (is_quoted || colon == 0 || colon == std::string::npos || colon + 1 == key.size()) {
      return std::unexpected(Reason::malformed);
    }
    return key;
  }

  std::expected<std::string, Reason> read_value() {
    if (!take('\'')) return std::unexpected(Reason::other_comparison);  // a number, a list, binary
    std::string value;
    for (; at_ < text_.size(); ++at_) {
      char c = text_[at_];
      if (c == '\'') {
        ++at_;
        return value;
      }
      if (c == '\\') {
        if (++at_ >= text_.size()) break;
        c = text_[at_];
        // STIX knows only these two; publishers also write Windows paths without doubling.
        if (c != '\'' && c != '\\') value.push_back('\\');
      }
      value.push_back(c);
    }
    return std::unexpected(Reason::malformed);
  }

  bool take(char c) {
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  void skip_spaces() {
    while (
        at_ < text_.size()
        && (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n' || text_[at_] == '\r')) {
      ++at_;
    }
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

std::expected<Comparison, Reason> parse_pattern(std::string_view pattern) {
  if (pattern.size() > kPatternBytesMax) return std::unexpected(Reason::malformed);
  return PatternReader(pattern).read();
}

std::string write_pattern(const Comparison& comparison) {
  std::string out = "[" + comparison.key + "='";
  for (const char c : comparison.value) {
    if (c == '\'' || c == '\\') out.push_back('\\');
    out.push_back(c);
  }
  return out + "']";
}

std::optional<Kind> kind_of_key(std::string_view key) {
  const auto found = std::ranges::find(kKeys, key, [](const auto& pair) { return pair.first; });
  if (found == kKeys.end()) return std::nullopt;
  return found->second;
}

}  // namespace amanat::indicator
