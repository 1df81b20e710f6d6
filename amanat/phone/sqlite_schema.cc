#include "amanat/phone/sqlite_schema.h"

#include <algorithm>
#include <array>

namespace amanat::phone {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view kMagic{"SQLite format 3\0", 16};
constexpr std::uint64_t kLogHeaderBytes = 32;
constexpr std::uint64_t kFrameHeaderBytes = 24;
constexpr std::uint8_t kInteriorTable = 5;
constexpr std::uint8_t kLeafTable = 13;
constexpr std::size_t kTreeDepthMax = 20;
constexpr std::size_t kColumnsMax = 2'000;

std::uint64_t big(ByteView bytes, std::size_t at, std::size_t width) {
  if (at > bytes.size() || width > bytes.size() - at) return 0;
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < width; ++i) value = value << 8U | bytes[at + i];
  return value;
}

// Reads a varint (§1.6) and moves behind it; stays at the end when it is cut off.
std::uint64_t varint(ByteView bytes, std::uint64_t& at) {
  std::uint64_t value = 0;
  for (unsigned i = 0; i < 9 && at < bytes.size(); ++i) {
    const std::uint8_t byte = bytes[static_cast<std::size_t>(at++)];
    if (i == 8) return value << 8U | byte;
    value = value << 7U | (byte & 0x7FU);
    if (byte < 0x80) return value;
  }
  return value;
}

std::uint64_t size_of_serial(std::uint64_t serial) {
  static constexpr std::array<std::uint64_t, 12> kSizes{0, 1, 2, 3, 4, 6, 8, 8, 0, 0, 0, 0};
  return serial < kSizes.size() ? kSizes[static_cast<std::size_t>(serial)] : (serial - 12) / 2;
}

SqlValue value_of(std::uint64_t serial, ByteView body) {
  SqlValue value;
  value.present = serial != 0;
  if (serial == 9) value.nonzero = true;
  if (serial >= 1 && serial <= 7) {
    value.integer = big(body, 0, body.size());
    value.nonzero = (value.integer << 1U) != 0;  // also tells -0.0 from other fractions
    if (serial < 7 && value.integer != 0) value.nonzero = true;
  }
  if (serial >= 12) value.nonzero = !body.empty();
  if (serial >= 13 && serial % 2 == 1) value.text = as_text(body);
  return value;
}

// The columns of a record (§2.1), as many as lie in these bytes.
std::vector<SqlValue> record_of(ByteView payload) {
  std::vector<SqlValue> values;
  std::uint64_t header = 0;
  const std::uint64_t header_size = varint(payload, header);
  if (header_size > payload.size()) return values;
  std::uint64_t body = header_size;
  while (header < header_size && values.size() < kColumnsMax) {
    const std::uint64_t serial = varint(payload, header);
    const std::uint64_t size = size_of_serial(serial);
    const std::uint64_t left = payload.size() - std::min<std::uint64_t>(body, payload.size());
    const bool whole = size <= left;
    if (!whole && serial < 12) break;
    const auto shown = static_cast<std::size_t>(std::min(size, left));
    values.push_back(
        value_of(serial, payload.subspan(payload.size() - static_cast<std::size_t>(left), shown)));
    if (!whole) break;
    body += size;
  }
  return values;
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string lower(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(), [](char c) { return lower(c); });
  return result;
}

// Names of tables we know are ASCII, so UTF-16 needs no more than every second byte.
std::string narrow(std::string_view text, bool little) {
  std::string result;
  for (std::size_t i = little ? 0 : 1; i < text.size(); i += 2) result += text[i];
  return result;
}

// The first word of a column definition, without its quotes.
std::string column_name(std::string_view definition) {
  definition.remove_prefix(std::min(definition.find_first_not_of(" \t\r\n"), definition.size()));
  if (definition.empty()) return {};
  const char open = definition[0];
  const char close = open == '[' ? ']' : open;
  if ("\"'`["sv.contains(open)) {
    return lower(definition.substr(1, std::min(definition.find(close, 1), definition.size()) - 1));
  }
  return lower(
      definition.substr(0, std::min(definition.find_first_of(" \t\r\n("), definition.size())));
}

}  // namespace

std::vector<std::string> columns_of(std::string_view statement) {
  std::vector<std::string> columns;
  const std::size_t open = statement.find('(');
  if (open == std::string_view::npos) return columns;
  std::size_t begin = open + 1;
  unsigned depth = 1;
  char quote = 0;
  for (std::size_t i = begin; i < statement.size() && columns.size() < kColumnsMax; ++i) {
    const char c = statement[i];
    if (quote != 0) {
      if (c == quote) quote = 0;
      continue;
    }
    if ("\"'`"sv.contains(c)) quote = c;
    if (c == '(') ++depth;
    if (c == ')') --depth;
    if ((c == ',' && depth == 1) || depth == 0) {
      columns.push_back(column_name(statement.substr(begin, i - begin)));
      begin = i + 1;
    }
    if (depth == 0) break;
  }
  return columns;
}

std::optional<SqliteSchema> SqliteSchema::open(Window& window) {
  SqliteSchema schema(window);
  if (!schema.read_header()) return std::nullopt;
  schema.read_log();
  schema.each_row(1, [&](ByteView payload) {
    schema.add_table(payload);
    return schema.tables_.size() < kTablesMax;
  });
  return schema;
}

// The first hundred bytes; the log has a page size too, for a main file that is still empty.
bool SqliteSchema::read_header() {
  const Sample* const log = window_.sample().write_ahead_log;
  if (window_.has(0, kMagic)) {
    page_size_ = window_.big(16, 2).value_or(0);
    if (page_size_ == 1) page_size_ = 65'536;
    usable_size_ = page_size_ - std::min(window_.big(20, 1).value_or(0), page_size_);
    const auto encoding = window_.big(56, 4).value_or(1);
    utf16_ = encoding == 2 || encoding == 3;
    utf16_little_ = encoding == 2;
  } else if (window_.size() == 0 && log != nullptr) {
    page_size_ = big(log->head, 8, 4);
    usable_size_ = page_size_;
  }
  return page_size_ >= 512 && page_size_ <= 65'536 && (page_size_ & (page_size_ - 1)) == 0
         && usable_size_ >= 480;
}

// §4: frames count while their salts are those of the header, up to the last that ends a
// transaction. Checksums are not checked: what is told from them is a category.
void SqliteSchema::read_log() {
  const Sample* const sample = window_.sample().write_ahead_log;
  if (sample == nullptr) return;
  Window log(*sample, window_.budget(), 64);  // a frame's header, then on to the next frame
  const auto magic = log.big(0, 4);
  if (!magic || (*magic & ~std::uint64_t{1}) != 0x377F0682 || log.big(8, 4) != page_size_) return;
  const auto salts = log.big(16, 8);
  std::map<std::uint64_t, std::uint64_t> open;
  std::uint64_t at = kLogHeaderBytes;
  for (std::uint64_t i = 0; i < kLogFramesMax; ++i, at += kFrameHeaderBytes + page_size_) {
    const auto number = log.big(at, 4);
    const auto commit = log.big(at + 4, 4);
    if (!number || !commit || log.big(at + 8, 8) != salts) break;
    open[*number] = at + kFrameHeaderBytes;
    if (*commit == 0) continue;
    for (const auto& [page, offset] : open) log_pages_[page] = offset;
    open.clear();
  }
}

std::optional<Bytes> SqliteSchema::read_page(std::uint64_t number) {
  if (number == 0 || number > 0xFFFFFFFF || pages_left_ == 0) return std::nullopt;
  --pages_left_;
  const auto size = static_cast<std::size_t>(page_size_);
  if (const auto found = log_pages_.find(number); found != log_pages_.end()) {
    Window log(*window_.sample().write_ahead_log, window_.budget());
    return log.read(found->second, size);
  }
  return window_.read((number - 1) * page_size_, size);
}

// Walks a table's tree (§1.5) from left to right and hands out the beginning of each row; stops
// when visit returns false. Every page counts, so a tree that bites its tail ends too.
template <class Visit>
void SqliteSchema::each_row(std::uint64_t root, Visit visit) {
  std::vector<std::uint64_t> waiting{root};
  while (!waiting.empty()) {
    const std::uint64_t number = waiting.back();
    waiting.pop_back();
    const auto page = read_page(number);
    if (!page) continue;
    const std::size_t start = number == 1 ? 100 : 0;
    const std::uint64_t kind = big(*page, start, 1);
    const auto cells = static_cast<std::size_t>(big(*page, start + 3, 2));
    if (kind == kInteriorTable) {
      if (waiting.size() > kTreeDepthMax * kPagesMax) return;
      waiting.push_back(big(*page, start + 8, 4));
      for (std::size_t i = std::min(cells, page->size() / 6); i > 0; --i) {
        waiting.push_back(
            big(*page, static_cast<std::size_t>(big(*page, start + 10 + i * 2, 2)), 4));
      }
    } else if (kind == kLeafTable) {
      for (std::size_t i = 0; i < std::min(cells, page->size() / 2); ++i) {
        const Bytes payload = row_payload(*page, big(*page, start + 8 + i * 2, 2));
        if (!payload.empty() && !visit(ByteView(payload))) return;
      }
    }
  }
}

// The part of a row on its page, and the rest from overflow pages up to a limit (§1.6).
Bytes SqliteSchema::row_payload(ByteView page, std::uint64_t at) {
  const std::uint64_t size = varint(page, at);
  varint(page, at);  // the row's number
  const std::uint64_t most = usable_size_ - 35;
  std::uint64_t local = size;
  if (size > most) {
    const std::uint64_t least = (usable_size_ - 12) * 32 / 255 - 23;
    const std::uint64_t fitting = least + (size - least) % (usable_size_ - 4);
    local = fitting <= most ? fitting : least;
  }
  if (at > page.size() || local > page.size() - at || local > row_bytes_left_) return {};
  row_bytes_left_ -= local;
  const ByteView here = page.subspan(static_cast<std::size_t>(at), static_cast<std::size_t>(local));
  Bytes payload(here.begin(), here.end());
  std::uint64_t next = local < size ? big(page, static_cast<std::size_t>(at + local), 4) : 0;
  const std::uint64_t wanted = std::min(size, kRowBytesMax);
  while (next != 0 && payload.size() < wanted) {
    const auto more = read_page(next);
    if (!more) break;
    next = big(*more, 0, 4);
    const auto piece =
        static_cast<std::size_t>(std::min(usable_size_ - 4, wanted - payload.size()));
    append(payload, ByteView(*more).subspan(4, piece));
  }
  return payload;
}

// A row of sqlite_schema (§2.6): type, name, table, root page, statement.
void SqliteSchema::add_table(ByteView payload) {
  const std::vector<SqlValue> row = record_of(payload);
  if (row.size() < 4) return;
  const auto text = [&](std::size_t column) {
    return utf16_ ? narrow(row[column].text, utf16_little_) : row[column].text;
  };
  if (text(0) != "table") return;
  SqlTable table{.name = text(1), .root_page = row[3].integer, .columns = {}};
  if (row.size() > 4) table.columns = columns_of(text(4));
  tables_.push_back(std::move(table));
}

const SqlTable* SqliteSchema::find(std::string_view name) const {
  const auto found = std::ranges::find_if(tables_, [&](const SqlTable& table) {
    return std::ranges::equal(
        table.name, name, {}, [](char c) { return lower(c); }, [](char c) { return lower(c); });
  });
  return found == tables_.end() ? nullptr : &*found;
}

bool SqliteSchema::has_pair(const SqlTable& table, std::size_t first, std::size_t second) {
  bool found = false;
  std::uint64_t rows = 0;
  each_row(table.root_page, [&](ByteView payload) {
    const std::vector<SqlValue> row = record_of(payload);
    const bool both =
        std::max(first, second) < row.size() && row[first].present && row[second].present;
    found = both && (row[first].nonzero || row[second].nonzero);
    return !found && ++rows < kRowsSampledMax;
  });
  return found;
}

}  // namespace amanat::phone
