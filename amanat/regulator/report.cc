// A report as JSON and as a table.

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "amanat/clock/clock.h"
#include "amanat/regulator/controls.h"
#include "amanat/regulator/verdict.h"

namespace amanat::regulator {
namespace {

using json::Array;
using json::Object;
using json::Value;

constexpr std::size_t kWidth = 100;
constexpr std::size_t kCheckWidth = 26;
constexpr std::size_t kVerdictWidth = 17;

const CheckNote& note_of(std::string_view check) {
  const auto notes = check_notes();
  const auto found = std::ranges::find(notes, check, &CheckNote::check);
  ensure(found != notes.end(), "every finding is by a known check");
  return *found;
}

Array numbers(const std::vector<std::uint64_t>& values) {
  Array array;
  for (const std::uint64_t value : values) array.emplace_back(value);
  return array;
}

template <class Texts>
Array texts(const Texts& values) {
  Array array;
  for (const auto& value : values) array.emplace_back(std::string_view(value));
  return array;
}

Value sample_to_json(const std::optional<Sample>& sample) {
  if (!sample) return {};
  return Object{{"of", sample->of},
                {"population", sample->population},
                {"examined", sample->examined},
                {"violating", sample->violating},
                {"whole", sample->whole},
                {"in_words", in_words(*sample)}};
}

Value finding_to_json(const Finding& finding) {
  const CheckNote& note = note_of(finding.check);
  return Object{{"check", finding.check},
                {"verdict", name_of(finding.verdict)},
                {"reason", finding.reason},
                {"claim", note.claim},
                {"controls", texts(controls_of(finding.check))},
                {"proof", note.proof},
                {"sample", sample_to_json(finding.sample)},
                {"entries", numbers(finding.entries)},
                {"exchanges", numbers(finding.exchanges)},
                {"checkpoints", texts(finding.notes)},
                {"unprovable", note.unprovable}};
}

/// Breaks `text` at spaces, each line after the first indented by `indent`.
std::string wrapped(std::string_view text, std::size_t indent) {
  std::string out;
  std::size_t column = indent;
  while (!text.empty()) {
    const auto space = text.find(' ');
    const std::string_view word = text.substr(0, space);
    text.remove_prefix(space == std::string_view::npos ? text.size() : space + 1);
    if (column > indent && column + 1 + word.size() > kWidth) {
      out += fmt::format("\n{:{}}", "", indent);
      column = indent;
    } else if (column > indent) {
      out += ' ';
      ++column;
    }
    out += word;
    column += word.size();
  }
  return out;
}

std::string rows_of(const Finding& finding) {
  constexpr std::size_t kIndent = 2 + kCheckWidth + kVerdictWidth;
  std::string rows =
      fmt::format("  {:<{}}{:<{}}{}\n", finding.check, kCheckWidth, name_of(finding.verdict),
                  kVerdictWidth, wrapped(finding.reason, kIndent));
  if (finding.sample) {
    rows += fmt::format("{:{}}{}\n", "", kIndent, wrapped(in_words(*finding.sample), kIndent));
  }
  return rows;
}

constexpr auto kClaims = std::to_array<std::pair<std::string_view, std::string_view>>({
    {"record", "The record: what everything below stands on"},
    {"permission", "Permission: collected and used only under law and consent"},
    {"blindness", "Blindness: nobody but the owner can read it"},
    {"place", "Place: it lies where the maker says"},
    {"safekeeping", "Safekeeping: nothing is lost, withdrawn data is gone"},
    {"protection", "Protection: malware is caught, the database is fresh"},
});

}  // namespace

Value to_json(const Report& report) {
  Array checks;
  for (const Finding& finding : report.findings) checks.emplace_back(finding_to_json(finding));
  return Object{
      {"schema", "amanat-report/1"},     {"url", report.url},
      {"policy", report.policy.hex()},   {"finished", report.finished},
      {"log_size", report.log_size},     {"witnesses", report.witnesses},
      {"unanswered", report.unanswered}, {"refuted", report.is_refuted()},
      {"checks", std::move(checks)},     {"nobody_can_prove", texts(what_nobody_can_prove())}};
}

std::string to_table(const Report& report) {
  std::string table = fmt::format("{}, {}\npolicy {}\nlog of {} entries, {} witnesses\n",
                                  report.url, to_iso8601(instant_from_millis(report.finished)),
                                  report.policy.hex(), report.log_size, report.witnesses);
  for (const auto& [claim, title] : kClaims) {
    table += fmt::format("\n{}\n", title);
    for (const Finding& finding : report.findings) {
      if (note_of(finding.check).claim == claim) table += rows_of(finding);
    }
  }
  table += "\nNobody can prove\n";
  for (const std::string_view line : what_nobody_can_prove()) {
    table += fmt::format("  {}\n", line);
  }
  if (report.unanswered > 0) {
    table += fmt::format("\nUnanswered questions, named in the evidence: {}\n", report.unanswered);
  }
  return table;
}

}  // namespace amanat::regulator
