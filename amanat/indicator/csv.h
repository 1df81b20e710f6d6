#pragma once

// Rows of comma- or tab-separated text (RFC 4180), as lists are published: quotes around cells or
// not, spaces after commas, comments.
//
//   row  = cell *( separator cell )
//   cell = bare / *SP DQUOTE *( any / 2DQUOTE ) DQUOTE        quoted cells may hold line ends

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace amanat::indicator {

inline constexpr std::size_t kCellsMax = 256;
inline constexpr std::size_t kCellBytesMax = 64 * 1024;

/// Walks over the rows of a text. Borrows it.
class RowReader {
 public:
  RowReader(std::string_view text, char separator) : text_(text), separator_(separator) {}

  /// The next row that is not empty; nothing at the end. Cells are trimmed; what goes beyond
  /// kCellsMax or kCellBytesMax is cut off.
  std::optional<std::vector<std::string>> next();

  std::uint64_t line() const { return row_line_; }  // where the last row began, from 1

 private:
  std::string read_cell();
  std::string read_quoted();

  std::string_view text_;
  char separator_;
  std::size_t at_ = 0;
  std::uint64_t line_ = 1;
  std::uint64_t row_line_ = 1;
};

/// The rows' text: each cell in quotes.
std::string write_row(const std::vector<std::string>& cells, char separator);

}  // namespace amanat::indicator
