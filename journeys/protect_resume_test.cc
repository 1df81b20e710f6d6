// Protecting goes on after whatever stopped it: a run that was cut off, packs that were swept away
// meanwhile, a consent that is being withdrawn, a file that no tree can show.

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>

#include <doctest/doctest.h>

#include "amanat/clock/clock.h"
#include "amanat/custodian/custodian.h"
#include "amanat/phone/check.h"
#include "amanat/phone/consent_flow.h"
#include "amanat/phone/enroll.h"
#include "amanat/phone/file_records.h"
#include "amanat/phone/protect.h"
#include "amanat/phone/restore.h"
#include "amanat/phone/withdraw.h"

namespace amanat {
namespace {

namespace fs = std::filesystem;
using consent::Category;
using consent::CategorySet;

constexpr std::string_view kContact =
    "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Asha Rao\r\nN:Rao;Asha;;;\r\nTEL:+911234\r\nEND:VCARD\r\n";

/// The machine's clock, moved on by hand.
class LaterClock final : public Clock {
 public:
  Instant now() const override { return system_.now() + later_; }
  void advance(std::chrono::milliseconds by) { later_ += by; }

 private:
  SystemClock system_;
  std::chrono::milliseconds later_{0};
};

/// A custodian that is served, and a phone with consents for contacts and documents.
class Vault {
 public:
  Vault() {
    std::string pattern = (fs::temp_directory_path() / "amanat-resume-XXXXXX").string();
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
    write("contacts/asha.vcf", kContact);
    write("notes/plan.txt", "buy rice\nand oil\n");
    write("notes/old/long.txt", long_text());
    phone::PreparedTerminal terminal;
    auto enrolled = phone::enroll({.address = api::to_text(serving_->address()),
                                   .home = top_ / "phone",
                                   .words_out = top_ / "words",
                                   .token = {}},
                                  terminal, clock_);
    REQUIRE_MESSAGE(enrolled, enrolled.error().message);
    auto session = phone::Session::open(top_ / "phone", clock_);
    REQUIRE(session);
    session_.emplace(std::move(*session));
    auto consented = phone::ask_consent(
        *session_, {.grant = CategorySet{Category::contacts, Category::documents}}, terminal);
    REQUIRE_MESSAGE(consented, consented.error().message);
  }
  Vault(const Vault&) = delete;
  Vault& operator=(const Vault&) = delete;
  ~Vault() {
    session_.reset();
    serving_.reset();
    custodian_.reset();
    std::error_code ignored;
    fs::remove_all(top_, ignored);
  }

  fs::path files() const { return top_ / "files"; }
  phone::Session& session() { return *session_; }
  custodian::Custodian& custodian() { return *custodian_; }
  LaterClock& clock() { return clock_; }

  void write(const std::string& path, std::string_view text) {
    fs::create_directories((files() / path).parent_path());
    std::ofstream(files() / path, std::ios::binary) << text;
  }

  static std::string long_text() {
    std::string text;
    for (int i = 0; text.size() < 600'000; ++i) text += "line " + std::to_string(i * i) + "\n";
    return text;
  }

  void sql(std::string_view statements) {
    auto done = session_->records().database().execute(statements);
    REQUIRE_MESSAGE(done, done.error().message);
  }

  Result<phone::ProtectReport> try_protect(phone::ProtectOptions options = {}) {
    phone::Progress quiet;
    options.folder = files();
    return phone::protect(*session_, options, quiet);
  }

  phone::ProtectReport protect(const phone::ProtectOptions& options = {}) {
    auto report = try_protect(options);
    REQUIRE_MESSAGE(report, report.error().message);
    return std::move(*report);
  }

  void withdraw_contacts() {
    phone::PreparedTerminal terminal;
    auto report = phone::withdraw(*session_,
                                  {.category = Category::contacts,
                                   .now = false,
                                   .words = {},
                                   .words_out = top_ / "new-words"},
                                  terminal);
    REQUIRE_MESSAGE(report, report.error().message);
    CHECK_FALSE(report->completed);
  }

  phone::RestoreReport restore(const std::string& to) {
    phone::Progress quiet;
    phone::RestoreOptions options;
    options.destination = top_ / to;
    auto report = phone::restore(*session_, options, quiet);
    REQUIRE_MESSAGE(report, report.error().message);
    return std::move(*report);
  }

  std::string read(const std::string& path) const {
    std::ifstream file(top_ / path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
  }

 private:
  LaterClock clock_;
  fs::path top_;
  std::unique_ptr<custodian::Custodian> custodian_;
  std::unique_ptr<custodian::Serving> serving_;
  std::optional<phone::Session> session_;
};

/// As if a compartment had another pack, with more blobs than one index segment can name.
constexpr std::string_view kManyBlobs = R"(
  CREATE TEMP TABLE more AS
    SELECT compartment, randomblob(32) AS pack FROM files WHERE CAST(path AS TEXT) LIKE 'notes/%' LIMIT 1;
  INSERT INTO packs SELECT pack, compartment, 256, 1, 0, 2, 0 FROM more;
  WITH RECURSIVE numbers(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n < 84999)
  INSERT INTO blobs SELECT compartment, randomblob(32), pack, 16 * n, 16, 16, 0, 0, 1
    FROM more, numbers;
)";

/// As if the last run had been killed when its packs were stored and its trees not yet.
constexpr std::string_view kTreesForgotten = R"(
  DELETE FROM trees;
  DELETE FROM segments;
  UPDATE packs SET indexed = 0;
  INSERT OR IGNORE INTO unsaved_trees SELECT DISTINCT compartment FROM files WHERE state = 0;
)";

/// Ends a run as a kill would: when all packs are stored and before there is a commit of them.
constexpr std::string_view kCutBeforeCommit = R"(
  CREATE TRIGGER cut BEFORE INSERT ON facts WHEN NEW.name = 'pending_commit'
    BEGIN SELECT RAISE(ABORT, 'cut off'); END;
)";

/// The same, but the commit is kept to be sent again.
constexpr std::string_view kCutBeforeSending = R"(
  CREATE TABLE held AS SELECT * FROM events WHERE false;
  CREATE TRIGGER cut AFTER INSERT ON facts WHEN NEW.name = 'pending_commit' BEGIN
    INSERT INTO held SELECT * FROM events ORDER BY label_index DESC LIMIT 1;
    DELETE FROM events WHERE label_index IN (SELECT label_index FROM held);
  END;
)";
constexpr std::string_view kSendingGoesOn = R"(
  DROP TRIGGER cut;
  INSERT INTO events SELECT * FROM held;
)";

/// The same, but the commit is accepted and its answer is lost.
constexpr std::string_view kCutBeforeReceipts = R"(
  CREATE TRIGGER cut BEFORE DELETE ON facts WHEN OLD.name = 'pending_commit'
    BEGIN SELECT RAISE(ABORT, 'cut off'); END;
)";

constexpr std::chrono::hours kLongerThanUncommittedIsKept{8 * 24};

}  // namespace

TEST_CASE("an index segment that comes out as before is found where it is") {
  Vault vault;
  vault.protect();
  vault.sql(kManyBlobs);
  vault.sql(kTreesForgotten);
  vault.protect();  // more than one segment for each compartment
  CHECK(vault.restore("first").files == 3);
  vault.sql(kTreesForgotten);
  CHECK(vault.protect().is_committed);
  CHECK(vault.restore("second").files == 3);
  CHECK((vault.read("second/notes/old/long.txt") == Vault::long_text()));
}

TEST_CASE("segments that are many are made into few, again and again") {
  Vault vault;
  vault.protect();
  vault.sql(kManyBlobs);
  for (const std::string to : {"first", "second", "third"}) {
    CAPTURE(to);
    vault.sql(R"(
      WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 256)
      INSERT INTO segments SELECT compartment, pack, randomblob(32) FROM trees, numbers;
      INSERT INTO blobs SELECT compartment, name, pack, 0, 16, 16, 0, 0, 3 FROM segments
        WHERE true ON CONFLICT DO NOTHING;
      INSERT OR IGNORE INTO unsaved_trees SELECT DISTINCT compartment FROM files WHERE state = 0;
    )");
    vault.protect();
    CHECK(vault.restore(to).files == 3);
  }
}

TEST_CASE("packs that were swept away before their commit are stored again") {
  Vault vault;
  SUBCASE("no commit was made") {
    vault.sql(kCutBeforeCommit);
    CHECK_FALSE(vault.try_protect());
    vault.sql("DROP TRIGGER cut");
  }
  SUBCASE("a commit was made and not sent") {
    vault.sql(kCutBeforeSending);
    CHECK_FALSE(vault.try_protect());
    vault.sql(kSendingGoesOn);
  }
  vault.clock().advance(kLongerThanUncommittedIsKept);
  const auto swept = vault.custodian().sweep();
  CHECK(swept.failures.empty());
  const auto report = vault.protect();
  CHECK(report.kept_files == 3);
  CHECK(report.sent_packs != 0);
  CHECK(vault.restore("restored").files == 3);
  CHECK_FALSE(vault.protect().is_committed);
}

TEST_CASE("a commit is sent again as long as its packs are there") {
  Vault vault;
  SUBCASE("it was not sent") {
    vault.sql(kCutBeforeSending);
    CHECK_FALSE(vault.try_protect());
    vault.sql(kSendingGoesOn);
  }
  SUBCASE("its answer was lost") {
    vault.sql(kCutBeforeReceipts);
    CHECK_FALSE(vault.try_protect());
    vault.sql("DROP TRIGGER cut");
  }
  const auto report = vault.protect();
  CHECK(report.unchanged_files == 3);
  CHECK(vault.restore("restored").files == 3);
}

TEST_CASE("a commit of a pack that is forgotten does not stop the next") {
  Vault vault;
  SUBCASE("it was not sent") {
    vault.sql(kCutBeforeSending);
    CHECK_FALSE(vault.try_protect());
    vault.sql(kSendingGoesOn);
  }
  SUBCASE("its answer was lost") {
    vault.sql(kCutBeforeReceipts);
    CHECK_FALSE(vault.try_protect());
    vault.sql("DROP TRIGGER cut");
  }
  vault.sql(R"(
    CREATE TEMP TABLE gone AS SELECT id FROM packs LIMIT 1;
    DELETE FROM blobs WHERE pack IN (SELECT id FROM gone);
    DELETE FROM packs WHERE id IN (SELECT id FROM gone);
  )");
  CHECK(vault.protect().kept_files == 3);
  vault.write("notes/new.txt", "a new thought, written down\n");
  CHECK(vault.protect().is_committed);
  CHECK(vault.restore("restored").files == 4);
  phone::Progress quiet;
  auto checked = phone::check(vault.session(), {.all = false, .bundle = {}}, quiet);
  REQUIRE_MESSAGE(checked, checked.error().message);
  CHECK_FALSE(checked->needs_attention());
}

TEST_CASE("what a withdrawal would erase stays as it was, until it is cancelled") {
  Vault vault;
  vault.write("contacts/ravi.vcf", kContact);
  vault.write("contacts/notes.txt", "whom to call\n");
  CHECK(vault.protect().kept_files == 5);
  vault.withdraw_contacts();
  CHECK(vault.protect().kept_files == 3);
  fs::remove(vault.files() / "contacts/asha.vcf");
  vault.write("contacts/ravi.vcf", std::string(kContact) + std::string(kContact));
  vault.write("notes/new.txt", "a new thought, written down\n");
  const auto meanwhile = vault.protect();
  CHECK(meanwhile.kept_files == 4);
  CHECK(meanwhile.is_committed);
  CHECK(meanwhile.without_consent.at("contacts").files == 1);
  const auto closed = vault.restore("meanwhile");
  CHECK(closed.files == 4);
  CHECK(closed.closed_trees == 1);
  CHECK_FALSE(vault.protect().is_committed);

  auto cancelled = phone::cancel_withdrawal(vault.session(), Category::contacts);
  REQUIRE_MESSAGE(cancelled, cancelled.error().message);
  CHECK(vault.restore("before").files == 6);
  CHECK(vault.read("before/contacts/asha.vcf") == kContact);
  CHECK(vault.read("before/contacts/ravi.vcf") == kContact);  // as it was then

  const auto after = vault.protect();
  CHECK(after.kept_files == 5);
  CHECK(after.removed_files == 1);
  CHECK(vault.restore("after").files == 5);
  CHECK(vault.read("after/contacts/ravi.vcf") == vault.read("files/contacts/ravi.vcf"));
}

TEST_CASE("packs of a withdrawn consent do not stop the commit of the others") {
  Vault vault;
  vault.sql(kCutBeforeCommit);
  CHECK_FALSE(vault.try_protect());
  vault.sql("DROP TRIGGER cut");
  vault.withdraw_contacts();
  CHECK(vault.protect().kept_files == 2);
  CHECK(vault.restore("meanwhile").files == 2);
  auto cancelled = phone::cancel_withdrawal(vault.session(), Category::contacts);
  REQUIRE_MESSAGE(cancelled, cancelled.error().message);
  CHECK(vault.protect().kept_files == 3);
  CHECK(vault.restore("after").files == 3);
}

TEST_CASE("a consent without a key leaves its own things here and stops nothing else") {
  Vault vault;
  SUBCASE("its compartment is there") { vault.protect(); }
  SUBCASE("its compartment was never made") {}
  vault.withdraw_contacts();
  // As it is on another device of the account, which has heard of nothing.
  vault.sql("DELETE FROM withdrawals; UPDATE grants SET state = 0");
  const auto report = vault.protect();
  CHECK(report.kept_files == 2);
  REQUIRE(report.without_consent.contains("contacts"));
  CHECK(report.without_consent.at("contacts").files == 1);
  CHECK_FALSE(report.without_consent.at("contacts").reason.empty());
}

TEST_CASE("a file that no tree can show stays here by name, and all others are protected") {
  Vault vault;
  vault.write("notes/old/long.txt", "not long at all\n");
  std::string large;  // six blobs at least, where all others are one
  while (large.size() < 12'000'000) large += "buy rice\nand oil\n";
  vault.write("notes/large.txt", large);
  const phone::ProtectOptions small{.folder = {}, .node_bytes_max = 220};
  const auto check_left = [&](const phone::ProtectReport& report) {
    REQUIRE(report.unreadable.size() == 1);
    CHECK(report.unreadable.front().path == "notes/large.txt");
    CHECK(report.unreadable.front().reason == "too large or too fragmented for this version");
    CHECK(report.needs_attention());
  };
  SUBCASE("it is new") {
    check_left(vault.protect(small));
    CHECK(vault.restore("restored").files == 3);
    CHECK(vault.protect().kept_files == 4);
    CHECK(vault.restore("later").files == 4);
  }
  SUBCASE("an earlier version let it into the records") {
    vault.protect();
    vault.sql(
        "UPDATE files SET node = zeroblob(5000000) WHERE path = CAST('notes/large.txt' AS BLOB)");
    vault.write("notes/plan.txt", "buy nothing\n");
    check_left(vault.protect(small));
    CHECK(vault.restore("restored").files == 3);
    CHECK(vault.read("restored/notes/plan.txt") == "buy nothing\n");
  }
  SUBCASE("it was smaller once") {
    vault.write("notes/large.txt", "not large yet\n");
    vault.protect(small);
    vault.write("notes/large.txt", large);
    check_left(vault.protect(small));
    CHECK(vault.restore("restored").files == 4);
    CHECK(vault.read("restored/notes/large.txt") == "not large yet\n");
  }
}

TEST_CASE("a file in thousands of pieces is protected, with its largest holes") {
  Vault vault;
  phone::PreparedTerminal terminal;
  REQUIRE(phone::ask_consent(vault.session(), {.grant = CategorySet{Category::other}}, terminal));
  constexpr int kPieces = 4'300;
  {
    std::ofstream file(vault.files() / "pieces", std::ios::binary);
    for (int i = 1; i <= kPieces; ++i) {
      file.seekp(std::streamoff{i} * 128 * 1024);
      file << "piece " << i << "\n";
    }
  }
  const auto report = vault.protect();
  CHECK(report.unreadable.empty());
  CHECK(report.kept_files == 4);
  phone::FileRecords records(vault.session().records());
  const auto root = records.open_root(fs::canonical(vault.files()).string());
  REQUIRE(root);
  const auto rows = records.files(root->id);
  REQUIRE(rows);
  const auto row = std::ranges::find(*rows, "pieces", &phone::FileRow::path);
  REQUIRE(row != rows->end());
  const auto node = seal::Node::parse(row->node);
  REQUIRE(node);
  CHECK(node->file()->holes.size() <= phone::kHolesMax);
}

}  // namespace amanat
