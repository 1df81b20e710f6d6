#include <algorithm>
#include <cstdlib>
#include <filesystem>
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
    auto database = Database::compile(path_);
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

Verdict scan_with(const Database& database, ByteView file) {
  const SystemClock clock;
  return Scanner(database, clock).scan(file);
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
    const Verdict verdict = scan_with(database, file);
    CHECK((verdict.kind == Verdict::Kind::threat) == c.found);
    if (c.found) CHECK(verdict.signature == "Bad.A");
    if (c.found) CHECK(verdict.source == c.name);
    const Bytes package = ZipMaker().deflate("in", file).make();
    CHECK((scan_with(database, package).inside == "in") == c.found);
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
    CHECK(scan_with(database, as_bytes(c.file)).signature == c.signature);
  }
}

TEST_CASE("an allowed file is clean, and so is all that is in it") {
  const Bytes bad = text("..evl-any.." + std::string(100, 'a'));  // deflate takes it apart
  const Bytes package = ZipMaker().deflate("in", bad).make();
  Folder folder;
  folder.write("b.ndb", "Any:0:*:65766c2d616e79\n").write("b.hdb", md5_line(bad, "Known"));
  CHECK(scan_with(folder.load(), bad).kind == Verdict::Kind::threat);
  SUBCASE("the file itself") {
    folder.write("a.fp", md5_line(bad, "why"));
    const Database database = folder.load();
    CHECK(database.report().allowed == 1);
    CHECK(scan_with(database, bad).kind == Verdict::Kind::clean);
    CHECK(scan_with(database, package).kind == Verdict::Kind::clean);
  }
  SUBCASE("the archive around it") {
    folder.write("a.sfp", digest_of(crypto::DigestKind::sha256, package) + ":*:why:73");
    const Database database = folder.load();
    CHECK(scan_with(database, bad).kind == Verdict::Kind::threat);
    CHECK(scan_with(database, package).kind == Verdict::Kind::clean);
  }
}

TEST_CASE("bytes found in a stored entry are named with that entry, and with nothing else") {
  const Database database = Folder().write("b.ndb", "Any:0:*:65766c2d616e79\n").load();
  const Bytes inner = ZipMaker().store("in", text("..evl-any..")).make();
  CHECK(scan_with(database, inner).inside == "in");
  CHECK(scan_with(database, ZipMaker().store("z", inner).make()).inside == "z!/in");
  Bytes between = text("PK\x03\x04 evl-any hidden in front of all entries");
  append(between, ZipMaker().store("in", text("fine")).make());
  const Verdict verdict = scan_with(database, between);
  CHECK(verdict.kind == Verdict::Kind::threat);
  CHECK(verdict.inside.empty());
}

TEST_CASE("an ignored signature is left out") {
  const std::string line = "Any:0:*:65766c2d616e79";
  Folder folder;
  folder.write("b.ndb", line + "\nOther:0:*:0102030405\n");
  SUBCASE("by name") { folder.write("i.ign2", "Any\n"); }
  SUBCASE("by the digest of its line") {
    folder.write("i.ign2", "Any:" + digest_of(crypto::DigestKind::md5, as_bytes(line)));
  }
  CHECK(scan_with(folder.load(), as_bytes("..evl-any..")).kind == Verdict::Kind::clean);
}

TEST_CASE("an ignored name with the digest of another line ignores nothing") {
  Folder folder;
  folder.write("b.ndb", "Any:0:*:65766c2d616e79\n");
  folder.write("i.ign2", "Any:" + std::string(32, '0'));
  CHECK(scan_with(folder.load(), as_bytes("evl-any")).kind == Verdict::Kind::threat);
}

TEST_CASE("what cannot be applied is counted by reason, with the place it was met first") {
  Folder folder;
  folder.write("b.ndb", "# a comment\nGood:0:*:65766c2d616e79\nbroken\nW1:99:*:01020304\n")
      .write("d.cvd", std::string(1000, '\n'))
      .write("README", "not a database");
  const LoadReport report = folder.load().report();
  CHECK(report.patterns == 2);  // the good one and the built-in
  const auto left = [&](std::string_view reason) {
    const auto it = std::ranges::find(report.left, reason, &LoadReport::Left::reason);
    return it == report.left.end() ? 0 : it->count;
  };
  CHECK(left(signature::describe(signature::Reason::malformed)) == 1);
  CHECK(left(signature::describe(signature::Reason::unknown_target)) == 1);
  CHECK(left("containers whose signature does not hold") == 1);
  CHECK(left("files of a kind that is not read") == 1);
}

TEST_CASE("rules and lists of hashes in a folder count like signatures") {
  const Bytes bad = text("known to be watched");
  Folder folder;
  folder.write("spy.yar", "rule Spy { strings: $a = \"evl-spy\" condition: $a }\n")
      .write("list.sha256", digest_of(crypto::DigestKind::sha256, bad) + "\n");
  const Database database = folder.load();
  CHECK(database.report().rules == 1);
  CHECK(scan_with(database, bad).kind == Verdict::Kind::threat);
  const Verdict spy = scan_with(database, ZipMaker().deflate("in", text("..evl-spy..")).make());
  CHECK(spy.signature == "Spy");
  CHECK(spy.inside == "in");
}

TEST_CASE("the version follows the signatures") {
  const std::string line = md5_line(text("x"), "X");
  const crypto::Hash one = Folder().write("a.hdb", line).load().version();
  CHECK(one == Folder().write("a.hdb", line).load().version());
  CHECK(one != Folder().write("a.hdb", md5_line(text("y"), "X")).load().version());
  CHECK(one != Folder().write("a.fp", line).load().version());
  CHECK(Folder().load().version() == Database::builtin().version());
}

TEST_CASE("a compiled database is mapped as it was written, and damage is refused") {
  Folder folder;
  folder.write("b.ndb", "Any:0:*:65766c2d616e79\n")
      .write("r.yar", "rule Spy { strings: $a = \"evl-spy\" condition: $a }\n");
  const Database compiled = folder.load();
  const fs::path file = folder.path() / "out.adb";
  REQUIRE(compiled.save(file));
  auto opened = Database::open(file);
  REQUIRE_MESSAGE(opened, opened.error().message);
  CHECK(opened->version() == compiled.version());
  CHECK(scan_with(*opened, as_bytes("evl-any")).signature == "Any");
  CHECK(scan_with(*opened, as_bytes("evl-spy")).signature == "Spy");
  CHECK(Database::open(folder.path() / "none").error().code == Code::not_found);
  fs::resize_file(file, fs::file_size(file) / 2);
  CHECK_FALSE(Database::open(file));
}

TEST_CASE("a folder is compiled once, and again when something in it changes") {
  Folder folder;
  const Folder cache;
  folder.write("b.ndb", "Any:0:*:65766c2d616e79\n");
  const auto forms = [&] {
    std::vector<fs::path> found;
    for (const auto& entry : fs::directory_iterator(cache.path())) {
      if (entry.path().extension() == ".adb") found.push_back(entry.path());
    }
    return found;
  };
  auto first = Database::compile_into(folder.path(), cache.path());
  REQUIRE_MESSAGE(first, first.error().message);
  REQUIRE(forms().size() == 1);
  const auto made = fs::last_write_time(forms().front());
  CHECK(Database::compile_into(folder.path(), cache.path())->version() == first->version());
  CHECK(fs::last_write_time(forms().front()) == made);
  folder.write("c.ndb", "Other:0:*:65766c2d6f74686572\n");
  auto second = Database::compile_into(folder.path(), cache.path());
  REQUIRE(second);
  CHECK(second->version() != first->version());
  REQUIRE(forms().size() == 1);
  const fs::path kept = forms().front();
  SUBCASE("a form that was cut is made anew") { fs::resize_file(kept, 100); }
  SUBCASE("a form whose bytes were changed is made anew, however little") {
    std::fstream file(kept, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(static_cast<std::streamoff>(fs::file_size(kept)) - 1);
    file.put('\x5a');
  }
  SUBCASE("a form that is gone is made anew") { fs::remove(kept); }
  auto again = Database::compile_into(folder.path(), cache.path());
  REQUIRE(again);
  CHECK(again->version() == second->version());
  CHECK(scan_with(*again, as_bytes("evl-other")).signature == "Other");
  CHECK(Database::open(kept)->version() == second->version());
}

TEST_CASE("lists that arrive damaged leave the signatures of before in use, and that is said") {
  Folder folder;
  const Folder cache;
  folder.write("b.ndb", "Any:0:*:65766c2d616e79\n");
  REQUIRE(Database::compile_into(folder.path(), cache.path()));
  fs::remove(folder.path() / "b.ndb");
  folder.write("b.cvd", std::string(1000, '\n'));
  for (int again = 0; again < 2; ++again) {
    auto database = Database::compile_into(folder.path(), cache.path());
    REQUIRE(database);
    CHECK(database->report().is_older);
    CHECK(scan_with(*database, as_bytes("evl-any")).signature == "Any");
  }
  SUBCASE("until they are whole") {
    fs::remove(folder.path() / "b.cvd");
    folder.write("c.ndb", "Other:0:*:65766c2d6f74686572\n");
    auto database = Database::compile_into(folder.path(), cache.path());
    REQUIRE(database);
    CHECK_FALSE(database->report().is_older);
    CHECK(scan_with(*database, as_bytes("evl-any")).kind == Verdict::Kind::clean);
    CHECK(scan_with(*database, as_bytes("evl-other")).kind == Verdict::Kind::threat);
  }
  SUBCASE("without signatures of before, what is whole counts") {
    const Folder empty;
    folder.write("c.ndb", "Other:0:*:65766c2d6f74686572\n");
    auto database = Database::compile_into(folder.path(), empty.path());
    REQUIRE(database);
    CHECK(database->report().damaged == 1);
    CHECK(scan_with(*database, as_bytes("evl-other")).kind == Verdict::Kind::threat);
  }
}

TEST_CASE("a folder that is not there is not found") {
  const auto missing = Database::compile(Folder().path() / "nothing");
  REQUIRE_FALSE(missing);
  CHECK(missing.error().code == Code::not_found);
}
