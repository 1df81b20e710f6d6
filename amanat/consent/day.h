#pragma once

// Days of the calendar, as laws and notices carry them: `2027-05-13`.

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace amanat::consent {

using Day = std::chrono::sys_days;

/// Reads four digits of the year, two of the month, two of the day, joined by hyphens; nothing when
/// the text is another, or the calendar has no such day.
std::optional<Day> parse_day(std::string_view text);

/// Writes what `parse_day` reads, for the years 0 to 9999.
std::string day_text(Day day);

}  // namespace amanat::consent
