#include "amanat/indicator/csv.h"

#include <algorithm>

#include "amanat/indicator/spelling.h"

namespace amanat::indicator {

std::optional<std::vector<std::string>> RowReader::next() {
  while (at_ < text_.size()) {
    row_line_ = line_;
    std::vector<std::string> cells;
    for (;;) {
      std::string cell = read_cell();
      if (cells.size() < kCellsMax) cells.push_back(std::move(cell));
      if (at_ >= text_.size()) break;
      const char end = text_[at_++];
      if (end == separator_) continue;
      ++line_;
      break;
    }
    const bool has_content =
        std::ranges::any_of(cells, [](const std::string& cell) { return !cell.empty(); });
    if (has_content) return cells;
  }
  return std::nullopt;
}

// Leaves `at_` on the separator or line end after the cell, or at the end.
std::string RowReader::read_cell() {
  while (at_ < text_.size() && text_[at_] == ' ') ++at_;
  std::string cell;
  if (at_ < text_.size() && text_[at_] == '"') cell = read_quoted();
  const std::size_t end =
      std::min(text_.find_first_of(separator_ == '\t' ? "\t\n" : ",\n", at_), text_.size());
  const std::string_view bare = text_.substr(at_, end - at_);
  at_ = end;
  cell += trim(bare).substr(0, kCellBytesMax - std::min(cell.size(), kCellBytesMax));
  return std::string(trim(cell));
}

std::string RowReader::read_quoted() {
  std::string cell;
  for (++at_; at_ < text_.size(); ++at_) {
    const char c = text_[at_];
    if (c == '"') {
      const bool is_doubled = at_ + 1 < text_.size() && text_[at_ + 1] == '"';
      ++at_;
      if (!is_doubled) break;
    }
    if (c == '\n') ++line_;
    if (cell.size() < kCellBytesMax) cell.push_back(c);
  }
  return cell;
}

std::string write_row(const std::vector<std::string>& cells, char separator) {
  std::string out;
  for (const std::string& cell : cells) {
    if (!out.empty()) out.push_back(separator);
    out.push_back('"');
    for (const char c : cell) {
      if (c == '"') out.push_back('"');
      out.push_back(c);
    }
    out.push_back('"');
  }
  return out + "\n";
}

}  // namespace amanat::indicator
