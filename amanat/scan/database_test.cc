#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <fstream>

#include <doctest/doctest.h>

#include "amanat/scan/scan.h"
#include "amanat/unpack/zip_maker.h"

using namespace amanat;
using namespace amanat::scan;
using unpack::ZipMaker;
namespace fs = std::filesystem;

namespace {

/// A folder that goes away with the test.
class Folder {
 public:
  Folder() {
    std::string name = (fs::temp_directory_path() / "amanat-scan-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { fs::remove_all(path_); }

  Folder& write(std::string_view name, std::string_view content) {
    std::ofstream(path_ / name, std::ios::binary) << content;
    return *this;
  }
  Database load() const {
    auto database = Database::load_folder(path_);
    REQUIRE(database);
    return std::move(*database);
  }
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

std::string digest_of(crypto::DigestKind kind, ByteView bytes) {
  crypto::Digest digest(kind);
  digest.update(bytes);
  return to_hex(digest.finish());
}

std::string md5_line(ByteView bytes, std::string_view name) {
  return digest_of(crypto::DigestKind::md5, bytes) + ':' + std::to_string(bytes.size()) + ':'
         + std::string(name) + '\n';
}

Bytes text(std::string_view words) {
  const ByteView bytes = as_bytes(words);
  return {bytes.begin(), bytes.end()};
}

}  // namespace

TEST_CASE("a file is known by each kind of digest, at its size or at any") {
  const Bytes file = text("known bad");
  const std::string sha1 = digest_of(crypto::DigestKind::sha1, file);
  const std::string sha256 = digest_of(crypto::DigestKind::sha256, file);
  struct Case {
    std::string_view name;
    std::string line;
    bool found;
  };
  const auto cases = std::to_array<Case>({
      {"a.hdb", md5_line(file, "Bad.A"), true},
      {"a.hsb", sha1 + ":9:Bad.A\r\n", true},
      {"a.hsb", sha256 + ":9:Bad.A", true},
      {"a.hsb", sha256 + ":*:Bad.A:73", true},
      {"a.hsb", sha256 + ":10:Bad.A", false},
      {"a.txt", md5_line(file, "Bad.A"), false},
  });
  for (const Case& c : cases) {
    CAPTURE(c.line);
    const Database database = Folder().write(c.name, c.line).load();
    const Verdict verdict = Scanner(database).scan(file);
    CHECK((verdict.kind == Verdict::Kind::threat) == c.found);
    if (c.found) CHECK(verdict.signature == "Bad.A");
    if (c.found) CHECK(verdict.source == c.name);
    const Bytes package = ZipMaker().deflate("in", file).make();
    CHECK((Scanner(database).scan(package).inside == "in") == c.found);
  }
}

TEST_CASE("a body signature counts for its kind of file and its place alone") {
  Folder folder;
  folder.write("b.ndb",
               "Any:0:*:65766c2d616e79\n"       // evl-any
               "Elf:6:*:65766c2d656c66\n"       // evl-elf
               "At:0:4,2:65766c2d6174\n"        // evl-at
               "End:0:EOF-7:65766c2d656e64\n"   // evl-end
               "Text:7:*:65766c2074657874\n");  // evl text
  const Database database = folder.load();
  const Scanner scanner(database);
  struct Case {
    std::string_view file;
    std::string_view signature;
  };
  const auto cases = std::to_array<Case>({
      {"..evl-any..", "Any"},
      {"..evl-elf..", ""},
      {"\x7f\x45LF..evl-elf..", "Elf"},
      {"...evl-at..", ""},
      {"....evl-at..", "At"},
      {"......evl-at..", "At"},
      {".......evl-at..", ""},
      {"..evl-end", "End"},
      {"..evl-end.", ""},
      {"Evl \n TEXT", "Text"},
      {"\x01 evl text", ""},
  });
  for (const Case& c : cases) {
    CAPTURE(c.file);
    CHECK(scanner.scan(as_bytes(c.file)).signature == c.signature);
  }
}

TEST_CASE("an allowed file is clean, and so is all that is in it") {
  const Bytes bad = text("..evl-any.." + std::string(100, 'a'));  // deflate takes it apart
  const Bytes package = ZipMaker().deflate("in", bad).make();
  Folder folder;
  folder.write("b.ndb", "Any:0:*:65766c2d616e79\n").write("b.hdb", md5_line(bad, "Known"));
  CHECK(Scanner(folder.load()).scan(bad).kind == Verdict::Kind::threat);
  SUBCASE("the file itself") {
    folder.write("a.fp", md5_line(bad, "why"));
    const Database database = folder.load();
    CHECK(database.report().allowed == 1);
    CHECK(Scanner(database).scan(bad).kind == Verdict::Kind::clean);
    CHECK(Scanner(database).scan(package).kind == Verdict::Kind::clean);
  }
  SUBCASE("the archive around it") {
    folder.write("a.sfp", digest_of(crypto::DigestKind::sha256, package) + ":*:why:73");
    const Database database = folder.load();
    CHECK(Scanner(database).scan(bad).kind == Verdict::Kind::threat);
    CHECK(Scanner(database).scan(package).kind == Verdict::Kind::clean);
  }
}

TEST_CASE("bytes found in a stored entry are named with that entry, and with nothing else") {
  const Database database = Folder().write("b.ndb", "Any:0:*:65766c2d616e79\n").load();
  const Bytes inner = ZipMaker().store("in", text("..evl-any..")).make();
  CHECK(Scanner(database).scan(inner).inside == "in");
  CHECK(Scanner(database).scan(ZipMaker().store("z", inner).make()).inside == "z!/in");
  Bytes between = text("PK\x03\x04 evl-any hidden in front of all entries");
  append(between, ZipMaker().store("in", text("fine")).make());
  const Verdict verdict = Scanner(database).scan(between);
  CHECK(verdict.kind == Verdict::Kind::threat);
  CHECK(verdict.inside.empty());
}

TEST_CASE("an ignored signature is left out and counted") {
  const std::string line = "Any:0:*:65766c2d616e79";
  Folder folder;
  folder.write("b.ndb", line + "\nOther:0:*:0102030405\n");
  SUBCASE("by name") { folder.write("i.ign2", "Any.UNOFFICIAL\n"); }
  SUBCASE("by the digest of its line") {
    folder.write("i.ign2", "Any:" + digest_of(crypto::DigestKind::md5, as_bytes(line)));
  }
  const Database database = folder.load();
  CHECK(Scanner(database).scan(as_bytes("..evl-any..")).kind == Verdict::Kind::clean);
  REQUIRE(database.report().left.size() == 1);
  CHECK(database.report().left[0].reason == "named in an ignore list");
  CHECK(database.report().left[0].first == "b.ndb:1");
}

TEST_CASE("an ignored name with the digest of another line ignores nothing") {
  Folder folder;
  folder.write("b.ndb", "Any:0:*:65766c2d616e79\n");
  folder.write("i.ign2", "Any:" + std::string(32, '0'));
  CHECK(Scanner(folder.load()).scan(as_bytes("evl-any")).kind == Verdict::Kind::threat);
}

TEST_CASE("what cannot be applied is counted by reason, with the place it was met first") {
  Folder folder;
  folder
      .write("b.ndb",
             "# a comment\n\nGood:0:*:65766c2d616e79\nbroken\nW1:0:*:0102??\nW2:0:*:01*02\n")
      .write("c.ldb", "A;B;C\nD;E;F\n")
      .write("d.cvd", std::string(1000, '\n'))
      .write("README", "not a database");
  const LoadReport report = folder.load().report();
  CHECK(report.files == 3);
  CHECK(report.patterns == 2);  // the good one and the built-in
  const auto left = [&](std::string_view reason) {
    const auto it = std::ranges::find(report.left, reason, &LoadReport::Left::reason);
    REQUIRE(it != report.left.end());
    return std::pair(it->count, it->first);
  };
  CHECK(report.left.size() == 3);
  CHECK(left("the line is malformed") == std::pair<std::uint64_t, std::string>(1, "b.ndb:4"));
  CHECK(left("wildcards in the pattern") == std::pair<std::uint64_t, std::string>(2, "b.ndb:5"));
  CHECK(left("the kind of database is not supported")
        == std::pair<std::uint64_t, std::string>(3, "c.ldb:1"));
}

TEST_CASE("the version follows the signatures, not the names of their files") {
  const std::string line = md5_line(text("x"), "X");
  const crypto::Hash one = Folder().write("a.hdb", line).write("b.ndb", "").load().version();
  CHECK(one == Folder().write("z.hdb", line).write("a.ndb", "").load().version());
  CHECK(one != Folder().write("a.hdb", line + "\n").write("b.ndb", "").load().version());
  CHECK(one != Folder().write("a.fp", line).write("b.ndb", "").load().version());
  CHECK(Folder().load().version() == Database::builtin().version());
}

TEST_CASE("a folder that is not there is not found") {
  const auto missing = Database::load_folder(Folder().path() / "nothing");
  REQUIRE_FALSE(missing);
  CHECK(missing.error().code == Code::not_found);
}

TEST_CASE("public signature sets load in seconds, and all that is left out is explained") {
  const char* shared = std::getenv("AMANAT_SHARED");  // NOLINT(concurrency-mt-unsafe)
  if (shared == nullptr) return;
  for (const std::string_view set : {"clamav-official", "rfxn"}) {
    const fs::path folder = fs::path(shared) / "data" / "threats" / set;
    if (!fs::exists(folder)) continue;
    const auto start = std::chrono::steady_clock::now();
    const auto database = Database::load_folder(folder);
    const auto took = std::chrono::steady_clock::now() - start;
    REQUIRE(database);
    const LoadReport& report = database->report();
    MESSAGE(set << ": " << report.hashes << " hashes, " << report.patterns << " patterns, "
                << report.allowed << " allowed, "
                << std::chrono::duration_cast<std::chrono::milliseconds>(took).count() << " ms");
    for (const auto& left : report.left) {
      MESSAGE("  " << left.count << " " << left.reason << ", first " << left.first);
    }
    CHECK(report.hashes > 10'000);
    CHECK(took < std::chrono::seconds(20));  // with sanitizers
  }
}
