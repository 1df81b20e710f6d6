#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "amanat/indicator/csv.h"
#include "amanat/indicator/lists.h"
#include "amanat/indicator/spelling.h"

namespace amanat::indicator {
namespace {

/// What a column holds.
enum class Column : std::uint8_t {
  ignored,  // a description
  unknown,
  family,
  type,   // says what the row's value is
  value,  // told by the row's type, or else by its form
  md5,
  sha1,
  sha256,
  package,
  certificate,
  domain,
  ip_address,
  url,
  email,
  process,
  path,
};

// Names without anything but letters and digits, in lower case.
constexpr auto kColumns = std::to_array<std::pair<std::string_view, Column>>({
    {"family", Column::family},
    {"app", Column::family},
    {"appname", Column::family},
    {"malware", Column::family},
    {"campaign", Column::family},
    {"signature", Column::family},
    {"description", Column::family},
    {"type", Column::type},
    {"indicatortype", Column::type},
    {"ioctype", Column::type},
    {"indicator", Column::value},
    {"ioc", Column::value},
    {"value", Column::value},
    {"hash", Column::value},
    {"urlselection", Column::value},
    {"md5", Column::md5},
    {"md5hash", Column::md5},
    {"sha1", Column::sha1},
    {"sha1hash", Column::sha1},
    {"sha256", Column::sha256},
    {"sha256hash", Column::sha256},
    {"package", Column::package},
    {"packagename", Column::package},
    {"playstoreid", Column::package},
    {"appid", Column::package},
    {"certificate", Column::certificate},
    {"cert", Column::certificate},
    {"domain", Column::domain},
    {"domainname", Column::domain},
    {"hostname", Column::domain},
    {"host", Column::domain},
    {"ip", Column::ip_address},
    {"ipv4", Column::ip_address},
    {"ipaddress", Column::ip_address},
    {"url", Column::url},
    {"email", Column::email},
    {"emailaddress", Column::email},
    {"process", Column::process},
    {"filepath", Column::path},
    {"version", Column::ignored},
    {"actor", Column::ignored},
    {"country", Column::ignored},
    {"report", Column::ignored},
    {"reference", Column::ignored},
    {"references", Column::ignored},
    {"comment", Column::ignored},
    {"date", Column::ignored},
    {"firstseen", Column::ignored},
    {"lastseen", Column::ignored},
    {"reporter", Column::ignored},
    {"downloads", Column::ignored},
    {"inapppurchases", Column::ignored},
    {"name", Column::ignored},
    {"title", Column::ignored},
    {"notes", Column::ignored},
    {"source", Column::ignored},
});

// Where a record of MalwareBazaar has what we read (https://bazaar.abuse.ch/export/).
constexpr std::size_t kBazaarCells = 14;
constexpr std::size_t kBazaarSha256 = 1;
constexpr std::size_t kBazaarMd5 = 2;
constexpr std::size_t kBazaarSha1 = 3;
constexpr std::size_t kBazaarFamily = 8;

std::string plain_name(std::string_view name) {
  std::string out;
  for (char c : name) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) out.push_back(c);
  }
  return out;
}

Column column_of(std::string_view name) {
  const std::string plain = plain_name(name);
  const auto found =
      std::ranges::find(kColumns, plain, [](const auto& pair) { return pair.first; });
  return found == kColumns.end() ? Column::unknown : found->second;
}

std::optional<Kind> kind_of(Column column) {
  switch (column) {
    case Column::md5: return Kind::file_md5;
    case Column::sha1: return Kind::file_sha1;
    case Column::sha256: return Kind::file_sha256;
    case Column::package: return Kind::package;
    case Column::domain: return Kind::domain;
    case Column::ip_address: return Kind::ip_address;
    case Column::url: return Kind::url;
    case Column::email: return Kind::email;
    case Column::process: return Kind::process;
    case Column::path: return Kind::file_path;
    default: return std::nullopt;
  }
}

// Publishers write "n/a" for what they do not know.
bool is_blank(std::string_view cell) {
  return cell.empty() || cell == "n/a" || cell == "N/A" || cell == "-" || cell == "null";
}

class TableReader {
 public:
  TableReader(std::string_view text, char separator, Reading& reading)
      : rows_(text, separator), reading_(reading) {}

  Result<> read() {
    auto row = next();
    if (!row) return {};
    if (!take_header(*row)) {
      for (; row; row = next()) read_bare(*row);
      return {};
    }
    const bool has_value = std::ranges::any_of(columns_, [](Column column) {
      return kind_of(column) || column == Column::value || column == Column::certificate;
    });
    if (!has_value) return fail(Code::invalid_input, "the table has no column of indicators");
    for (row = next(); row; row = next()) read_row(*row);
    return {};
  }

 private:
  using Row = std::vector<std::string>;

  // The next row that is no comment. The first one may be a header behind a '#'.
  std::optional<Row> next() {
    for (;;) {
      auto row = rows_.next();
      if (!row || !row->front().starts_with('#')) return row;
      if (columns_.empty() && row->size() > 1) return row;
    }
  }

  bool take_header(const Row& row) {
    std::vector<Column> columns;
    for (const std::string& cell : row) columns.push_back(column_of(cell));
    const bool is_header = std::ranges::any_of(columns, [](Column column) {
      return kind_of(column) || column == Column::value || column == Column::certificate;
    });
    if (!is_header) return false;
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (columns[i] == Column::unknown) {
        reading_.leave(Reason::unknown_field, "the header", row[i]);
      }
    }
    columns_ = std::move(columns);
    return true;
  }

  std::string_view cell_in(const Row& row, Column column) const {
    for (std::size_t i = 0; i < row.size() && i < columns_.size(); ++i) {
      if (columns_[i] == column && !is_blank(row[i])) return row[i];
    }
    return {};
  }

  void read_row(const Row& row) {
    const std::string_view family = cell_in(row, Column::family);
    const std::string_view type = cell_in(row, Column::type);
    for (std::size_t i = 0; i < row.size() && i < columns_.size(); ++i) {
      if (is_blank(row[i])) continue;
      if (columns_[i] == Column::certificate) {
        take_certificate(row[i], family);
      } else if (columns_[i] == Column::value) {
        take_typed(type, row[i], family);
      } else if (const auto kind = kind_of(columns_[i])) {
        take(*kind, row[i], family);
      }
    }
  }

  void take_certificate(std::string_view text, std::string_view family) {
    for (const Kind kind :
         {Kind::certificate_sha1, Kind::certificate_sha256, Kind::certificate_md5}) {
      if (spell(kind, text)) return take(kind, text, family);
    }
    reading_.leave(Reason::malformed, place(), text);
  }

  void take_typed(std::string_view type, std::string_view value, std::string_view family) {
    const std::string plain = refang(value);
    auto kind = type.empty() ? recognise(plain) : kind_of(column_of(type));
    if (!kind) return reading_.leave(Reason::unknown_key, place(), type.empty() ? value : type);
    // Publishers call whatever a machine connects to a domain.
    if (*kind == Kind::domain) {
      if (spell_ip_address(plain)) kind = Kind::ip_address;
      if (spell_url(plain)) kind = Kind::url;
    }
    take(*kind, plain, family);
  }

  // Rows of a table without a header.
  void read_bare(const Row& row) {
    if (row.size() == kBazaarCells && spell(Kind::file_sha256, row[kBazaarSha256])) {
      const std::string_view named = row[kBazaarFamily];
      const std::string_view family = is_blank(named) ? std::string_view() : named;
      take(Kind::file_sha256, row[kBazaarSha256], family);
      if (!is_blank(row[kBazaarMd5])) take(Kind::file_md5, row[kBazaarMd5], family);
      if (!is_blank(row[kBazaarSha1])) take(Kind::file_sha1, row[kBazaarSha1], family);
      return;
    }
    const std::string_view family = row.size() == 2 ? std::string_view(row[0]) : std::string_view();
    const std::string value = refang(row.back());
    const auto kind = row.size() <= 2 ? recognise(value) : std::nullopt;
    if (!kind) return reading_.leave(Reason::unrecognised, place(), value);
    take(*kind, value, family);
  }

  void take(Kind kind, std::string_view value, std::string_view family) {
    const std::string plain = refang(value);
    reading_.take(kind, plain, family, place());
  }

  std::string place() const { return fmt::format("line {}", rows_.line()); }

  RowReader rows_;
  Reading& reading_;
  std::vector<Column> columns_;
};

}  // namespace

Result<> read_table(std::string_view text, char separator, Reading& reading) {
  if (text.size() > kTableBytesMax) return fail(Code::invalid_input, "the table is too big");
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  return TableReader(text, separator, reading).read();
}

}  // namespace amanat::indicator
