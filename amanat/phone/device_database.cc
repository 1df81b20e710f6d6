#include "amanat/phone/device_database.h"

#include <algorithm>

#include <fmt/format.h>

#include "amanat/phone/device_columns.h"
#include "amanat/store/sqlite.h"

namespace amanat::phone {
namespace {

std::string sql_name(std::string_view name) {
  std::string out = "\"";
  for (const char c : name) {
    if (c == '"') out.push_back('"');
    out.push_back(c);
  }
  return out + "\"";
}

struct Table {
  std::string name;
  DeviceThing thing = DeviceThing::record;
  std::vector<std::pair<std::string, ColumnUse>> columns;
  std::string time_column;
};

class DatabaseCheck {
 public:
  DatabaseCheck(store::Database& database, std::string_view shown,
                const indicator::Indicators& indicators, DeviceFindings& findings)
      : database_(database), shown_(shown), indicators_(indicators), findings_(findings) {}

  Result<> run() {
    const auto names = list_tables();
    if (!names) return carry(names);
    Result<> result;
    for (const std::string& name : *names) {
      const auto table = look_at(name);
      auto done = table ? read_rows(*table) : Result<>(carry(table));
      // One damaged table does not hide the others.
      if (!done && result) result = carry(done);
    }
    return result;
  }

 private:
  Result<std::vector<std::string>> list_tables() {
    auto query = database_.prepare(
        "SELECT name, sql LIKE 'CREATE VIRTUAL%' FROM sqlite_master WHERE type = 'table' "
        "AND typeof(name) = 'text' AND name NOT LIKE 'sqlite_%' AND typeof(sql) = 'text'");
    if (!query) return carry(query);
    std::vector<std::string> names;
    std::vector<std::string> virtuals;
    for (;;) {
      const auto row = query->step();
      if (!row) return carry(row);
      if (!*row || names.size() >= kDeviceTablesMax) break;
      (query->number(1) != 0 ? virtuals : names).emplace_back(query->text(0));
    }
    // The tables behind a full-text index repeat what other tables say.
    std::erase_if(names, [&virtuals](const std::string& name) {
      return std::ranges::any_of(
          virtuals, [&name](const std::string& index) { return name.starts_with(index + "_"); });
    });
    return names;
  }

  Result<Table> look_at(const std::string& name) {
    Table table{.name = name, .thing = thing_of_table(name), .columns = {}, .time_column = {}};
    auto query = database_.prepare(
        "SELECT name FROM pragma_table_info(?) WHERE typeof(name) = 'text' ORDER BY cid");
    if (!query) return carry(query);
    query->bind_all(std::string_view(name));
    for (;;) {
      const auto row = query->step();
      if (!row) return carry(row);
      if (!*row) return table;
      const std::string column(query->text(0));
      const ColumnUse use = use_of_column(column);
      if (use == ColumnUse::time) {
        const bool is_better =
            table.time_column.empty() || rank_of_time(column) < rank_of_time(table.time_column);
        if (is_better) table.time_column = column;
      } else if (use != ColumnUse::none && table.columns.size() < kDeviceColumnsMax) {
        table.columns.emplace_back(column, use);
      }
    }
  }

  // Texts come cut to a length; everything that is no text comes as NULL.
  std::string select(const Table& table, bool has_row_id) const {
    std::string sql = has_row_id ? "SELECT rowid" : "SELECT NULL";
    if (table.time_column.empty()) {
      sql += ", NULL";
    } else {
      const std::string time = sql_name(table.time_column);
      sql += fmt::format(", CASE typeof({0}) WHEN 'integer' THEN {0} END", time);
    }
    for (const auto& [column, use] : table.columns) {
      const std::string name = sql_name(column);
      sql += fmt::format(", CASE typeof({0}) WHEN 'text' THEN substr({0}, 1, {1}) END", name,
                         kDeviceCellBytesMax);
    }
    return sql + " FROM " + sql_name(table.name);
  }

  Result<> read_rows(const Table& table) {
    if (table.columns.empty()) return {};
    auto query = database_.prepare(select(table, true));
    if (!query) query = database_.prepare(select(table, false));  // WITHOUT ROWID
    if (!query) return carry(query);
    for (;;) {
      const auto row = query->step();
      if (!row) return carry(row);
      if (!*row) return {};
      if (++rows_ > kDeviceRowsMax) {
        return fail(Code::invalid_input, "the database has more rows than are read");
      }
      ++findings_.report().rows;
      read_row(table, *query);
    }
  }

  void read_row(const Table& table, store::Statement& row) {
    DevicePlace place{.thing = table.thing, .file = shown_, .table = table.name};
    if (!row.is_null(0)) place.row = row.signed_number(0);
    if (!row.is_null(1)) place.time = read_time(row.signed_number(1));
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
      const int column = static_cast<int>(i) + 2;
      if (row.is_null(column)) continue;
      const std::string_view text = row.text(column);
      if (text.size() < 3) continue;
      check_cell(table.columns[i].second, text, place);
    }
  }

  void check_cell(ColumnUse use, std::string_view text, DevicePlace place) {
    switch (use) {
      case ColumnUse::url: return findings_.add(place, check_link(text));
      case ColumnUse::text: return findings_.add(place, indicator::check_text(indicators_, text));
      case ColumnUse::path: return findings_.add(place, indicator::check_path(indicators_, text));
      case ColumnUse::process:
        place.thing = DeviceThing::process;
        return findings_.add(place, indicator::check_process(indicators_, text));
      case ColumnUse::package: {
        const indicator::App app{.package = std::string(text)};
        place.thing = DeviceThing::app;
        return findings_.add(place, indicator::check_app(indicators_, app));
      }
      case ColumnUse::none:
      case ColumnUse::time: return;
    }
  }

  // A URL, or a host as cookies keep it: ".example.com".
  std::vector<indicator::Hit> check_link(std::string_view text) const {
    if (text.find("://") != std::string_view::npos) return indicator::check_url(indicators_, text);
    if (text.starts_with('.')) text.remove_prefix(1);
    auto hits = indicator::check_host(indicators_, text);
    if (hits.empty()) hits = indicator::check_text(indicators_, text);
    return hits;
  }

  store::Database& database_;
  std::string_view shown_;
  const indicator::Indicators& indicators_;
  DeviceFindings& findings_;
  std::uint64_t rows_ = 0;
};

Result<> check_copy(const DatabaseCopy& copy, std::string_view shown,
                    const indicator::Indicators& indicators, DeviceFindings& findings) {
  auto database = store::Database::open(copy.path(), {.read_only = true});
  if (!database) return carry(database);
  return DatabaseCheck(*database, shown, indicators, findings).run();
}

}  // namespace

Result<> check_database(const OpenFile& folder, const Item& item, std::string_view shown,
                        const PrivateFolder& scratch, const indicator::Indicators& indicators,
                        DeviceFindings& findings) {
  DatabaseCopy copy(folder, item, scratch);
  if (auto made = copy.make(); !made) return carry(made);
  ++findings.report().databases;
  auto done = check_copy(copy, shown, indicators, findings);
  if (done || done.error().code != Code::unavailable) return done;
  copy.forget_journal();
  return check_copy(copy, shown, indicators, findings);
}

}  // namespace amanat::phone
