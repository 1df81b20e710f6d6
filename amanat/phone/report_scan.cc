#include <algorithm>
#include <array>
#include <set>

#include <fmt/format.h>

#include "amanat/phone/quarantine_threat.h"
#include "amanat/phone/report_parts.h"
#include "amanat/phone/report_text.h"
#include "amanat/phone/wording.h"

namespace amanat::phone {
namespace {

constexpr std::size_t kIdShown = 12;  // enough to name a file of the quarantine

/// clamscan's form where it has one, since scripts look for "FOUND".
std::string line_of(const ScannedFile& file) {
  const scan::Verdict& verdict = file.verdict;
  std::string line = printable(file.path) + ": ";
  switch (verdict.kind) {
    case scan::Verdict::Kind::threat: line += printable(verdict.signature) + " FOUND"; break;
    case scan::Verdict::Kind::not_fully_scanned:
      line += "not fully scanned: " + verdict.reason;
      break;
    default: line += "could not be examined: " + verdict.reason;
  }
  if (!verdict.inside.empty()) line += " in " + printable(verdict.inside);
  if (file.put_away) line += "; put away as " + file.put_away->hex().substr(0, kIdShown);
  if (!file.left_because.empty()) line += "; not put away: " + printable(file.left_because);
  return line;
}

json::Object json_of(const ScannedFile& file) {
  const scan::Verdict& verdict = file.verdict;
  json::Object object{{"path", printable(file.path)},
                      {"verdict", scan::name_of(verdict.kind)},
                      {"inside", printable(verdict.inside)}};
  if (verdict.kind == scan::Verdict::Kind::threat) {
    object.emplace_back("signature", printable(verdict.signature));
    object.emplace_back("class", threat::name_of(verdict.threat_class));
    object.emplace_back("source", printable(verdict.source));
    object.emplace_back("position", verdict.position);
    if (file.app) {
      json::Array abilities;
      for (const auto& ability : indicator::abilities_of(file.app->permissions)) {
        abilities.emplace_back(
            json::Object{{"permission", ability.permission}, {"sentence", ability.sentence}});
      }
      object.emplace_back("package", printable(file.app->package));
      object.emplace_back("abilities", std::move(abilities));
    }
    if (file.put_away) object.emplace_back("put_away", file.put_away->hex());
    if (!file.left_because.empty()) {
      object.emplace_back("left_because", printable(file.left_because));
    }
  } else {
    object.emplace_back("reason", verdict.reason);
  }
  return object;
}

json::Array json_of(const std::vector<scan::LoadReport::Left>& all) {
  json::Array array;
  for (const auto& left : all) {
    array.emplace_back(json::Object{
        {"reason", left.reason}, {"count", left.count}, {"first", printable(left.first)}});
  }
  return array;
}

std::vector<threat::Class> classes_of(const ScanReport& report) {
  std::set<threat::Class> classes;
  for (const ScannedFile& file : report.findings) {
    if (file.verdict.kind == scan::Verdict::Kind::threat) classes.insert(file.verdict.threat_class);
  }
  return {classes.begin(), classes.end()};
}

/// What watches a person is explained, or said to be explained, whoever asks.
void tell_of_classes(ReportText& text, const ScanReport& report, bool is_explained) {
  json::Object explanations;
  for (const threat::Class threat_class : classes_of(report)) {
    const indicator::Explanation& explanation = explain(threat_class);
    explanations.emplace_back(threat::name_of(threat_class), json_of_explanation(explanation));
    if (is_explained) {
      tell_explanation(text, explanation);
    } else if (threat_class == threat::Class::stalkerware) {
      text.lines.push_back(fmt::format("{}. Before you remove anything: amanat scan --explain",
                                       explanation.heading));
    }
  }
  text.json.emplace_back("explanations", std::move(explanations));
}

}  // namespace

void tell_carried(ReportText& text, const std::optional<CarriedOver>& carried) {
  if (!carried) return;
  if (*carried != CarriedOver()) {
    text.lines.push_back(
        fmt::format("The signatures are new: {} under them too, {} to be examined again.",
                    count_in_words(carried->kept, "earlier verdict holds", "earlier verdicts hold"),
                    count_in_words(carried->to_examine, "content has", "contents have")));
  }
  text.json.emplace_back(
      "carried_over", json::Object{{"kept", carried->kept}, {"to_examine", carried->to_examine}});
}

void tell_explanation(ReportText& text, const indicator::Explanation& explanation) {
  text.lines.emplace_back();
  text.lines.push_back(fmt::format("{}.", explanation.heading));
  text.lines.emplace_back(explanation.what_it_can_do);
  for (const std::string_view advice : explanation.advice) {
    text.lines.push_back(fmt::format("  - {}", advice));
  }
}

json::Object json_of_explanation(const indicator::Explanation& explanation) {
  json::Array advice;
  for (const std::string_view sentence : explanation.advice) advice.emplace_back(sentence);
  return {{"heading", explanation.heading},
          {"what_it_can_do", explanation.what_it_can_do},
          {"advice", std::move(advice)}};
}

ReportText report_text(const ScanReport& report, const scan::Database& database,
                       bool is_explained) {
  ReportText text;
  json::Array findings;
  for (const ScannedFile& file : report.findings) {
    text.lines.push_back(line_of(file));
    if (is_explained && file.app) {
      text.lines.push_back("    The app " + printable(file.app->package) + ":");
      for (const auto& ability : indicator::abilities_of(file.app->permissions)) {
        text.lines.push_back(fmt::format("    {}", ability.sentence));
      }
    }
    findings.emplace_back(json_of(file));
  }
  for (const std::string& path : report.unreadable) {
    text.lines.push_back(printable(path) + ": cannot be read");
  }
  std::string scanned = fmt::format(
      "{} scanned ({}) with {}", files_in_words(report.files), bytes_in_words(report.bytes),
      count_in_words(database.report().signatures(), "signature", "signatures"));
  if (report.unchanged_files != 0) {
    scanned += fmt::format("; {} as they were when they were scanned before",
                           files_in_words(report.unchanged_files));
  }
  text.lines.push_back(scanned + ".");
  if (report.is_cut) text.lines.emplace_back("Stopped before the end.");
  if (!report.cache_problem.empty()) {
    text.lines.push_back("What was found is not remembered: " + printable(report.cache_problem));
  }
  text.json = {{"files", report.files},
               {"bytes", report.bytes},
               {"unchanged_files", report.unchanged_files},
               {"findings", std::move(findings)},
               {"unreadable", texts(report.unreadable)},
               {"stopped", report.is_cut},
               {"database", database.version().hex()}};
  tell_carried(text, report.carried);
  tell_of_classes(text, report, is_explained);
  return text;
}

std::string finding_line(const ScannedFile& file) { return line_of(file); }

json::Object finding_json(const ScannedFile& file) { return json_of(file); }

ReportText report_text(const WatchReport& report) {
  ReportText text;
  text.lines.push_back(
      fmt::format("{} examined, {} found, {} put away.", files_in_words(report.files),
                  count_in_words(report.threats, "threat", "threats"), report.put_away));
  text.json = {{"files", report.files}, {"threats", report.threats}, {"put_away", report.put_away}};
  return text;
}

ReportText report_text(const scan::Database& database) {
  ReportText text;
  const scan::LoadReport& report = database.report();
  text.lines.push_back(fmt::format(
      "Compiled {} of {}: {} hashes, {} patterns, {} rules, {} allowed files.",
      count_in_words(report.signatures(), "signature", "signatures"), files_in_words(report.files),
      report.hashes, report.patterns, report.rules, report.allowed));
  for (const auto& left : report.left) {
    text.lines.push_back(fmt::format("Left out  {}: {} (first: {})", left.count, left.reason,
                                     printable(left.first)));
  }
  text.json = {
      {"version", database.version().hex()}, {"files", report.files}, {"hashes", report.hashes},
      {"patterns", report.patterns},         {"rules", report.rules}, {"allowed", report.allowed},
      {"left", json_of(report.left)}};
  return text;
}

}  // namespace amanat::phone
