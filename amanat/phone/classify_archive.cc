// Archives by the names of their entries. Only the directory of a ZIP is read; where it is missing
// (a download that broke off) the headers in front of the first entries serve.

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "amanat/phone/classify_parts.h"
#include "amanat/unpack/zip.h"

namespace amanat::phone {
namespace {

using namespace std::string_view_literals;
using consent::Category;
using consent::CategorySet;

constexpr unsigned kLocalHeadersMax = 64;
constexpr std::uint64_t kNameBytesMax = 1024;
constexpr std::uint64_t kDirectoryEndBytesMax = 22 + 0xFFFF;

Classification archive(Category category, std::string kind) {
  return {CategorySet{category}, std::move(kind)};
}

// Names from the headers in front of the entries, as far as their sizes are written there.
std::vector<std::string> names_from_front(Window& window) {
  std::vector<std::string> names;
  std::uint64_t at = 0;
  for (unsigned i = 0; i < kLocalHeadersMax && window.has(at, "PK\3\4"sv); ++i) {
    const auto flags = window.little(at + 6, 2);
    const auto packed = window.little(at + 18, 4);
    const auto name_size = window.little(at + 26, 2);
    const auto extra_size = window.little(at + 28, 2);
    if (!flags || !packed || !name_size || !extra_size || *name_size > kNameBytesMax) break;
    const auto name = window.read(at + 30, static_cast<std::size_t>(*name_size));
    if (!name) break;
    names.emplace_back(as_text(*name));
    if ((*flags & 8U) != 0) break;  // the size comes after the data
    at += 30 + *name_size + *extra_size + *packed;
  }
  return names;
}

// Names from the directory at the end; none when there is no directory.
std::vector<std::string> names_from_directory(Window& window) {
  std::vector<std::string> names;
  const auto reader = [&window](std::uint64_t offset, ByteSpan out) -> Result<> {
    if (!window.read(offset, out)) return fail(Code::unavailable, "not readable");
    return {};
  };
  const auto zip = unpack::Zip::open(reader, window.size());
  if (!zip) return names;
  names.reserve(zip->entries().size());
  for (const unpack::ZipEntry& entry : zip->entries()) names.push_back(entry.name);
  return names;
}

// Android's signature stands right before the central directory and ends in this magic; only apps
// have it, even where the manifest was cut out.
bool has_app_signature(Window& window) {
  const std::uint64_t tail = std::min(window.size(), kDirectoryEndBytesMax);
  const auto bytes = window.read(window.size() - tail, static_cast<std::size_t>(tail));
  if (!bytes) return false;
  const std::size_t end = as_text(*bytes).rfind("PK\5\6"sv);
  if (end == std::string_view::npos) return false;
  const auto directory = window.little(window.size() - tail + end + 16, 4);
  return directory && *directory >= 16 && window.has(*directory - 16, "APK Sig Block 42");
}

struct NameRule {
  std::string_view name;
  bool suffix;  // else the whole name
  Category category;
  std::string_view kind;
};

// In order: what stands first wins.
constexpr auto kNameRules = std::to_array<NameRule>({
    {"AndroidManifest.xml", false, Category::apps, "apk"},
    {"/AndroidManifest.xml", true, Category::apps, "app-bundle"},
    {"classes.dex", false, Category::apps, "dex-archive"},
    {".apk", true, Category::apps, "app-set"},
    {".app/Info.plist", true, Category::apps, "ipa"},
    {"[Content_Types].xml", false, Category::documents, "office"},
    {"META-INF/container.xml", false, Category::documents, "epub"},
    {"META-INF/manifest.xml", false, Category::documents, "opendocument"},
    {"Index/Document.iwa", false, Category::documents, "iwork"},
    {"_chat.txt", true, Category::messages, "chat-archive"},
    {"doc.kml", false, Category::location, "kmz"},
    {".kml", true, Category::location, "kmz"},
    {"apple_health_export/export.xml", true, Category::health, "apple-health"},
});

MaybeClass by_names(const std::vector<std::string>& names) {
  for (const NameRule& rule : kNameRules) {
    const bool found = std::ranges::any_of(names, [&](const std::string& name) {
      return rule.suffix ? name.ends_with(rule.name) : name == rule.name;
    });
    if (found) return archive(rule.category, std::string(rule.kind));
  }
  return std::nullopt;
}

// EPUB and OpenDocument begin with an uncompressed entry that says what they are.
bool opens_with_document_type(Window& window) {
  return window.has(30, "mimetypeapplication/epub+zip")
         || window.has(30, "mimetypeapplication/vnd.oasis.opendocument");
}

MaybeClass classify_zip(Window& window) {
  if (opens_with_document_type(window)) return archive(Category::documents, "document-archive");
  std::vector<std::string> names = names_from_directory(window);
  if (names.empty()) names = names_from_front(window);
  if (auto found = by_names(names)) return found;
  if (has_app_signature(window)) return archive(Category::apps, "apk");
  return archive(Category::other, "zip");
}

bool is_tar(Window& window) { return window.has(257, "ustar"); }

}  // namespace

MaybeClass classify_archive(Window& window) {
  if (window.has(0, "PK\3\4"sv) || window.has(0, "PK\5\6"sv)) return classify_zip(window);
  if (window.has(0, "\x1F\x8B\x08"sv)) return archive(Category::other, "gzip");
  if (window.has(0, "\x28\xB5\x2F\xFD"sv)) return archive(Category::other, "zstd");
  if (window.has(0,
                 "\xFD"
                 "7zXZ\0"sv)) {
    return archive(Category::other, "xz");
  }
  if (window.has(0, "7z\xBC\xAF\x27\x1C"sv)) return archive(Category::other, "7z");
  if (window.has(0, "Rar!\x1A\x07"sv)) return archive(Category::other, "rar");
  if (is_tar(window)) return archive(Category::other, "tar");
  return std::nullopt;
}

MaybeClass classify_hidden_archive(Window& window) {
  if (has_app_signature(window)) return archive(Category::apps, "apk");
  return by_names(names_from_directory(window));
}

}  // namespace amanat::phone
