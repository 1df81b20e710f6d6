#include <array>

#include <doctest/doctest.h>

#include "amanat/phone/made_files.h"
#include "amanat/phone/sqlite_schema.h"

namespace amanat::phone {
namespace {

using namespace made;

constexpr std::size_t kPageBytes = 512;

// One value of a record: its serial type and its bytes.
struct Column {
  std::uint64_t serial;
  std::string bytes;
};

Column text(std::string_view value) { return {13 + 2 * value.size(), std::string(value)}; }
Column number(std::uint64_t value) { return {1, big(value, 1)}; }
Column real(double value) {
  std::uint64_t bits = 0;
  std::memcpy(&bits, &value, sizeof bits);
  return {7, big(bits, 8)};
}
Column null() { return {0, {}}; }

std::string varint(std::uint64_t value) {
  if (value < 128) return big(value, 1);
  return big(0x80U | value >> 7U, 1) + big(value & 0x7FU, 1);
}

std::string record(std::initializer_list<Column> columns) {
  std::string header;
  std::string body;
  for (const Column& column : columns) {
    header += varint(column.serial);
    body += column.bytes;
  }
  return varint(header.size() + 1) + header + body;
}

// A leaf page of these records; page 1 begins with the header of the file.
std::string leaf(const std::vector<std::string>& records, bool first = false) {
  std::string page = zeros(kPageBytes);
  const std::size_t start = first ? 100 : 0;
  if (first) {
    const std::string header =
        "SQLite format 3" + zeros(1) + big(kPageBytes, 2) + zeros(38) + big(1, 4);
    page.replace(0, header.size(), header);
  }
  std::size_t end = kPageBytes;
  for (std::size_t i = 0; i < records.size(); ++i) {
    const std::string cell = varint(records[i].size()) + varint(i + 1) + records[i];
    end -= cell.size();
    page.replace(end, cell.size(), cell);
    page.replace(start + 8 + 2 * i, 2, big(end, 2));
  }
  page[start] = 13;
  page.replace(start + 3, 2, big(records.size(), 2));
  return page;
}

std::string table(std::string_view name, std::uint64_t root = 2, std::string_view columns = "a") {
  const std::string statement = "CREATE TABLE x(" + std::string(columns) + ")";
  return record({text("table"), text(name), text(name), number(root), text(statement)});
}

std::string database(std::initializer_list<std::string> tables) { return leaf(tables, true); }

// A log whose last frame ends a transaction.
std::string log(std::initializer_list<std::pair<std::uint32_t, std::string>> pages,
                bool committed = true) {
  std::string bytes = big(0x377F0683, 4) + big(3007000, 4) + big(kPageBytes, 4) + big(0, 4)
                      + big(0x1122334455667788, 8) + zeros(8);
  std::size_t i = 0;
  for (const auto& [page, content] : pages) {
    const bool last = ++i == pages.size() && committed;
    bytes += big(page, 4) + big(last ? 2 : 0, 4) + big(0x1122334455667788, 8) + zeros(8) + content;
  }
  return bytes;
}

std::string seen_with_log(const std::string& main, const std::string& log_bytes) {
  const Sample log_sample = sample_of(as_bytes(log_bytes));
  Sample sample = sample_of(as_bytes(main));
  sample.write_ahead_log = &log_sample;
  const Classification found = classify(sample);
  return found.categories.to_text() + ' ' + found.kind;
}

}  // namespace

TEST_CASE("a database is known by its tables") {
  CHECK(seen(database({table("raw_contacts"), table("data"), table("mimetypes")}))
        == "contacts android-contacts");
  CHECK(seen(database({table("SMS"), table("threads")})) == "messages android-sms");
  CHECK(seen(database({table("calls"), table("voicemail_status")})) == "call-log android-calls");
  CHECK(seen(database({table("moz_places")})) == "browsing firefox-places");
  CHECK(seen(database({table("recipes")})) == "app-data sqlite");
  CHECK(seen(database({})) == "app-data sqlite");
}

TEST_CASE("a database that holds contacts and calls is both") {
  const std::string both = database({table("contacts"), table("data"), table("phone_lookup"),
                                     table("calls"), table("android_metadata")});
  CHECK(seen(both) == "contacts+call-log android-contacts");
}

TEST_CASE("a database whose tables lie only in its log is known by the log") {
  const std::string empty = database({});
  const std::string page = database({table("raw_contacts"), table("data"), table("mimetypes")});
  CHECK(seen_with_log(empty, log({{1, page}})) == "contacts android-contacts");
  CHECK(seen_with_log("", log({{1, page}})) == "contacts android-contacts");
}

TEST_CASE("what a log has not committed does not count, nor what an older log left behind") {
  const std::string empty = database({});
  const std::string page = database({table("sms"), table("threads")});
  CHECK(seen_with_log(empty, log({{1, page}}, false)) == "app-data sqlite");
  std::string stale = log({{1, empty}});
  stale += big(1, 4) + big(2, 4) + big(0x9999999999999999, 8) + zeros(8) + page;  // other salts
  CHECK(seen_with_log(empty, stale) == "app-data sqlite");
  CHECK(seen_with_log(empty, "short") == "app-data sqlite");
}

TEST_CASE("columns for places count when a row has a place") {
  const std::string first =
      database({table("shops", 2, "id INTEGER PRIMARY KEY, \"lat\" REAL DEFAULT (1+2), lon REAL")});
  const auto shops = [&](std::initializer_list<std::string> rows) { return first + leaf(rows); };
  CHECK(seen(shops({record({null(), real(48.1), real(11.5)})})) == "location+app-data sqlite");
  CHECK(seen(shops({record({null(), null(), null()}), record({null(), number(48), number(11)})}))
        == "location+app-data sqlite");
  CHECK(seen(shops({record({null(), null(), null()})})) == "app-data sqlite");
  CHECK(seen(shops({record({null(), real(0), real(0)})})) == "app-data sqlite");
  CHECK(seen(shops({})) == "app-data sqlite");
}

TEST_CASE("column names are read from the statement, quoted or not") {
  CHECK(columns_of("CREATE TABLE t(a INTEGER, \"B b\" TEXT, [c], d DECIMAL(3,2), `e`)")
        == std::vector<std::string>{"a", "b b", "c", "d", "e"});
  CHECK(columns_of("CREATE TABLE t(a TEXT DEFAULT 'x,y)', b)")
        == std::vector<std::string>{"a", "b"});
  CHECK(columns_of("CREATE VIRTUAL TABLE").empty());
}

TEST_CASE("a tree that bites its tail ends, and pages outside the file are no pages") {
  std::string page = database({});
  page[100] = 5;                    // an interior page
  page.replace(108, 4, big(1, 4));  // whose last child is itself
  CHECK(seen(page) == "app-data sqlite");
  page.replace(108, 4, big(0xFFFFFFFF, 4));
  CHECK(seen(page) == "app-data sqlite");
  page.replace(103, 2, big(0xFFFF, 2));  // with 65,535 cells
  CHECK(seen(page) == "app-data sqlite");
  CHECK(seen(page.substr(0, 100)) == "app-data sqlite");
}

TEST_CASE("a log or journal alone is some app's data") {
  CHECK(seen(log({{1, database({})}})) == "app-data sqlite-log");
  CHECK(seen("\xD9\xD5\x05\xF9\x20\xA1\x63\xD7" + zeros(20)) == "app-data sqlite-log");
}

}  // namespace amanat::phone
