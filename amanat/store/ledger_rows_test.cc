#include "amanat/store/ledger_rows.h"

#include <csignal>
#include <functional>
#include <optional>
#include <sys/wait.h>
#include <unistd.h>

#include <doctest/doctest.h>

#include "amanat/store/temporary_folder.h"
#include "amanat/tlog/ledger_suite.h"

using namespace amanat;
using namespace amanat::store;

namespace {

class RowsWorld final : public tlog::LedgerWorld {
 public:
  RowsWorld() { open(); }
  tlog::LedgerStorage& storage() override { return *rows_; }
  void begin() override {
    auto transaction = Transaction::begin(*database_);
    REQUIRE(transaction.has_value());
    transaction_.emplace(std::move(*transaction));
  }
  void commit() override {
    REQUIRE(transaction_->commit().has_value());
    transaction_.reset();
  }
  void rollback() override { transaction_.reset(); }
  void reopen() override {
    transaction_.reset();
    rows_.reset();
    database_.reset();
    open();
  }
  Database& database() { return *database_; }

 private:
  void open() {
    const std::array steps{kLedgerSchema};
    auto database = Database::open(folder_.path() / "records", {.migrations = steps});
    REQUIRE(database.has_value());
    database_.emplace(std::move(*database));
    rows_.emplace(*database_);
  }

  TemporaryFolder folder_;
  std::optional<Database> database_;
  std::optional<LedgerRows> rows_;
  std::optional<Transaction> transaction_;
};

const std::array kSteps{kLedgerSchema};

/// Runs `body` over the log at `path` in a process that is then killed without warning.
void run_and_kill(const std::filesystem::path& path,
                  const std::function<void(Database&, tlog::Ledger&)>& body) {
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    auto database = Database::open(path, {.migrations = kSteps});
    if (!database) ::_exit(1);
    LedgerRows rows(*database);
    auto ledger = tlog::Ledger::open(rows, tlog::suite_key());
    if (!ledger) ::_exit(2);
    body(*database, *ledger);
    ::kill(::getpid(), SIGKILL);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(WIFSIGNALED(status));
}

}  // namespace

TEST_CASE("a process that is killed leaves what it committed and nothing else") {
  const TemporaryFolder folder;
  const auto path = folder.path() / "records";
  run_and_kill(path, [](Database& database, tlog::Ledger& ledger) {
    auto durable = Transaction::begin(database);
    ensure(ledger.append(tlog::suite_entries(0, 300), tlog::suite_seed()).has_value(), "appended");
    ensure(durable->commit().has_value(), "committed");
    auto lost = Transaction::begin(database);
    ensure(ledger.append(tlog::suite_entries(300, 400), tlog::suite_seed()).has_value(),
           "appended");
    ::kill(::getpid(), SIGKILL);
  });
  auto database = Database::open(path, {.migrations = kSteps});
  REQUIRE(database.has_value());
  LedgerRows rows(*database);
  auto ledger = tlog::Ledger::open(rows, tlog::suite_key());
  REQUIRE(ledger.has_value());
  CHECK(*ledger->size() == 300);
  CHECK(tlog::root_of(*ledger->checkpoint()) == tlog::expected_root(300));
  tlog::check_proofs(*ledger, {});
  tlog::check_from_outside(*ledger, {});
}

TEST_CASE("a ledger in SQLite keeps what every ledger keeps") {
  tlog::check_ledger([] { return std::make_unique<RowsWorld>(); });
}

TEST_CASE("rows that were altered behind the log's back do not open") {
  RowsWorld world;
  {
    tlog::Ledger ledger = tlog::open_ledger(world);
    tlog::append_durably(world, ledger, 300);
  }
  const auto alter = [&](std::string_view sql) { REQUIRE(world.database().run(sql).has_value()); };
  SUBCASE("the last entry is gone") { alter("DELETE FROM log_entries WHERE idx = 299"); }
  SUBCASE("the last entry is another") {
    alter("UPDATE log_entries SET bytes = x'01' WHERE idx = 299");
  }
  SUBCASE("the right edge is gone") { alter("DELETE FROM log_tiles WHERE level = 0 AND idx = 1"); }
  SUBCASE("the right edge is longer") {
    alter("UPDATE log_tiles SET bytes = zeroblob(1440) WHERE level = 0 AND idx = 1");
  }
  SUBCASE("the head is older") { alter("UPDATE log_head SET size = 299"); }
  const auto ledger = tlog::Ledger::open(world.storage(), tlog::suite_key());
  REQUIRE_FALSE(ledger.has_value());
  CHECK(ledger.error().code == Code::corrupt);
}

TEST_CASE("an entry lost inside the log is missed, not made up") {
  RowsWorld world;
  tlog::Ledger ledger = tlog::open_ledger(world);
  tlog::append_durably(world, ledger, 300);
  REQUIRE(world.database().run("DELETE FROM log_entries WHERE idx = 7").has_value());
  CHECK_FALSE(ledger.entry(7).has_value());
  CHECK_FALSE(ledger.serve("tile/entries/000").has_value());
  CHECK(ledger.entry(8).has_value());
}

TEST_CASE("another connection reads the log while this one writes") {
  RowsWorld world;
  tlog::Ledger ledger = tlog::open_ledger(world);
  tlog::append_durably(world, ledger, 10);
  const TemporaryFolder folder;
  auto path = world.database().prepare("SELECT file FROM pragma_database_list");
  REQUIRE(*path->first());
  auto other = Database::open(std::string(path->text(0)), {.migrations = {}, .read_only = true});
  REQUIRE(other.has_value());
  LedgerRows rows(*other);
  auto reader = tlog::Ledger::open(rows, tlog::suite_key());
  REQUIRE(reader.has_value());
  world.begin();
  REQUIRE(ledger.append(tlog::suite_entries(10, 5), tlog::suite_seed()).has_value());
  CHECK(*reader->size() == 10);
  world.commit();
  CHECK(*reader->size() == 15);
  CHECK(reader->prove_inclusion(14).has_value());
}
