#include <set>

#include <fmt/format.h>

#include "amanat/phone/report_parts.h"
#include "amanat/phone/report_text.h"
#include "amanat/phone/wording.h"

namespace amanat::phone {
namespace {

std::string place_of(const DeviceFinding& finding) {
  std::string place = printable(finding.file);
  if (!finding.table.empty()) place += " (" + printable(finding.table) + ")";
  if (finding.row) place += ":" + std::to_string(*finding.row);
  return place;
}

/// "apps.txt:3: app com.spy: package name of Spy (stalkerware; Echap), twice".
std::string line_of(const DeviceFinding& finding) {
  const indicator::Hit& hit = finding.hit;
  std::string line =
      fmt::format("{}: {} {}: {} of {} ({}; {})", place_of(finding), name_of(finding.thing),
                  printable(hit.seen.empty() ? hit.entry.value : hit.seen),
                  indicator::describe(hit.entry.kind), printable(hit.collection.name),
                  name_of(hit.collection.threat_class), printable(hit.collection.source));
  if (hit.fit == indicator::Fit::mentioned) line += ", mentioned";
  if (finding.times > 1) line += fmt::format(", {} times", finding.times);
  return line;
}

json::Object json_of(const DeviceFinding& finding) {
  const indicator::Hit& hit = finding.hit;
  json::Array abilities;
  for (const indicator::Ability& ability : finding.abilities) {
    abilities.emplace_back(
        json::Object{{"permission", ability.permission}, {"sentence", ability.sentence}});
  }
  json::Object object{{"file", printable(finding.file)},
                      {"thing", name_of(finding.thing)},
                      {"seen", printable(hit.seen)},
                      {"indicator", printable(hit.entry.value)},
                      {"kind", indicator::describe(hit.entry.kind)},
                      {"name", printable(hit.collection.name)},
                      {"class", name_of(hit.collection.threat_class)},
                      {"source", printable(hit.collection.source)},
                      {"licence", printable(hit.collection.licence)},
                      {"mentioned", hit.fit == indicator::Fit::mentioned},
                      {"times", finding.times},
                      {"abilities", std::move(abilities)}};
  if (!finding.table.empty()) object.emplace_back("table", printable(finding.table));
  if (finding.row) object.emplace_back("row", *finding.row);
  if (finding.time) object.emplace_back("time", to_iso8601(*finding.time));
  if (finding.is_sideloaded) object.emplace_back("sideloaded", *finding.is_sideloaded);
  return object;
}

/// What of the lists is applied, and what could not be.
json::Array tell_of_lists(ReportText& text, const indicator::Loaded& loaded) {
  json::Array lists;
  for (const indicator::SourceReport& list : loaded.lists) {
    json::Object object{{"file", printable(list.file)},
                        {"format", list.format},
                        {"applied", list.applied},
                        {"left", list.left_count()}};
    if (list.failure) {
      text.lines.push_back(fmt::format("List {} is not applied: {}", printable(list.file),
                                       printable(list.failure->message)));
      object.emplace_back("problem", printable(list.failure->message));
    }
    lists.emplace_back(std::move(object));
  }
  return lists;
}

}  // namespace

ReportText report_text(const DeviceReport& report, const indicator::Loaded& loaded) {
  ReportText text;
  json::Array findings;
  std::set<indicator::ThreatClass> classes;
  for (const DeviceFinding& finding : report.findings) {
    text.lines.push_back(line_of(finding));
    if (finding.is_sideloaded == true) {
      text.lines.emplace_back("    It was not installed from a known shop.");
    }
    for (const indicator::Ability& ability : finding.abilities) {
      text.lines.push_back(fmt::format("    {}", ability.sentence));
    }
    findings.emplace_back(json_of(finding));
    classes.insert(finding.hit.collection.threat_class);
  }
  if (report.is_cut) text.lines.emplace_back("There are more findings than are told.");
  json::Array unread;
  for (const DeviceUnread& file : report.unread) {
    text.lines.push_back(
        fmt::format("{}: not looked into: {}", printable(file.file), printable(file.reason)));
    unread.emplace_back(
        json::Object{{"file", printable(file.file)}, {"reason", printable(file.reason)}});
  }
  json::Array lists = tell_of_lists(text, loaded);
  text.lines.push_back(
      fmt::format("{} compared with {}: {}, {}.", files_in_words(report.files),
                  count_in_words(loaded.indicators.entries().size(), "indicator", "indicators"),
                  count_in_words(report.apps, "app", "apps"),
                  count_in_words(report.rows, "record of databases", "records of databases")));
  json::Object explanations;
  for (const indicator::ThreatClass threat_class : classes) {
    const indicator::Explanation& explanation = indicator::explain(threat_class);
    tell_explanation(text, explanation);
    explanations.emplace_back(name_of(threat_class), json_of_explanation(explanation));
  }
  text.json = {{"files", report.files},
               {"bytes", report.bytes},
               {"databases", report.databases},
               {"rows", report.rows},
               {"apps", report.apps},
               {"texts", report.texts},
               {"findings", std::move(findings)},
               {"more_findings", report.is_cut},
               {"unread", std::move(unread)},
               {"lists", std::move(lists)},
               {"explanations", std::move(explanations)}};
  return text;
}

}  // namespace amanat::phone
