#include "amanat/phone/scan_command.h"

#include <fstream>
#include <thread>

#include <doctest/doctest.h>

#include "amanat/phone/quarantine_threat.h"
#include "amanat/phone/report_text.h"
#include "amanat/phone/watch_command.h"
#include "amanat/store/temporary_folder.h"

using namespace amanat;
using namespace amanat::phone;

namespace {

namespace fs = std::filesystem;

// In two halves, so that no scanner takes this test for what it tests.
const std::string kEicar =
    std::string(R"(X5O!P%@AP[4\PZX54(P^)7CC)7})") + "$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*";

/// An hour later than it is: every file has been quiet for long.
class LaterClock final : public Clock {
 public:
  Instant now() const override { return SystemClock().now() + std::chrono::hours(1); }
};

/// Counts what is examined.
class CountingExaminer final : public scan::Examiner {
 public:
  explicit CountingExaminer(const Clock& clock)
      : inner_(scan::examine_here(scan::Database::builtin(), {}, clock)) {}

  Result<ByteSpan> buffer(std::size_t size) override { return inner_->buffer(size); }
  scan::Verdict examine(ByteView bytes) override {
    ++examined;
    scan::Verdict verdict = inner_->examine(bytes);
    if (verdict.kind == scan::Verdict::Kind::threat) verdict.threat_class = threat_class;
    return verdict;
  }
  scan::Verdict examine_file(int descriptor) override {
    ++examined;
    return inner_->examine_file(descriptor);
  }
  Result<indicator::App> read_app(ByteView bytes) override { return inner_->read_app(bytes); }
  Result<indicator::App> read_app_file(int descriptor) override {
    return inner_->read_app_file(descriptor);
  }
  const scan::Database& database() const override { return inner_->database(); }

  std::size_t examined = 0;
  threat::Class threat_class = threat::Class::malware;

 private:
  std::unique_ptr<scan::Examiner> inner_;
};

struct World {
  store::TemporaryFolder folder;
  fs::path files = fs::canonical(folder.path()) / "files";
  fs::path home = folder.path() / "home";
  LaterClock clock;
  CountingExaminer examiner{clock};
  VerdictCache cache = make_cache();

  World() {
    fs::create_directory(files);
    write("letter.txt", "nothing to see");
    write("a.com", kEicar);
  }
  static VerdictCache make_cache() {
    auto made = VerdictCache::open_in_memory();
    REQUIRE(made);
    return std::move(*made);
  }
  void write(const std::string& name, std::string_view content) const {
    std::ofstream(files / name, std::ios::binary) << content;
  }
  ScanReport scan(const ScanOptions& options) {
    Progress quiet;
    examiner.examined = 0;
    auto report = scan_paths(examiner, {files}, options, clock, quiet);
    if (!report) FAIL(report.error().message);
    return std::move(*report);
  }
  PutThreatAway put_away(bool stalkerware_too = false) {
    return [this, stalkerware_too](const fs::path& path, const FileStamp& examined,
                                   const scan::Verdict& verdict) {
      return put_threat_away({.home = home, .stalkerware_too = stalkerware_too}, path, examined,
                             verdict, clock.now());
    };
  }
};

}  // namespace

TEST_CASE("an unchanged file is not examined again, and what was found in it is told again") {
  World world;
  CHECK(world.scan({.cache = &world.cache}).findings.size() == 1);
  CHECK(world.examiner.examined == 2);
  const ScanReport again = world.scan({.cache = &world.cache});
  CHECK(world.examiner.examined == 0);
  CHECK(again.files == 2);
  CHECK(again.unchanged_files == 2);
  REQUIRE(again.findings.size() == 1);
  CHECK(again.findings[0].verdict.signature == "Eicar-Test-Signature");
  CHECK(again.has_threats());

  world.write("letter.txt", "something new, and longer");
  CHECK(world.scan({.cache = &world.cache}).unchanged_files == 1);
  CHECK(world.examiner.examined == 1);
  CHECK(world.scan({}).unchanged_files == 0);
  CHECK(world.examiner.examined == 2);
}

TEST_CASE("a content that is known under another name is not examined") {
  World world;
  world.scan({.cache = &world.cache});
  world.write("b.com", kEicar);
  CHECK(world.scan({.cache = &world.cache}).findings.size() == 2);
  CHECK(world.examiner.examined == 0);
}

TEST_CASE("verdicts of other limits do not count") {
  World world;
  world.scan({.cache = &world.cache});
  scan::Limits other;
  ++other.entries_max;
  world.scan({.cache = &world.cache, .limits = other});
  CHECK(world.examiner.examined == 2);
}

TEST_CASE("a scan that is told to stop says that it is not complete") {
  World world;
  const ScanReport report = world.scan({.should_stop = [] { return true; }});
  CHECK(report.is_cut);
  CHECK_FALSE(report.is_complete());
  CHECK(report.files == 0);
}

TEST_CASE("a threat that is put away is gone from its place and in the quarantine, with why") {
  World world;
  const ScanReport report = world.scan({.cache = &world.cache, .put_away = world.put_away()});
  REQUIRE(report.findings.size() == 1);
  REQUIRE(report.findings[0].put_away);
  CHECK_FALSE(fs::exists(world.files / "a.com"));
  CHECK(Quarantine::count(world.home / "quarantine") == 1);
  {
    auto quarantine = Quarantine::open(world.home / "quarantine", world.home / "keys");
    REQUIRE(quarantine);
    const auto record = quarantine->show(*report.findings[0].put_away);
    REQUIRE(record);
    CHECK(record->reason.signature == "Eicar-Test-Signature");
    CHECK_FALSE(record->reason.words.empty());
    REQUIRE(quarantine->restore(*report.findings[0].put_away));
  }
  CHECK(fs::file_size(world.files / "a.com") == kEicar.size());
  CHECK(Quarantine::count(world.home / "quarantine") == 0);
}

TEST_CASE("a threat that changed after it was examined stays as it is") {
  World world;
  const auto put_away = world.put_away();
  const auto change_first = [&](const fs::path& path, const FileStamp& examined,
                                const scan::Verdict& verdict) {
    world.write("a.com", "harmless now");
    return put_away(path, examined, verdict);
  };
  const ScanReport report = world.scan({.put_away = change_first});
  REQUIRE(report.findings.size() == 1);
  CHECK_FALSE(report.findings[0].put_away);
  CHECK_FALSE(report.findings[0].left_because.empty());
  CHECK(fs::file_size(world.files / "a.com") == 12);
  CHECK(Quarantine::count(world.home / "quarantine") == 0);
}

TEST_CASE("stalkerware is told and explained, and not taken away unless that is asked for") {
  World world;
  world.examiner.threat_class = threat::Class::stalkerware;
  const ScanReport report = world.scan({.put_away = world.put_away()});
  REQUIRE(report.findings.size() == 1);
  CHECK(fs::exists(world.files / "a.com"));
  CHECK(report.findings[0].left_because.contains("alert"));
  const ReportText brief = report_text(report, world.examiner.database(), false);
  CHECK(brief.lines.back().contains("--explain"));
  const ReportText long_one = report_text(report, world.examiner.database(), true);
  CHECK(long_one.lines.size() > brief.lines.size() + 3);

  CHECK(world.scan({.put_away = world.put_away(true)}).findings[0].put_away);
  CHECK_FALSE(fs::exists(world.files / "a.com"));
}

TEST_CASE("a watch examines what arrives, and not what the phone itself writes") {
  World world;
  fs::create_directory(world.files / "home");
  std::vector<std::string> told;
  const auto ends = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  std::jthread writer;
  const auto report = watch_folders(
      world.examiner,
      {.folders = {world.files},
       .home = world.files / "home",
       .scan = {.should_stop =
                    [&] { return !told.empty() || std::chrono::steady_clock::now() > ends; }},
       .watch = {.quiet = std::chrono::milliseconds(20), .without_fanotify = true},
       .look_up = std::chrono::milliseconds(50),
       .on_start =
           [&](const Watch&) {
             writer = std::jthread([&] {
               world.write("home/ours.com", kEicar);
               std::this_thread::sleep_for(std::chrono::milliseconds(200));
               world.write("arrived.com", kEicar);
             });
           },
       .on_finding = [&](const ScannedFile& file) { told.push_back(file.path); }},
      world.clock);
  REQUIRE(report);
  CHECK(told == std::vector{(world.files / "arrived.com").string()});
  CHECK(report->threats == 1);
}
