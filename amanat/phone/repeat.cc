#include "amanat/phone/repeat.h"

#include <algorithm>
#include <charconv>
#include <cstdint>

namespace amanat::phone {
namespace {

constexpr std::chrono::milliseconds kLookMax = std::chrono::minutes(1);  // then see what time it is

}  // namespace

Result<std::chrono::minutes> parse_interval(std::string_view text) {
  std::uint32_t count = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), count);
  const std::string_view unit = text.substr(static_cast<std::size_t>(end - text.data()));
  std::uint32_t minutes = 0;
  if (unit == "m") minutes = 1;
  if (unit == "h") minutes = 60;
  if (unit == "d") minutes = 24 * 60;
  constexpr std::uint32_t kYear = 365 * 24 * 60;
  if (problem != std::errc() || minutes == 0 || count == 0 || count > kYear / minutes) {
    return fail(Code::invalid_input, "an interval is minutes, hours or days: 30m, 24h, 7d");
  }
  return std::chrono::minutes(count * minutes);
}

void repeat_every(std::chrono::minutes interval, const Clock& clock, const Repetition& repetition) {
  for (;;) {
    const Instant started = clock.now();
    if (!repetition.act()) return;
    Instant due = started + interval;
    for (;;) {
      const Instant now = clock.now();
      due = std::min<Instant>(due, now + interval);  // the clock may have been set back
      if (now >= due) break;
      repetition.sleep(std::min<std::chrono::milliseconds>(due - now, kLookMax));
    }
  }
}

}  // namespace amanat::phone
