#include "amanat/store/sqlite.h"

#include <array>
#include <fstream>
#include <sys/stat.h>

#include <doctest/doctest.h>

#include "amanat/store/temporary_folder.h"

using namespace amanat;
using namespace amanat::store;

namespace {

using Name = Id<struct TestNameTag, 32>;

constexpr auto kSteps = std::to_array<std::string_view>(
    {"CREATE TABLE things (id INTEGER PRIMARY KEY, name BLOB UNIQUE, words TEXT) STRICT;",
     "CREATE TABLE parts (thing INTEGER NOT NULL REFERENCES things(id)) STRICT;"});

Database open_database(const std::filesystem::path& path,
                       DatabaseOptions options = {.migrations = kSteps}) {
  auto database = Database::open(path, options);
  if (!database) MESSAGE(database.error().message);
  REQUIRE(database.has_value());
  return std::move(*database);
}

std::uint64_t count_things(Database& database) {
  auto query = database.prepare("SELECT count(*) FROM things");
  REQUIRE(query.has_value());
  REQUIRE(*query->first());
  return query->number(0);
}

Result<> add_thing(Database& database, std::uint64_t id) {
  return database.run("INSERT INTO things (id) VALUES (?)", id);
}

}  // namespace

TEST_CASE("values come back as they were bound") {
  auto database = Database::open_in_memory({.migrations = kSteps});
  REQUIRE(database.has_value());
  const Name name(std::array<std::uint8_t, 32>{1, 2, 3});
  const std::string words = "नमस्ते";
  REQUIRE(database->run("INSERT INTO things VALUES (?, ?, ?)", 7, name, words).has_value());
  CHECK(database->last_inserted_row() == 7);
  CHECK(database->changed_rows() == 1);
  REQUIRE(database->run("INSERT INTO things VALUES (?, ?, ?)", std::uint64_t{1} << 62, Bytes{}, "")
              .has_value());
  REQUIRE(database
              ->run("INSERT INTO things VALUES (?, ?, ?)", -5, std::nullopt,
                    std::optional<std::string>())
              .has_value());

  auto query = database->prepare("SELECT id, name, words FROM things ORDER BY id");
  REQUIRE(query.has_value());
  REQUIRE(*query->step());
  CHECK(query->signed_number(0) == -5);
  CHECK(query->is_null(1));
  CHECK(query->is_null(2));
  REQUIRE(*query->step());
  CHECK(query->number(0) == 7);
  CHECK(query->id<Name>(1) == name);
  CHECK(query->text(2) == words);
  REQUIRE(*query->step());
  CHECK(query->number(0) == std::uint64_t{1} << 62);
  CHECK_FALSE(query->is_null(1));
  CHECK(query->blob(1).empty());
  CHECK(query->text(2).empty());
  CHECK_FALSE(*query->step());
}

TEST_CASE("a number of 2^63 or more cannot be kept, and that is said") {
  auto database = Database::open_in_memory({.migrations = kSteps});
  CHECK(add_thing(*database, (std::uint64_t{1} << 63) - 1).has_value());
  CHECK(add_thing(*database, std::uint64_t{1} << 63).error().code == Code::invalid_input);
}

TEST_CASE("a column that is not what it should be is corrupt") {
  auto database = Database::open_in_memory({.migrations = kSteps});
  REQUIRE(database->run("INSERT INTO things VALUES (-1, x'0102', 'word')").has_value());
  auto query = database->prepare("SELECT id, name, words FROM things");
  REQUIRE(*query->first());
  SUBCASE("a negative number") { CHECK(query->number(0) == 0); }
  SUBCASE("text as number") { CHECK(query->number(2) == 0); }
  SUBCASE("text as blob") { CHECK(query->blob(2).empty()); }
  SUBCASE("number as text") { CHECK(query->text(0).empty()); }
  SUBCASE("an id that is too short") { CHECK(query->id<Name>(1).is_zero()); }
  CHECK(query->intact().error().code == Code::corrupt);
  CHECK(query->step().error().code == Code::corrupt);
}

TEST_CASE("what a constraint refuses is a conflict") {
  auto database = Database::open_in_memory({.migrations = kSteps});
  REQUIRE(add_thing(*database, 1).has_value());
  CHECK(add_thing(*database, 1).error().code == Code::conflict);
  CHECK(database->run("INSERT INTO parts VALUES (99)").error().code == Code::conflict);
  CHECK(database->run("INSERT INTO parts VALUES (1)").has_value());
}

TEST_CASE("a transaction that is not committed leaves nothing") {
  const TemporaryFolder folder;
  const auto path = folder.path() / "records";
  {
    Database database = open_database(path);
    {
      auto transaction = Transaction::begin(database);
      REQUIRE(add_thing(database, 1).has_value());
      CHECK(count_things(database) == 1);
    }
    CHECK(count_things(database) == 0);
    auto transaction = Transaction::begin(database);
    REQUIRE(add_thing(database, 2).has_value());
    REQUIRE(transaction->commit().has_value());
    CHECK_FALSE(database.in_transaction());
  }
  Database database = open_database(path);
  CHECK(count_things(database) == 1);
  CHECK(database.check_integrity().has_value());
  CHECK(database.checkpoint().has_value());
}

TEST_CASE("a savepoint is undone alone, also inside another") {
  auto database = Database::open_in_memory({.migrations = kSteps});
  auto transaction = Transaction::begin(*database);
  REQUIRE(add_thing(*database, 1).has_value());
  {
    auto kept = Savepoint::begin(*database);
    REQUIRE(add_thing(*database, 2).has_value());
    {
      auto undone = Savepoint::begin(*database);
      REQUIRE(add_thing(*database, 3).has_value());
    }
    REQUIRE(kept->release().has_value());
  }
  CHECK(count_things(*database) == 2);
  REQUIRE(transaction->commit().has_value());
  CHECK(count_things(*database) == 2);
}

TEST_CASE("one writes at a time, the others wait and then give up") {
  const TemporaryFolder folder;
  const auto path = folder.path() / "records";
  Database first = open_database(path);
  Database second = open_database(path, {.migrations = kSteps, .busy_timeout_ms = 10});
  auto transaction = Transaction::begin(first);
  CHECK(Transaction::begin(second).error().code == Code::unavailable);
  REQUIRE(add_thing(first, 1).has_value());
  CHECK(count_things(second) == 0);  // reading goes on, without what is not committed
  {
    auto reading = Transaction::begin_reading(second);
    CHECK(count_things(second) == 0);
    REQUIRE(transaction->commit().has_value());
    CHECK(count_things(second) == 0);  // still the same moment
  }
  CHECK(count_things(second) == 1);
}

TEST_CASE("a file with nothing to migrate is opened while somebody writes, and not written") {
  const TemporaryFolder folder;
  const auto path = folder.path() / "records";
  Database first = open_database(path);
  REQUIRE(first.checkpoint().has_value());
  auto transaction = Transaction::begin(first);
  REQUIRE(transaction.has_value());
  auto second = Database::open(path, {.migrations = kSteps, .busy_timeout_ms = 10});
  REQUIRE(second.has_value());
  CHECK(count_things(*second) == 0);
  CHECK(std::filesystem::file_size(path.string() + "-wal") == 0);
}

TEST_CASE("migrations are taken once, in order, and a newer file is not touched") {
  const TemporaryFolder folder;
  const auto path = folder.path() / "records";
  const auto first_step = std::span(kSteps).first(1);
  {
    Database old = open_database(path, {.migrations = first_step});
    REQUIRE(add_thing(old, 1).has_value());
    CHECK_FALSE(old.run("INSERT INTO parts VALUES (1)").has_value());
  }
  {
    Database now = open_database(path);
    CHECK(count_things(now) == 1);
    CHECK(now.run("INSERT INTO parts VALUES (1)").has_value());
  }
  CHECK(Database::open(path, {.migrations = first_step}).error().code == Code::stale);
}

TEST_CASE("a migration that fails leaves the file as it was") {
  const TemporaryFolder folder;
  const auto path = folder.path() / "records";
  const auto broken = std::to_array<std::string_view>({kSteps[0], "CREATE NONSENSE"});
  CHECK_FALSE(Database::open(path, {.migrations = broken}).has_value());
  CHECK(count_things(*std::make_unique<Database>(open_database(path))) == 0);
}

TEST_CASE("a file that is no database is corrupt, and a folder is unavailable") {
  const TemporaryFolder folder;
  const auto path = folder.path() / "records";
  std::ofstream(path) << std::string(10'000, 'x');
  CHECK(Database::open(path, {}).error().code == Code::corrupt);
  CHECK(Database::open(folder.path() / "no" / "such", {}).error().code == Code::unavailable);
  CHECK(Database::open(folder.path() / "none", {.read_only = true}).error().code
        == Code::unavailable);
}

TEST_CASE("a full disk is said so, and what was there stays") {
  const TemporaryFolder folder;
  Database database = open_database(folder.path() / "records");
  REQUIRE(add_thing(database, 1).has_value());
  REQUIRE(database.execute("PRAGMA max_page_count = 12").has_value());
  {
    auto transaction = Transaction::begin(database);
    const auto full = database.run("INSERT INTO things (id, name) VALUES (2, ?)", Bytes(1'000'000));
    REQUIRE_FALSE(full.has_value());
    CHECK(full.error().code == Code::unavailable);
    CHECK(full.error().message.contains("disk is full"));
  }
  CHECK(count_things(database) == 1);
  CHECK(add_thing(database, 2).has_value());
}

TEST_CASE("a transaction that the database undid by itself is not committed") {
  auto database = Database::open_in_memory({.migrations = kSteps});
  auto transaction = Transaction::begin(*database);
  REQUIRE(add_thing(*database, 1).has_value());
  REQUIRE(database->execute("ROLLBACK").has_value());
  CHECK(transaction->commit().error().code == Code::unavailable);
}

TEST_CASE("the file is for its owner alone, and commits are synced") {
  const TemporaryFolder folder;
  Database database = open_database(folder.path() / "records");
  REQUIRE(add_thing(database, 1).has_value());
  for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
    struct stat info{};
    REQUIRE(::stat(entry.path().c_str(), &info) == 0);
    CHECK((info.st_mode & 077) == 0);
  }
  const auto setting = [&](const char* pragma) {
    auto query = database.prepare(pragma);
    REQUIRE(*query->first());
    return query->signed_number(0);
  };
  CHECK(setting("PRAGMA synchronous") == 2);
  CHECK(setting("PRAGMA foreign_keys") == 1);
  CHECK(setting("PRAGMA secure_delete") == 1);
  auto mode = database.prepare("PRAGMA journal_mode");
  REQUIRE(*mode->first());
  CHECK(mode->text(0) == "wal");
}

TEST_CASE("two statements of the same text do not disturb each other") {
  auto database = Database::open_in_memory({.migrations = kSteps});
  REQUIRE(add_thing(*database, 1).has_value());
  REQUIRE(add_thing(*database, 2).has_value());
  auto outer = database->prepare("SELECT id FROM things ORDER BY id");
  REQUIRE(*outer->first());
  {
    auto inner = database->prepare("SELECT id FROM things ORDER BY id");
    REQUIRE(*inner->first());
    CHECK(inner->number(0) == 1);
  }
  REQUIRE(*outer->step());
  CHECK(outer->number(0) == 2);
}
