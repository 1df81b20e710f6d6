#include "amanat/phone/device_check.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <map>

#include <doctest/doctest.h>

#include "amanat/codec/codec.h"
#include "amanat/crypto/crypto.h"
#include "amanat/indicator/load.h"
#include "amanat/phone/device_columns.h"
#include "amanat/phone/device_text.h"
#include "amanat/store/sqlite.h"
#include "amanat/store/temporary_folder.h"

namespace amanat::phone {
namespace {

using indicator::Indicators;
using indicator::Kind;

Indicators make(std::initializer_list<std::pair<Kind, std::string_view>> values) {
  Indicators::Builder builder;
  const auto collection = builder.collection(
      {.name = "Spy", .threat_class = indicator::ThreatClass::stalkerware, .source = "test"});
  for (const auto& [kind, value] : values) {
    REQUIRE(builder.add(kind, value, collection) == Indicators::Builder::Added::taken);
  }
  return std::move(builder).build();
}

Indicators some() {
  return make({{Kind::domain, "evil.example"},
               {Kind::package, "com.spy"},
               {Kind::process, "spyd"},
               {Kind::property, "sys.spy"},
               {Kind::file_path, "/data/local/tmp/stage"},
               {Kind::file_name, "implant.so"}});
}

DeviceReport check(const std::filesystem::path& path, const Indicators& known,
                   const DeviceCheckOptions& options = {}) {
  Progress progress;
  auto report = check_device({path}, known, progress, options);
  REQUIRE(report.has_value());
  return std::move(*report);
}

const DeviceFinding* find(const DeviceReport& report, DeviceThing thing, std::string_view seen) {
  const auto found = std::ranges::find_if(report.findings, [&](const DeviceFinding& finding) {
    return finding.thing == thing && finding.hit.seen == seen;
  });
  return found == report.findings.end() ? nullptr : &*found;
}

// Name, size, time and content of everything in a folder.
std::map<std::string, std::string> state_of(const std::filesystem::path& folder) {
  std::map<std::string, std::string> state;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file()) continue;
    std::ifstream file(entry.path(), std::ios::binary);
    const std::string content((std::istreambuf_iterator<char>(file)),
                              std::istreambuf_iterator<char>());
    const auto time = entry.last_write_time().time_since_epoch().count();
    state[entry.path().string()] = std::to_string(time) + crypto::sha256(as_bytes(content)).hex();
  }
  return state;
}

void write(const std::filesystem::path& path, std::string_view text) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << text;
}

store::Database open(const std::filesystem::path& path) {
  auto database = store::Database::open(path, {});
  REQUIRE(database.has_value());
  return std::move(*database);
}

}  // namespace

TEST_CASE("messages that are still in the write-ahead log are read, and nothing is changed") {
  const store::TemporaryFolder folder;
  store::Database database = open(folder.path() / "mmssms.db");
  REQUIRE(
      database.execute("CREATE TABLE sms (_id INTEGER PRIMARY KEY, address TEXT, date INTEGER,"
                       " body TEXT);"
                       "INSERT INTO sms VALUES (7, '+49', 1700000000000,"
                       " 'hi, look at https://x.evil.example/a');"
                       "INSERT INTO sms VALUES (8, '+49', 1700000001000, 'evil.example!');"
                       "INSERT INTO sms VALUES (9, NULL, 'no time', NULL);"
                       "CREATE TABLE pdu (_id INTEGER PRIMARY KEY, date INTEGER, sub BLOB);"
                       "INSERT INTO pdu VALUES (1, 1700000000, x'00FF')"));
  REQUIRE(std::filesystem::file_size(folder.path() / "mmssms.db-wal") > 0);
  const auto before = state_of(folder.path());
  const DeviceReport report = check(folder.path(), some());
  CHECK(state_of(folder.path()) == before);
  CHECK(report.databases == 1);
  CHECK(report.rows == 4);
  CHECK(report.unread.empty());
  REQUIRE(report.findings.size() == 1);
  const DeviceFinding& finding = report.findings.front();
  CHECK(finding.thing == DeviceThing::message);
  CHECK(finding.file == "mmssms.db");
  CHECK(finding.table == "sms");
  CHECK(finding.row == 7);
  CHECK(finding.times == 2);
  REQUIRE(finding.time.has_value());
  CHECK(to_iso8601(*finding.time) == "2023-11-14T22:13:20Z");
  CHECK(finding.hit.seen == "x.evil.example");
  CHECK(finding.explanation().heading.starts_with("Stalkerware"));
  // One file of it, named alone, is read with its log too.
  CHECK(check(folder.path() / "mmssms.db", some()).findings.size() == 1);
}

TEST_CASE("histories of browsers are read, with their several clocks") {
  const store::TemporaryFolder folder;
  {
    store::Database chrome = open(folder.path() / "History");
    REQUIRE(
        chrome.execute("CREATE TABLE urls (id INTEGER PRIMARY KEY, url LONGVARCHAR, title TEXT,"
                       " last_visit_time INTEGER);"
                       "INSERT INTO urls VALUES (3, 'https://ok.example/?u=https%3A%2F%2F"
                       "evil.example%2Fx', 't', 13344473600000000);"
                       "CREATE TABLE cookies (host_key TEXT, name TEXT, PRIMARY KEY (host_key))"
                       " WITHOUT ROWID;"
                       "INSERT INTO cookies VALUES ('.evil.example', 'x');"
                       "CREATE VIRTUAL TABLE words USING fts4(body);"
                       "INSERT INTO words VALUES ('evil.example');"
                       "CREATE VIEW v AS SELECT 1 AS url;"
                       "CREATE TABLE \"odd \"\"name\" (url TEXT);"
                       "INSERT INTO \"odd \"\"name\" VALUES ('http://evil.example')"));
    store::Database firefox = open(folder.path() / "places.sqlite");
    REQUIRE(
        firefox.execute("CREATE TABLE moz_places (id INTEGER PRIMARY KEY, url TEXT,"
                        " last_visit_date INTEGER);"
                        "INSERT INTO moz_places VALUES (1, 'https://evil.example/',"
                        " 1700000000000000)"));
  }
  const DeviceReport report = check(folder.path(), some());
  CHECK(report.unread.empty());
  REQUIRE(report.findings.size() == 4);
  for (const DeviceFinding& finding : report.findings) {
    CAPTURE(finding.table);
    if (finding.table == "cookies") {
      CHECK_FALSE(finding.row);
    } else if (finding.table == "odd \"name") {
      CHECK(finding.thing == DeviceThing::record);
    } else {
      CHECK(finding.thing == DeviceThing::visited_page);
      REQUIRE(finding.time);
      CHECK(to_iso8601(*finding.time) == "2023-11-14T22:13:20Z");
    }
  }
}

TEST_CASE("lists of apps, processes and properties are told in their text forms") {
  const store::TemporaryFolder folder;
  write(folder.path() / "packages.txt",
        "package:/data/app/~~a==/com.spy-b==/base.apk=com.spy  installer=null uid:10001\n"
        "package:com.harmless  installer=com.android.vending\n");
  write(folder.path() / "bugreport.txt",
        "------ SYSTEM PROPERTIES ------\n[ro.build]: [x]\n[sys.spy]: [1]\n"
        "------ PROCESSES ------\nUSER PID PPID VSZ RSS WCHAN ADDR S NAME\n"
        "root 1 0 1 1 0 0 S init\nu0_a1 77 1 1 1 0 0 S spyd\n\n"
        "Packages:\n  Package [com.spy] (1a2b3c):\n    userId=10077\n"
        "    installerPackageName=com.android.packageinstaller\n"
        "    requested permissions:\n      android.permission.RECORD_AUDIO\n"
        "      android.permission.READ_SMS: granted=true\n"
        "      android.permission.CAMERA: granted=false\n"
        "  Package [com.other] (1):\n    userId=1\nend\n");
  const DeviceReport report = check(folder.path(), some());
  const DeviceFinding* const property = find(report, DeviceThing::property, "sys.spy");
  REQUIRE(property != nullptr);
  CHECK(property->row == 3);
  CHECK(find(report, DeviceThing::process, "spyd") != nullptr);
  CHECK(report.apps == 4);
  const auto app = std::ranges::find_if(report.findings, [](const DeviceFinding& finding) {
    return finding.thing == DeviceThing::app && finding.file == "bugreport.txt";
  });
  REQUIRE(app != report.findings.end());
  CHECK(app->is_sideloaded == true);
  REQUIRE(app->abilities.size() == 2);
  CHECK(app->abilities[0].permission == "RECORD_AUDIO");
  CHECK(report.findings.size() == 4);
}

TEST_CASE("the package manager's XML gives certificates, a backup of messages its texts") {
  const std::string certificate = "308201";
  crypto::Digest sha1(crypto::DigestKind::sha1);
  sha1.update(*from_hex(certificate));
  const Indicators known =
      make({{Kind::certificate_sha1, to_hex(sha1.finish())}, {Kind::domain, "evil.example"}});
  const store::TemporaryFolder folder;
  write(folder.path() / "packages.xml",
        "<?xml version='1.0'?>\n<packages>\n <package name=\"com.a\" installer=\"com.shop\">\n"
        "  <sigs count=\"1\"><cert index=\"3\" key=\"" + certificate + "\" /></sigs>\n"
        "  <perms><item name=\"android.permission.CAMERA\" granted=\"true\" /></perms>\n"
        " </package>\n <package name=\"com.b\"><sigs><cert index=\"3\" /></sigs></package>\n"
        " <package name=\"com.c\" />\n</packages>\n");
  write(folder.path() / "sms.xml",
        "<?xml version='1.0'?>\n<smses count=\"2\">\n<sms address=\"1\" date=\"1700000000000\" "
        "body=\"go: https://evil.example/?a=1&amp;b=2 &#55357;\" />\n<mms date=\"1700000000000\">"
        "<parts><part text=\"evil.example\" /></parts></mms>\n</smses>\n");
  const DeviceReport report = check(folder.path(), known);
  CHECK(report.apps == 3);
  REQUIRE(report.findings.size() == 2);
  CHECK(report.findings[0].thing == DeviceThing::app);
  CHECK(report.findings[0].times == 2);  // com.a and com.b
  CHECK(report.findings[0].abilities.size() == 1);
  CHECK(report.findings[1].thing == DeviceThing::message);
  CHECK(report.findings[1].row == 3);
  CHECK(report.findings[1].times == 2);
  CHECK(report.findings[1].time.has_value());
}

TEST_CASE("the binary XML of Android 12 is read as the text it stands for") {
  codec::Writer out;
  out.raw(std::string_view("ABX\0", 4));
  const auto name = [&out](std::string_view text) {
    out.u16(0xffff);
    out.vector16(as_bytes(text));
  };
  out.u8(0x10);  // the document begins
  out.u8(0x32);
  name("packages");
  out.u8(0x32);
  name("package");
  out.u8(0x2f);
  name("name");
  out.vector16(as_bytes("com.\"<&>spy"));
  out.u8(0x3f);
  name("installer");
  name("com.shop");
  out.u8(0x6f);
  name("version");
  out.u32(0xffffffff);
  out.u8(0x8f);
  name("ft");
  out.u64(5);
  out.u8(0xcf);
  name("system");
  out.u8(0x32);
  name("cert");
  out.u8(0x6f);
  name("index");
  out.u32(3);
  out.u8(0x4f);
  name("key");
  out.vector16(*from_hex("308201"));
  for (const unsigned index : {8U, 1U, 0U}) {
    out.u8(0x33);
    out.u16(static_cast<std::uint16_t>(index));
  }
  out.u8(0x11);
  const Bytes bytes = std::move(out).take();
  const auto text = text_of_binary_xml(bytes);
  REQUIRE(text.has_value());
  CHECK(*text
        == "<packages>\n<package name=\"com.&quot;&lt;&amp;&gt;spy\" installer=\"com.shop\""
           " version=\"-1\" ft=\"5\" system=\"true\">\n<cert index=\"3\" key=\"308201\">\n"
           "</cert>\n</package>\n</packages>\n");
  std::vector<indicator::App> apps;
  read_xml_facts(*text, [&apps](const TextFact& fact) { apps.push_back(fact.app); });
  REQUIRE(apps.size() == 1);
  CHECK(apps[0].package == "com.\"<&>spy");
  CHECK(apps[0].certificates_sha1.size() == 1);
  for (std::size_t size = 0; size <= bytes.size(); ++size) {
    static_cast<void>(text_of_binary_xml(ByteView(bytes).first(size)));
  }
  CHECK_FALSE(text_of_binary_xml(as_bytes("<?xml")));
}

TEST_CASE("files are known by name, by place and by content, packages by what they say") {
  const store::TemporaryFolder folder;
  const std::string content = "PK\x03\x04 not really a package";
  write(folder.path() / "data/local/tmp/stage/run", "x");
  write(folder.path() / "any/implant.so", "x");
  write(folder.path() / "Download/app.apk", content);
  const Indicators known = make({{Kind::file_sha256, crypto::sha256(as_bytes(content)).hex()},
                                 {Kind::package, "com.spy"},
                                 {Kind::file_path, "/data/local/tmp/stage"},
                                 {Kind::file_name, "implant.so"}});
  const DeviceReport plain = check(folder.path(), known);
  CHECK(plain.findings.size() == 3);
  std::size_t asked = 0;
  const DeviceReport read =
      check(folder.path(), known, {.read_package = [&asked](const OpenFile& file) {
              ++asked;
              Bytes head(2);
              REQUIRE(file.read_at(0, head));
              CHECK(as_text(head) == "PK");
              indicator::App app;
              app.package = "com.spy";
              return Result<indicator::App>(app);
            }});
  CHECK(asked == 1);
  CHECK(read.findings.size() == 5);  // the package by name and by hash
  const DeviceReport failing =
      check(folder.path(), known, {.read_package = [](const OpenFile&) -> Result<indicator::App> {
              return fail(Code::invalid_input, "it is damaged");
            }});
  REQUIRE(failing.unread.size() == 1);
  CHECK(failing.unread[0].reason == "an app package: it is damaged");
}

TEST_CASE("a folder that bears an app's name tells of the app, once") {
  const store::TemporaryFolder folder;
  write(folder.path() / "data/data/com.spy/files/a", "x");
  write(folder.path() / "data/data/com.spy/files/b", "x");
  write(folder.path() / "data/data/com.spyglass/files/b", "x");
  const DeviceReport report = check(folder.path(), some());
  REQUIRE(report.findings.size() == 1);
  CHECK(report.findings[0].thing == DeviceThing::app);
  CHECK(report.findings[0].file == "data/data/com.spy");
  CHECK(report.findings[0].times == 2);
}

TEST_CASE("what cannot be read is told and does not stop the check") {
  const store::TemporaryFolder folder;
  write(folder.path() / "broken.db", std::string("SQLite format 3\0", 16) + std::string(4096, 'x'));
  write(folder.path() / "z.txt", "evil.example");
  write(folder.path() / "empty", "");
  const DeviceReport report = check(folder.path(), some());
  CHECK(report.findings.size() == 1);
  CHECK(report.unread.size() == 1);
  Progress progress;
  CHECK(check_device({folder.path() / "none"}, some(), progress).error().code == Code::not_found);
}

TEST_CASE("copies of databases are gone when the check ends") {
  const store::TemporaryFolder folder;
  const store::TemporaryFolder scratch;
  {
    store::Database database = open(folder.path() / "a.db");
    REQUIRE(database.execute("CREATE TABLE t (url TEXT)"));
  }
  check(folder.path(), some(), {.scratch = scratch.path()});
  CHECK(std::filesystem::is_empty(scratch.path()));
}

TEST_CASE("a long line is read in pieces and counted once") {
  const store::TemporaryFolder folder;
  write(folder.path() / "long.txt", std::string(3'000'000, 'a') + " evil.example\nevil.example\n");
  const DeviceReport report = check(folder.path(), some());
  REQUIRE(report.findings.size() == 1);
  CHECK(report.findings[0].row == 1);
  CHECK(report.findings[0].times == 2);
}

TEST_CASE("a moment is told by its size, whatever clock an app keeps") {
  for (const std::int64_t number :
       {std::int64_t{1'700'000'000}, std::int64_t{1'700'000'000'000},
        std::int64_t{1'700'000'000'000'000}, std::int64_t{13'344'473'600'000'000}}) {
    CAPTURE(number);
    const auto time = read_time(number);
    REQUIRE(time.has_value());
    CHECK(to_iso8601(*time) == "2023-11-14T22:13:20Z");
  }
  for (const std::int64_t number :
       {std::int64_t{0}, std::int64_t{-1}, std::int64_t{5},
        std::numeric_limits<std::int64_t>::max(), std::numeric_limits<std::int64_t>::min()}) {
    CAPTURE(number);
    CHECK_FALSE(read_time(number));
  }
}

TEST_CASE("the databases of a real phone are read, and no public indicator is in them") {
  const char* const shared = std::getenv("AMANAT_SHARED");
  const std::filesystem::path data =
      std::filesystem::path(shared == nullptr ? "" : shared) / "data";
  if (shared == nullptr || !std::filesystem::exists(data / "phone" / "AppData")) return;
  const auto loaded = indicator::load_indicators(
      {data / "threats" / "stalkerware", data / "threats" / "mvt", data / "threats" / "amnesty"});
  REQUIRE(loaded.has_value());
  const auto before = state_of(data / "phone" / "AppData");
  for (const std::string name : {"AppData", "Messages"}) {
    const DeviceReport report = check(data / "phone" / name, loaded->indicators);
    MESSAGE(name << ": files " << report.files << ", databases " << report.databases << ", rows "
                 << report.rows << ", texts " << report.texts << ", findings "
                 << report.findings.size() << ", unread " << report.unread.size());
    for (const DeviceUnread& unread : report.unread) {
      MESSAGE("  unread " << unread.file << ": " << unread.reason);
    }
    for (const DeviceFinding& finding : report.findings) {
      MESSAGE("  " << name_of(finding.thing) << " " << finding.file << " " << finding.table << " "
                   << finding.hit.seen << " " << finding.hit.collection.name);
    }
    CHECK(report.findings.empty());
    CHECK(report.unread.empty());
  }
  CHECK(state_of(data / "phone" / "AppData") == before);
  // The same databases with an indicator that is in them.
  const DeviceReport planted =
      check(data / "phone" / "AppData",
            make({{Kind::package, "com.android.chrome"}, {Kind::domain, "google.com"}}));
  for (const DeviceFinding& finding : planted.findings) {
    MESSAGE("  planted: " << name_of(finding.thing) << " " << finding.file << " " << finding.table
                          << " row " << finding.row.value_or(-1) << " " << finding.hit.seen << " x"
                          << finding.times);
  }
  CHECK_FALSE(planted.findings.empty());
}

}  // namespace amanat::phone
