// A phone and a custodian over real TLS, in one process: enrol, consent, protect, lose, recover,
// restore, withdraw.

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include <doctest/doctest.h>

#include "amanat/clock/clock.h"
#include "amanat/custodian/custodian.h"
#include "amanat/phone/check.h"
#include "amanat/phone/consent_flow.h"
#include "amanat/phone/enroll.h"
#include "amanat/phone/pack_shipping.h"
#include "amanat/phone/protect.h"
#include "amanat/phone/recover.h"
#include "amanat/phone/restore.h"
#include "amanat/phone/status.h"
#include "amanat/phone/withdraw.h"

namespace amanat {
namespace {

namespace fs = std::filesystem;
using consent::Category;
using consent::CategorySet;

constexpr std::string_view kContact =
    "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Asha Rao\r\nN:Rao;Asha;;;\r\nTEL:+911234\r\nEND:VCARD\r\n";

/// One custodian that is served, and one folder of files.
class World {
 public:
  World() {
    std::string pattern = (fs::temp_directory_path() / "amanat-journey-XXXXXX").string();
    REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    top_ = pattern;
    custodian::Settings settings;
    settings.folder = top_ / "custodian";
    auto opened = custodian::Custodian::open(std::move(settings), clock_);
    REQUIRE(opened);
    custodian_ = std::move(*opened);
    auto serving = custodian::serve(*custodian_, {});
    REQUIRE(serving);
    serving_ = std::move(*serving);
    fs::create_directories(files() / "notes/old");
    write("contacts/asha.vcf", kContact);
    write("notes/plan.txt", "buy rice\nand oil\n");
    write("notes/old/long.txt", long_text());
    write("unknown.bin", std::string("\x01\x02\x03\x00\xff\xfe", 6));
  }
  World(const World&) = delete;
  World& operator=(const World&) = delete;
  ~World() {
    serving_.reset();
    custodian_.reset();
    std::error_code ignored;
    fs::remove_all(top_, ignored);
  }

  fs::path top() const { return top_; }
  fs::path files() const { return top_ / "files"; }
  fs::path words() const { return top_ / "words"; }
  std::string address() const { return api::to_text(serving_->address()); }
  custodian::Custodian& custodian() { return *custodian_; }
  const Clock& clock() const { return clock_; }

  void write(const std::string& path, std::string_view text) {
    fs::create_directories((files() / path).parent_path());
    std::ofstream(files() / path, std::ios::binary) << text;
  }

  static std::string long_text() {
    std::string text;
    for (int i = 0; text.size() < 600'000; ++i) text += "line " + std::to_string(i * i) + "\n";
    return text;
  }

  phone::Session open(const std::string& home) {
    auto session = phone::Session::open(top_ / home, clock_);
    REQUIRE(session);
    return std::move(*session);
  }

  void enroll(const std::string& home) {
    phone::PreparedTerminal terminal;
    auto report = phone::enroll(
        {.address = address(), .home = top_ / home, .words_out = words(), .token = {}}, terminal,
        clock_);
    REQUIRE_MESSAGE(report, report.error().message);
  }

  void consent(phone::Session& session, CategorySet categories) {
    phone::PreparedTerminal terminal;
    auto report = phone::ask_consent(session, {.grant = categories}, terminal);
    REQUIRE_MESSAGE(report, report.error().message);
  }

  phone::ProtectReport protect(phone::Session& session) {
    phone::Progress quiet;
    auto report = phone::protect(session, {.folder = files()}, quiet);
    REQUIRE_MESSAGE(report, report.error().message);
    return std::move(*report);
  }

  phone::RestoreReport restore(phone::Session& session, const std::string& to,
                               phone::RestoreOptions options = {}) {
    phone::Progress quiet;
    options.destination = top_ / to;
    auto report = phone::restore(session, options, quiet);
    REQUIRE_MESSAGE(report, report.error().message);
    return std::move(*report);
  }

  std::string read(const std::string& path) const {
    std::ifstream file(top_ / path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
  }
  bool exists(const std::string& path) const { return fs::exists(top_ / path); }

 private:
  SystemClock clock_;
  fs::path top_;
  std::unique_ptr<custodian::Custodian> custodian_;
  std::unique_ptr<custodian::Serving> serving_;
};

}  // namespace

TEST_CASE("what a consent covers comes back bit for bit, and what none covers never leaves") {
  World world;
  world.enroll("phone");
  auto session = world.open("phone");
  world.consent(session, {Category::contacts, Category::documents});
  const auto first = world.protect(session);
  CHECK(first.kept_files == 3);
  CHECK(first.is_committed);
  REQUIRE(first.without_consent.size() == 1);
  CHECK(first.without_consent.begin()->first == "other");

  const auto again = world.protect(session);
  CHECK(again.unchanged_files == 3);
  CHECK_FALSE(again.is_committed);
  CHECK(again.sent_packs == 0);

  const auto restored = world.restore(session, "restored");
  CHECK(restored.files == 3);
  CHECK(world.read("restored/contacts/asha.vcf") == kContact);
  CHECK(world.read("restored/notes/old/long.txt") == World::long_text());
  CHECK_FALSE(world.exists("restored/unknown.bin"));
  CHECK(fs::last_write_time(world.top() / "restored/notes/plan.txt")
        == fs::last_write_time(world.files() / "notes/plan.txt"));
  CHECK(fs::last_write_time(world.top() / "restored/notes")
        == fs::last_write_time(world.files() / "notes"));
  CHECK_FALSE(world.exists("restored/.amanat-restoring"));

  const auto repeated = world.restore(session, "restored");
  CHECK(repeated.files == 0);
  CHECK(repeated.already_there == 3);
}

TEST_CASE("a changed, a new and a removed file are what the next run sends and shows") {
  World world;
  world.enroll("phone");
  auto session = world.open("phone");
  world.consent(session, {Category::contacts, Category::documents});
  world.protect(session);
  world.write("notes/plan.txt", "buy nothing\n");
  world.write("notes/new.txt", "a new thought, written down\n");
  fs::remove(world.files() / "contacts/asha.vcf");
  const auto report = world.protect(session);
  CHECK(report.removed_files == 1);
  CHECK(report.unchanged_files == 1);
  CHECK(report.sealed_bytes < 10'000);  // the long file is not sealed again
  world.restore(session, "restored");
  CHECK(world.read("restored/notes/plan.txt") == "buy nothing\n");
  CHECK(world.exists("restored/notes/new.txt"));
  CHECK(world.read("restored/notes/old/long.txt") == World::long_text());
  CHECK_FALSE(world.exists("restored/contacts"));
}

TEST_CASE("a threat is set aside by name and is not in the vault") {
  World world;
  // In two halves, so that no scanner stumbles over this file.
  const std::string eicar =
      std::string("X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-") + "ANTIVIRUS-TEST-FILE!$H+H*";
  world.write("notes/test.txt", eicar);
  world.enroll("phone");
  auto session = world.open("phone");
  world.consent(session, {Category::contacts, Category::documents, Category::other});
  const auto report = world.protect(session);
  REQUIRE(report.threats.size() == 1);
  CHECK(report.threats.front().path == "notes/test.txt");
  CHECK(report.needs_attention());
  world.restore(session, "restored");
  CHECK_FALSE(world.exists("restored/notes/test.txt"));
  CHECK(world.exists("restored/unknown.bin"));
  CHECK(world.protect(session).threats.size() == 1);  // and it is not forgotten
}

TEST_CASE("links, empty folders, modes, names of one file and holes survive") {
  World world;
  fs::create_directories(world.files() / "empty/inside");
  fs::create_symlink("notes/plan.txt", world.files() / "link");
  fs::create_hard_link(world.files() / "notes/plan.txt", world.files() / "notes/twin.txt");
  fs::permissions(world.files() / "notes/plan.txt", fs::perms::owner_read);
  world.write("sparse.txt", "a beginning, and then nothing for a long while\n");
  fs::resize_file(world.files() / "sparse.txt", 3'000'000);
  world.enroll("phone");
  auto session = world.open("phone");
  world.consent(session, {Category::contacts, Category::documents, Category::other});
  world.protect(session);
  world.restore(session, "restored");
  CHECK(fs::is_directory(world.top() / "restored/empty/inside"));
  CHECK(fs::read_symlink(world.top() / "restored/link") == "notes/plan.txt");
  CHECK(fs::hard_link_count(world.top() / "restored/notes/twin.txt") == 2);
  CHECK(fs::status(world.top() / "restored/notes/plan.txt").permissions() == fs::perms::owner_read);
  CHECK(world.read("restored/sparse.txt") == world.read("files/sparse.txt"));
}

TEST_CASE("the words bring the vault to a new phone, which restores and goes on") {
  World world;
  world.enroll("phone");
  {
    auto session = world.open("phone");
    world.consent(session, {Category::contacts, Category::documents});
    world.protect(session);
  }
  fs::remove_all(world.top() / "phone");
  phone::PreparedTerminal terminal;
  auto report = phone::recover(
      {.address = world.address(), .home = world.top() / "new", .words = world.words()}, terminal,
      world.clock());
  REQUIRE_MESSAGE(report, report.error().message);
  auto session = world.open("new");
  CHECK(world.restore(session, "restored").files == 3);
  CHECK(world.read("restored/contacts/asha.vcf") == kContact);
  CHECK(world.protect(session).kept_files == 3);
  phone::Progress quiet;
  auto checked = phone::check(session, {.all = true, .bundle = {}}, quiet);
  REQUIRE_MESSAGE(checked, checked.error().message);
  CHECK_FALSE(checked->needs_attention());
}

TEST_CASE("a withdrawn category does not come back, and all others do") {
  World world;
  world.enroll("phone");
  auto session = world.open("phone");
  world.consent(session, {Category::contacts, Category::documents});
  world.protect(session);
  phone::PreparedTerminal terminal;
  auto withdrawn = phone::withdraw(session,
                                   {.category = Category::contacts,
                                    .now = true,
                                    .words = world.words(),
                                    .words_out = world.top() / "new-words"},
                                   terminal);
  REQUIRE_MESSAGE(withdrawn, withdrawn.error().message);
  CHECK(withdrawn->completed);
  const auto restored = world.restore(session, "restored");
  CHECK(restored.files == 2);
  CHECK(restored.closed_trees == 1);
  CHECK_FALSE(world.exists("restored/contacts/asha.vcf"));
  const auto after = world.protect(session);
  CHECK(after.kept_files == 2);
  CHECK(after.without_consent.contains("contacts"));
  CHECK(world.restore(session, "restored-later").files == 2);
}

TEST_CASE("a run that was cut off is continued: nothing is lost, nothing is sealed twice") {
  World world;
  world.enroll("phone");
  auto session = world.open("phone");
  world.consent(session, {Category::contacts, Category::documents});
  world.protect(session);
  // As if the last commit and all after it had not happened: packs are there, trees are not saved.
  auto& database = session.records().database();
  REQUIRE(
      database.execute("UPDATE packs SET state = 0; DELETE FROM trees; DELETE FROM segments;"
                       "INSERT INTO unsaved_trees SELECT id FROM "
                       "(SELECT DISTINCT compartment AS id FROM files WHERE state = 0)"));
  const auto report = world.protect(session);
  CHECK(report.unchanged_files == 3);
  CHECK(report.is_committed);
  CHECK(world.restore(session, "restored").files == 3);
  CHECK(world.read("restored/notes/old/long.txt") == World::long_text());
}

TEST_CASE(
    "lost bytes are found, the files they touch are named, and the next run stores them again") {
  World world;
  world.enroll("phone");
  auto session = world.open("phone");
  world.consent(session, {Category::contacts, Category::documents});
  world.protect(session);
  phone::Progress quiet;
  auto sound = phone::check(session, {.all = false, .bundle = world.top() / "bundle.json"}, quiet);
  REQUIRE_MESSAGE(sound, sound.error().message);
  CHECK_FALSE(sound->needs_attention());
  CHECK(sound->leaves == sound->packs);
  CHECK(world.read("bundle.json").starts_with(R"({"schema":"amanat-bundle/1")"));

  for (const auto& entry : fs::recursive_directory_iterator(world.top() / "custodian/packs")) {
    if (!entry.is_regular_file()) continue;
    fs::permissions(entry.path(), fs::perms::owner_all);
    std::fstream file(entry.path(), std::ios::binary | std::ios::in | std::ios::out);
    file.seekp(1000);
    file.put('\x55');
    file.put('\x55');
  }
  auto damaged = phone::check(session, {.all = true, .bundle = {}}, quiet);
  REQUIRE_MESSAGE(damaged, damaged.error().message);
  CHECK(damaged->needs_attention());
  CHECK(damaged->damaged_files.size() == 3);

  const auto healed = world.protect(session);
  CHECK(healed.kept_files == 3);
  CHECK(healed.unchanged_files == 0);
  CHECK(world.restore(session, "restored").files == 3);
  CHECK(world.read("restored/notes/old/long.txt") == World::long_text());
}

}  // namespace amanat
