// Documents that are not plain text, and what phones keep in forms of their own.

#include <algorithm>
#include <array>

#include "amanat/phone/classify_parts.h"

namespace amanat::phone {
namespace {

using namespace std::string_view_literals;
using consent::Category;
using consent::CategorySet;

struct Magic {
  std::uint64_t offset;
  std::string_view bytes;
  Category category;
  std::string_view kind;
};

constexpr auto kMagics = std::to_array<Magic>({
    {60, "BOOKMOBI"sv, Category::documents, "mobi"},
    {0, "AT&TFORM"sv, Category::documents, "djvu"},
    {0, "ITSF\3\0"sv, Category::documents, "chm"},
    {0, "!BDN"sv, Category::email, "outlook-store"},
    {0, "bplist00"sv, Category::app_data, "property-list"},
    {0, "ABX\0"sv, Category::app_data, "android-xml"},
    {0, "ANDROID BACKUP\n"sv, Category::app_data, "android-backup"},
    {0, "Obj\1"sv, Category::other, "avro"},
    {0, "dex\n03"sv, Category::apps, "dex"},
    {0, "OPLOGBK"sv, Category::diagnostics, "log"},
    {0, "PERFILE2"sv, Category::diagnostics, "perf"},
    {0, "JAVA PROFILE 1.0."sv, Category::diagnostics, "heap-dump"},
    {0, "MDMP\x93\xA7"sv, Category::diagnostics, "minidump"},
    {0, "\xD4\xC3\xB2\xA1"sv, Category::diagnostics, "pcap"},
    {0, "btsnoop\0"sv, Category::diagnostics, "btsnoop"},
});

// Outlook keeps one mail in an OLE file; the names of its streams say so, in UTF-16.
bool is_outlook_message(std::string_view head) {
  std::string name;
  for (const char c : "__properties_version1.0"sv) {
    name += c;
    name += '\0';
  }
  return head.find(name) != std::string_view::npos;
}

}  // namespace

MaybeClass classify_document(Window& window) {
  const std::string_view head = as_text(window.head());
  if (head.substr(0, 1024).find("%PDF-") != std::string_view::npos) {
    return Classification{CategorySet{Category::documents}, "pdf"};
  }
  if (head.starts_with("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"sv)) {
    const bool mail = is_outlook_message(head);
    return Classification{CategorySet{mail ? Category::email : Category::documents}, "ole"};
  }
  for (const Magic& magic : kMagics) {
    if (window.has(magic.offset, magic.bytes)) {
      return Classification{CategorySet{magic.category}, std::string(magic.kind)};
    }
  }
  return std::nullopt;
}

}  // namespace amanat::phone
