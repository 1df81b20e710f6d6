// Tags that make a page of plain text, wherever they stand in it.

#include <algorithm>
#include <array>
#include <cstring>
#include <string_view>

#include "amanat/unpack/file_type.h"

namespace amanat::unpack {
namespace {

// The spellings that ClamAV's list of types has: a tag in any other is text.
constexpr auto kTags = std::to_array<std::string_view>(
    {"HEAD>", "Head>", "head>", "HTML>", "Html>", "html>", "IFRAME", "iframe", "IMG", "Img", "img",
     "OBJECT", "Object", "object", "SCRIPT", "Script", "script", "TABLE", "table>"});

bool begins_page(std::string_view behind) {
  return std::ranges::any_of(kTags, [&](std::string_view tag) { return behind.starts_with(tag); });
}

// `<a ` and, anywhere behind it, `href`: its first two letters small or not, the others as one.
bool has_reference(std::string_view behind) {
  for (std::size_t at = behind.find_first_of("hH"); at != behind.npos;
       at = behind.find_first_of("hH", at + 1)) {
    const std::string_view word = behind.substr(at + 1, 3);
    if (word == "ref" || word == "Ref" || word == "rEF" || word == "REF") return true;
  }
  return false;
}

}  // namespace

bool becomes_page(ByteView text) {
  const std::string_view all = as_text(text);
  bool may_refer = true;  // looking for a reference once is enough
  for (std::size_t at = all.find('<'); at != all.npos; at = all.find('<', at + 1)) {
    const std::string_view behind = all.substr(at + 1);
    if (begins_page(behind)) return true;
    if (may_refer && (behind.starts_with("a ") || behind.starts_with("A "))) {
      if (has_reference(behind.substr(2))) return true;
      may_refer = false;
    }
  }
  return false;
}

}  // namespace amanat::unpack
