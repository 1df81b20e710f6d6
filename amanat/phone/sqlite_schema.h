#pragma once

// Reads which tables a SQLite database has, without SQLite: a stranger's database is parsed by two
// hundred lines with limits, not by an engine that also runs what is written in the schema.
//
// A database is the pages of its file, over which lie the newest committed pages of its write-ahead
// log (https://sqlite.org/fileformat2.html, §1, §2 and §4). An address book was seen whose file has
// no table at all: everything is in the log.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "amanat/phone/sample.h"

namespace amanat::phone {

/// A value of one column, as far as recognition looks at it.
struct SqlValue {
  bool present = false;  // not NULL
  bool nonzero = false;  // a number that is not 0, or a text or blob that is not empty
  std::uint64_t integer = 0;
  std::string text;  // of texts only, cut at the end of the page's own part
};

/// A table or view of the schema.
struct SqlTable {
  std::string name;
  std::uint64_t root_page = 0;
  std::vector<std::string> columns;  // lower case, in order; as far as the statement could be read
};

class SqliteSchema {
 public:
  static constexpr std::uint64_t kPagesMax = 2'000;  // visited, of all trees together
  static constexpr std::uint64_t kTablesMax = 2'000;
  static constexpr std::uint64_t kRowBytesMax = 32 * 1024;  // statements are longer than rows
  static constexpr std::uint64_t kRowBytesTotalMax = std::uint64_t{64} << 20;
  static constexpr std::uint64_t kLogFramesMax = 100'000;
  static constexpr std::uint64_t kRowsSampledMax = 2'000;

  /// Nothing when this is no SQLite database. Borrows the window, which shows the main file; its
  /// sample names the write-ahead log.
  static std::optional<SqliteSchema> open(Window& window);

  const std::vector<SqlTable>& tables() const { return tables_; }

  /// The table with this name, compared without regard to case; or nullptr.
  const SqlTable* find(std::string_view name) const;

  /// Whether, in one of the first rows, both columns have values and one of them is not 0.
  bool has_pair(const SqlTable& table, std::size_t first, std::size_t second);

 private:
  explicit SqliteSchema(Window& window) : window_(window) {}

  bool read_header();
  void read_log();
  std::optional<Bytes> read_page(std::uint64_t number);
  template <class Visit>
  void each_row(std::uint64_t root, Visit visit);
  Bytes row_payload(ByteView page, std::uint64_t at);
  void add_table(ByteView payload);

  Window& window_;
  std::uint64_t page_size_ = 0;
  std::uint64_t usable_size_ = 0;
  std::uint64_t pages_left_ = kPagesMax;
  std::uint64_t row_bytes_left_ = kRowBytesTotalMax;  // cells may overlap, so pages do not bound it
  bool utf16_ = false;
  bool utf16_little_ = false;
  std::map<std::uint64_t, std::uint64_t> log_pages_;  // page number to offset in the log
  std::vector<SqlTable> tables_;
};

/// The column names of a CREATE TABLE statement, lower case, without quotes.
std::vector<std::string> columns_of(std::string_view statement);

}  // namespace amanat::phone
