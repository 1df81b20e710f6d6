#pragma once

// What the reports of all commands are put together from.

#include <string>
#include <vector>

#include "amanat/indicator/explain.h"
#include "amanat/phone/report_text.h"
#include "amanat/phone/wording.h"

namespace amanat::phone {

inline constexpr std::size_t kShownMax = 20;  // of a list; JSON has all

inline std::string files_in_words(std::uint64_t count) {
  return count_in_words(count, "file", "files");
}

inline json::Array texts(const std::vector<std::string>& list) {
  json::Array array;
  for (const std::string& text : list) array.emplace_back(printable(text));
  return array;
}

/// The first of a list, and how many more there are.
template <class Item, class Show>
void show_some(ReportText& text, const std::vector<Item>& list, const Show& show) {
  for (std::size_t i = 0; i < list.size() && i < kShownMax; ++i) {
    text.lines.push_back("  " + show(list[i]));
  }
  if (list.size() > kShownMax) {
    text.lines.push_back("  and " + std::to_string(list.size() - kShownMax)
                         + " more; --json lists all");
  }
}

/// What became of earlier verdicts when signatures are new.
void tell_carried(ReportText& text, const std::optional<CarriedOver>& carried);

/// An explanation as lines, after an empty one.
void tell_explanation(ReportText& text, const indicator::Explanation& explanation);
json::Object json_of_explanation(const indicator::Explanation& explanation);

}  // namespace amanat::phone
