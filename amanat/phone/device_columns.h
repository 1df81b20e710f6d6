#pragma once

// Says by its name what a column of an app's database holds. Apps name alike what is alike: the
// databases of Android's messages and downloads, of Chrome, Firefox and WebView, and of messengers
// are read by one table of names, and so are those that nobody here has seen.

#include <cstdint>
#include <optional>
#include <string_view>

#include "amanat/clock/clock.h"
#include "amanat/phone/device_check.h"

namespace amanat::phone {

enum class ColumnUse : std::uint8_t { none, url, text, path, package, process, time };

/// Compared without regard to case.
ColumnUse use_of_column(std::string_view name);

/// Which of two time columns tells better when something happened: lower is better.
int rank_of_time(std::string_view name);

/// What the rows of a table are: messages, visited pages, ...
DeviceThing thing_of_table(std::string_view table);

/// A moment from a number as databases keep it: seconds, milliseconds or microseconds since 1970,
/// or microseconds since 1601 (Chrome). Which one is told by its size: moments from 1973 to 2100 do
/// not overlap. Nothing for other numbers.
std::optional<Instant> read_time(std::int64_t number);

}  // namespace amanat::phone
