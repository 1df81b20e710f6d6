#include <array>
#include <utility>

#include <doctest/doctest.h>

#include "amanat/phone/made_files.h"

namespace amanat::phone {
namespace {

using namespace made;

// A ZIP archive of stored entries; `between` lies between them and the directory.
std::string zip(std::initializer_list<std::pair<std::string, std::string>> entries,
                const std::string& between = {}) {
  std::string bytes;
  std::string directory;
  for (const auto& [name, content] : entries) {
    const std::string sizes = little(0, 4) + little(content.size(), 4) + little(content.size(), 4)
                              + little(name.size(), 2) + little(0, 2);
    directory += "PK\1\2" + little(20, 2) + little(20, 2) + zeros(8) + sizes + zeros(10)
                 + little(bytes.size(), 4) + name;
    bytes += "PK\3\4" + little(20, 2) + zeros(8) + sizes + name + content;
  }
  bytes += between;
  const std::size_t offset = bytes.size();
  return bytes + directory + "PK\5\6" + zeros(4) + little(entries.size(), 2)
         + little(entries.size(), 2) + little(directory.size(), 4) + little(offset, 4) + zeros(2);
}

// FIT: a record message (20) with one position field.
std::string fit(std::uint32_t position, bool compressed = false) {
  const std::string definition = big(0x40, 1) + zeros(2) + little(20, 2) + big(2, 1)
                                 + std::string("\x03\x01\x02", 3) + std::string("\x00\x04\x85", 3);
  const std::string data = big(compressed ? 0x80 : 0, 1) + big(90, 1) + little(position, 4);
  const std::string records = definition + data;
  return big(14, 1) + zeros(3) + little(records.size(), 4) + ".FIT" + zeros(2) + records + zeros(2);
}

}  // namespace

TEST_CASE("archives are known by the names in them") {
  CHECK(seen(zip({{"classes.dex", "x"}, {"AndroidManifest.xml", "x"}})) == "apps apk");
  CHECK(seen(zip({{"base/manifest/AndroidManifest.xml", "x"}})) == "apps app-bundle");
  CHECK(seen(zip({{"base.apk", "x"}, {"split_config.en.apk", "x"}})) == "apps app-set");
  CHECK(seen(zip({{"[Content_Types].xml", "x"}, {"word/document.xml", "x"}}))
        == "documents office");
  CHECK(seen(zip({{"mimetype", "application/epub+zip"}})) == "documents document-archive");
  CHECK(seen(zip({{"doc.kml", "x"}})) == "location kmz");
  CHECK(seen(zip({{"WhatsApp Chat/_chat.txt", "x"}})) == "messages chat-archive");
  CHECK(seen(zip({{"META-INF/MANIFEST.MF", "x"}, {"A.class", "x"}})) == "other zip");
  CHECK(seen(zip({})) == "other zip");
}

TEST_CASE("an app is known by its signature where its manifest was cut out") {
  CHECK(seen(zip({{"x", "y"}}, zeros(24) + "APK Sig Block 42")) == "apps apk");
  CHECK(seen(zip({{"x", "y"}}, "APK Sig Block 42 ")) == "other zip");
}

TEST_CASE("an archive that broke off is known by its first entries") {
  const std::string whole = zip({{"a", "x"}, {"AndroidManifest.xml", "manifest"}, {"c", "x"}});
  CHECK(seen(whole.substr(0, whole.size() / 2)) == "apps apk");
}

TEST_CASE("an app behind other bytes is still an app") {
  const std::string hidden = "\x01\x02\x03" + zip({{"AndroidManifest.xml", "x"}});
  CHECK(seen(hidden) == "apps apk");
}

TEST_CASE("documents of the office are known by their marks") {
  CHECK(seen("%PDF-1.7\n%\xE2\xE3\xCF\xD3\n") == "documents pdf");
  CHECK(seen(zeros(100) + "%PDF-1.4") == "documents pdf");
  const std::string ole = "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1" + zeros(504);
  CHECK(seen(ole) == "documents ole");
  std::string stream;
  for (const char c : std::string_view("__properties_version1.0")) stream += std::string{c, '\0'};
  CHECK(seen(ole + stream) == "email ole");
}

TEST_CASE("other archives and stores are named, and are not opened") {
  CHECK(seen("\x1F\x8B\x08" + zeros(10)) == "other gzip");
  CHECK(seen(zeros(257) + "ustar" + zeros(250)) == "other tar");
  CHECK(seen("ANDROID BACKUP\n5\n1\nnone\n") == "app-data android-backup");
  CHECK(seen("bplist00" + zeros(8)) == "app-data property-list");
  CHECK(seen("dex\n035" + zeros(8)) == "apps dex");
}

TEST_CASE("a sports file is health, and a place as soon as one position is known") {
  CHECK(seen(fit(0x22334455)) == "location+health fit");
  CHECK(seen(fit(0x22334455, true)) == "location+health fit");
  CHECK(seen(fit(0x7FFFFFFF)) == "health fit");
  CHECK(seen(fit(0)) == "health fit");
}

TEST_CASE("a sports file with records nobody defined ends there") {
  std::string bytes = fit(0x22334455);
  bytes[14] = 5;  // the definition becomes data of an unknown type
  CHECK(seen(bytes) == "health fit");
  CHECK(seen(fit(1).substr(0, 20)) == "health fit");
  CHECK(seen(fit(1).substr(0, 14)) == "health fit");
}

}  // namespace amanat::phone
