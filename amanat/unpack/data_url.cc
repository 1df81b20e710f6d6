// Objects carried in a page itself (RFC 2397), and the look into pages, which are those.

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "amanat/unpack/html.h"
#include "amanat/unpack/transfer.h"
#include "amanat/unpack/unpackers.h"

namespace amanat::unpack {
namespace {

bool is_white(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

Entry entry_of(const DataUrl& url, const Output& output) {
  return {.packed_size = url.text.size(), .size = output.size(), .position = url.position};
}

// ClamAV makes a message of each object, in base64 as it stands: signatures are written for that.
// False when the walk ends.
bool give_message(const DataUrl& url, Output& output, Walk& walk) {
  output.begin(url.text.size());
  std::string type(url.type);
  std::ranges::transform(type, type.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 0x20) : c;
  });
  std::string head = "From html-normalise\nContent-type: " + type + "\n";
  if (url.is_base64) head += "Content-transfer-encoding: base64\n";
  const bool fits = output.add(as_bytes(head + "\n")) && decode_percent(url.text, output);
  Entry entry = entry_of(url, output);
  entry.kind = Kind::mail;
  return walk.give(std::move(entry), fits ? End::whole : End::over_budget, output);
}

}  // namespace

// data:[type][;base64],content up to the end of the attribute that it is the value of.
std::optional<DataUrl> find_data_url(std::string_view page, std::size_t& at) {
  constexpr std::size_t kTypeBytesMax = 1024;
  while ((at = find_nocase(page, "data:", at)) != page.npos) {
    const std::size_t begin = std::exchange(at, at + 5);
    if (begin == 0) continue;
    const char before = page[begin - 1];
    if (before != '"' && before != '\'' && before != '=' && before != '(' && !is_white(before)) {
      continue;
    }
    const std::string_view head = page.substr(at, kTypeBytesMax);
    const std::size_t comma = head.find_first_of(",\"'<>()");
    if (comma == head.npos || head[comma] != ',') continue;
    const bool is_base64 = find_nocase(head.substr(0, comma), ";base64") != head.npos;
    const std::size_t content = at + comma + 1;
    const std::string_view ends = before == '"' ? "\"" : before == '\'' ? "'" : "\"' \t\r\n>)";
    const std::size_t end = std::min(page.find_first_of(ends, content), page.size());
    at = end;
    return DataUrl{.position = content,
                   .type = head.substr(0, comma),
                   .text = page.substr(content, end - content),
                   .is_base64 = is_base64};
  }
  return std::nullopt;
}

void unpack_html(ByteView object, Walk& walk) {
  const std::string_view page = as_text(object);
  Output output(walk.budget);
  std::size_t at = 0;
  while (walk.goes_on()) {
    const auto url = find_data_url(page, at);
    if (!url) break;
    if (url->text.empty()) continue;
    if (!give_message(*url, output, walk) || url->is_base64) continue;
    output.begin(url->text.size());
    const bool fits = decode_percent(url->text, output);
    walk.give(entry_of(*url, output), fits ? End::whole : End::over_budget, output);
  }
  unpack_zip_behind(object, walk);
}

}  // namespace amanat::unpack
