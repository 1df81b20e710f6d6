// What comes back when the custodian lost or bent bytes, and when other things stand in the way.

#include <algorithm>
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
#include "amanat/phone/protect.h"
#include "amanat/phone/recover.h"
#include "amanat/phone/report_text.h"
#include "amanat/phone/restore.h"

namespace amanat {
namespace {

namespace fs = std::filesystem;
using consent::Category;

constexpr std::size_t kFrame = seal::kFrameBytes;

/// A custodian and a phone that lets it keep documents.
class Kept {
 public:
  Kept() {
    std::string pattern = (fs::temp_directory_path() / "amanat-damage-XXXXXX").string();
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
    phone::PreparedTerminal terminal;
    auto enrolled = phone::enroll(
        {.address = address(), .home = top_ / "phone", .words_out = top_ / "words", .token = {}},
        terminal, clock_);
    REQUIRE_MESSAGE(enrolled, enrolled.error().message);
    auto session = phone::Session::open(top_ / "phone", clock_);
    REQUIRE(session);
    session_.emplace(std::move(*session));
    auto asked = phone::ask_consent(*session_, {.grant = consent::CategorySet{Category::documents}},
                                    terminal);
    REQUIRE_MESSAGE(asked, asked.error().message);
  }
  Kept(const Kept&) = delete;
  Kept& operator=(const Kept&) = delete;
  ~Kept() {
    session_.reset();
    serving_.reset();
    custodian_.reset();
    std::error_code ignored;
    fs::remove_all(top_, ignored);
  }

  phone::Session& session() { return *session_; }
  fs::path top() const { return top_; }
  fs::path at(const std::string& path) const { return top_ / path; }
  std::string address() const { return api::to_text(serving_->address()); }

  void write(const std::string& path, std::string_view text) const {
    fs::create_directories(at(path).parent_path());
    std::ofstream(at(path), std::ios::binary) << text;
  }
  std::string read(const std::string& path) const {
    std::ifstream file(at(path), std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
  }

  phone::ProtectReport protect(const std::string& folder) {
    phone::Progress quiet;
    auto report = phone::protect(*session_, {.folder = at(folder)}, quiet);
    REQUIRE_MESSAGE(report, report.error().message);
    return std::move(*report);
  }

  static phone::RestoreReport restore_with(phone::Session& session, phone::RestoreOptions options) {
    phone::Progress quiet;
    auto report = phone::restore(session, options, quiet);
    REQUIRE_MESSAGE(report, report.error().message);
    return std::move(*report);
  }
  phone::RestoreReport restore(const std::string& to, phone::RestoreOptions options = {}) {
    options.destination = at(to);
    return restore_with(*session_, std::move(options));
  }

  phone::CheckReport check_all() {
    phone::Progress quiet;
    auto report = phone::check(*session_, {.all = true, .bundle = {}}, quiet);
    REQUIRE_MESSAGE(report, report.error().message);
    return std::move(*report);
  }

  phone::Session recover(const std::string& home) {
    phone::PreparedTerminal terminal;
    auto report = phone::recover(
        {.address = address(), .home = top_ / home, .words = top_ / "words"}, terminal, clock_);
    REQUIRE_MESSAGE(report, report.error().message);
    auto session = phone::Session::open(top_ / home, clock_);
    REQUIRE(session);
    return std::move(*session);
  }

  std::vector<fs::path> packs() const {
    std::vector<fs::path> found;
    for (const auto& entry : fs::recursive_directory_iterator(top_ / "custodian/packs")) {
      if (entry.is_regular_file()) found.push_back(entry.path());
    }
    return found;
  }
  fs::path only_pack() const {
    const auto found = packs();
    REQUIRE(found.size() == 1);
    return found.front();
  }

 private:
  SystemClock clock_;
  fs::path top_;
  std::unique_ptr<custodian::Custodian> custodian_;
  std::unique_ptr<custodian::Serving> serving_;
  std::optional<phone::Session> session_;
};

/// Text that no compressor makes much smaller.
std::string noise_text(std::size_t size) {
  std::string text;
  std::uint64_t state = 7;
  while (text.size() < size) {
    state = state * 6364136223846793005U + 1442695040888963407U;
    text += "word" + std::to_string(state >> 20U) + (text.size() % 7 == 0 ? "\n" : " ");
  }
  return text;
}

/// Flips one byte.
void bend(const fs::path& file, std::size_t offset) {
  fs::permissions(file, fs::perms::owner_all);
  std::fstream bytes(file, std::ios::binary | std::ios::in | std::ios::out);
  bytes.seekg(static_cast<std::streamoff>(offset));
  const char byte = static_cast<char>(bytes.get());
  bytes.seekp(static_cast<std::streamoff>(offset));
  bytes.put(static_cast<char>(byte ^ 1));
}

std::size_t frames_of(const fs::path& pack) { return fs::file_size(pack) / kFrame; }

phone::RestoreOptions replacing() {
  phone::RestoreOptions options;
  options.overwrite = true;
  return options;
}

bool is_named(const std::vector<phone::DamagedFile>& damaged, const std::string& path) {
  return std::ranges::find(damaged, path, &phone::DamagedFile::path) != damaged.end();
}

}  // namespace

TEST_CASE("one bent byte loses the file it lies in, by name, and no other") {
  Kept kept;
  kept.write("files/a.txt", "a few words at the beginning\n");
  kept.write("files/long.txt", noise_text(600'000));
  kept.write("files/z.txt", "a few words at the end\n");
  kept.protect("files");
  bend(kept.only_pack(), 2 * kFrame + 100);
  const auto report = kept.restore("back");
  CHECK(report.files == 2);
  REQUIRE(report.damaged.size() == 1);
  CHECK(report.damaged[0].path == "long.txt");
  CHECK(kept.read("back/a.txt") == kept.read("files/a.txt"));
  CHECK(kept.read("back/z.txt") == kept.read("files/z.txt"));
  CHECK(fs::file_size(kept.at("back/long.txt")) == fs::file_size(kept.at("files/long.txt")));
}

TEST_CASE("where the tree itself is bent, the phone knows the names and reads what still opens") {
  Kept kept;
  kept.write("files/a.txt", "a few words at the beginning\n");
  kept.write("files/long.txt", noise_text(600'000));
  kept.protect("files");
  const fs::path pack = kept.only_pack();
  for (std::size_t frame = 1; frame < frames_of(pack); ++frame) bend(pack, frame * kFrame + 100);
  const auto report = kept.restore("back");
  CHECK(report.files == 1);
  CHECK(kept.read("back/a.txt") == kept.read("files/a.txt"));
  CHECK(report.damaged.size() == 1);
  CHECK(is_named(report.damaged, "long.txt"));

  // A phone that did not protect them cannot know the names, and counts no file.
  auto other = kept.recover("other");
  const auto elsewhere =
      Kept::restore_with(other, {.destination = kept.at("elsewhere"), .only = {}, .pattern = {}});
  CHECK(elsewhere.files == 0);
  CHECK(elsewhere.damaged.empty());
  CHECK(elsewhere.unnamed.size() == 1);
  CHECK(elsewhere.needs_attention());
}

TEST_CASE("a lost pack is told as lost, and its files by name") {
  Kept kept;
  kept.write("files/a.txt", "a few words\n");
  kept.protect("files");
  fs::remove(kept.only_pack());
  const auto report = kept.restore("back");
  REQUIRE(report.damaged.size() == 1);
  CHECK(report.damaged[0].path == "a.txt");
  CHECK(report.damaged[0].reason.contains("the custodian has lost pack"));
  const auto checked = kept.check_all();
  REQUIRE(checked.problems.size() == 1);
  CHECK(checked.problems[0].contains("is lost at the custodian"));
}

TEST_CASE("what is lost takes no file's place, and a later restore repairs what it left") {
  Kept kept;
  kept.write("files/a.txt", "a few words at the beginning\n");
  kept.write("files/long.txt", noise_text(600'000));
  kept.protect("files");
  const fs::path pack = kept.only_pack();
  bend(pack, 2 * kFrame + 100);
  kept.write("back/long.txt", "mine");
  const auto replaced = kept.restore("back", replacing());
  CHECK(is_named(replaced.damaged, "long.txt"));
  CHECK(kept.read("back/long.txt") == "mine");
  CHECK_FALSE(fs::exists(kept.at("back/.amanat-restoring")));

  CHECK(kept.restore("later").damaged.size() == 1);
  CHECK(kept.restore("later").damaged.size() == 1);  // still damaged, still told
  bend(pack, 2 * kFrame + 100);                      // whole again
  const auto repaired = kept.restore("later");
  CHECK(repaired.files == 1);
  CHECK(repaired.in_the_way.empty());
  CHECK(kept.read("later/long.txt") == kept.read("files/long.txt"));
  CHECK(kept.restore("later").already_there == 2);

  bend(pack, 2 * kFrame + 100);
  kept.restore("edited");
  kept.write("edited/long.txt", std::string(fs::file_size(kept.at("files/long.txt")), 'x'));
  bend(pack, 2 * kFrame + 100);
  CHECK(kept.restore("edited").in_the_way.size() == 1);  // somebody's work now
}

TEST_CASE("after damage, protect stores again what was lost, and check is content") {
  Kept kept;
  kept.write("files/a.txt", "a few words at the beginning\n");
  kept.write("files/long.txt", noise_text(600'000));
  kept.protect("files");
  kept.write("files/new.txt", "more words\n");
  kept.protect("files");
  for (const fs::path& pack : kept.packs()) bend(pack, 100);
  CHECK(kept.check_all().needs_attention());
  CHECK(kept.protect("files").unchanged_files == 0);
  const auto after = kept.check_all();
  CHECK_FALSE(after.needs_attention());
  CHECK(kept.restore("back").files == 3);
  CHECK(kept.read("back/long.txt") == kept.read("files/long.txt"));
  CHECK_FALSE(kept.protect("files").is_committed);
}

TEST_CASE(
    "what was damaged under another folder stays named until that folder is protected again") {
  Kept kept;
  kept.write("one/a.txt", "words of the first folder\n");
  kept.write("two/b.txt", "words of the second folder\n");
  kept.protect("one");
  kept.protect("two");
  for (const fs::path& pack : kept.packs()) bend(pack, 100);
  CHECK(kept.check_all().damaged_files.size() == 2);
  kept.protect("one");
  CHECK(kept.restore("back").files == 1);
  const auto half = kept.check_all();
  REQUIRE(half.damaged_files.size() == 1);
  CHECK(half.damaged_files[0].ends_with("two/b.txt"));
  kept.protect("two");
  CHECK_FALSE(kept.check_all().needs_attention());
  CHECK(kept.restore("whole").files == 2);
}

TEST_CASE("names of one file that were read at different times keep what each was") {
  Kept kept;
  kept.write("one/x.txt", "the first words\n");
  fs::create_directories(kept.at("two"));
  fs::create_hard_link(kept.at("one/x.txt"), kept.at("two/x.txt"));
  kept.protect("one");
  kept.write("one/x.txt", "other words, newer\n");
  kept.protect("two");
  kept.restore("back");
  CHECK(kept.read("back/one/x.txt") == "the first words\n");
  CHECK(kept.read("back/two/x.txt") == "other words, newer\n");
}

TEST_CASE("a further name joins the file that was restored, never what else stands there") {
  Kept kept;
  kept.write("files/a.txt", "words under two names\n");
  fs::create_hard_link(kept.at("files/a.txt"), kept.at("files/b.txt"));
  kept.protect("files");

  kept.write("first/a.txt", "foreign");
  const auto first = kept.restore("first");
  CHECK(first.in_the_way == std::vector<std::string>{"a.txt"});
  CHECK(kept.read("first/b.txt") == "words under two names\n");

  kept.write("second/b.txt", "foreign");
  const auto second = kept.restore("second");
  CHECK(second.in_the_way == std::vector<std::string>{"b.txt"});
  CHECK(kept.read("second/b.txt") == "foreign");
  const auto replaced = kept.restore("second", replacing());
  CHECK(replaced.in_the_way.empty());
  CHECK(fs::hard_link_count(kept.at("second/b.txt")) == 2);
  CHECK(kept.restore("second").already_there == 2);

  fs::remove(kept.only_pack());
  const auto lost = kept.restore("third");
  CHECK(is_named(lost.damaged, "a.txt"));
  CHECK(is_named(lost.damaged, "b.txt"));
}

TEST_CASE("one thing in the way does not end a restore, and what differs is not already there") {
  Kept kept;
  kept.write("files/below/a.txt", "some words\n");
  kept.write("files/z.txt", "other words\n");
  kept.protect("files");
  kept.write("file/below", "a file where a folder should be\n");
  auto report = kept.restore("file");
  CHECK(report.in_the_way == std::vector<std::string>{"below/a.txt"});
  CHECK(report.files == 1);
  fs::create_directories(kept.at("link"));
  fs::create_symlink("/", kept.at("link/below"));
  report = kept.restore("link");
  CHECK(report.in_the_way == std::vector<std::string>{"below/a.txt"});
  CHECK(report.files == 1);
}

}  // namespace amanat
