#include "amanat/consent/language.h"

#include <algorithm>

namespace amanat::consent {
namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_letter_or_digit(char c) { return is_letter(c) || (c >= '0' && c <= '9'); }

}  // namespace

bool is_language_tag(std::string_view tag) {
  if (tag.size() < kLanguageBytesMin || tag.size() > kLanguageBytesMax) return false;
  bool first = true;
  while (true) {
    const std::size_t end = std::min(tag.find('-'), tag.size());
    const std::string_view subtag = tag.substr(0, end);
    if (subtag.size() < (first ? 2U : 1U) || subtag.size() > 8) return false;
    if (!std::ranges::all_of(subtag, first ? is_letter : is_letter_or_digit)) return false;
    if (end == tag.size()) return true;
    tag.remove_prefix(end + 1);
    first = false;
  }
}

}  // namespace amanat::consent
