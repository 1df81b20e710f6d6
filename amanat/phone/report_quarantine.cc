#include <fmt/format.h>

#include "amanat/phone/report_parts.h"
#include "amanat/phone/report_text.h"
#include "amanat/phone/wording.h"

namespace amanat::phone {
namespace {

json::Object json_of(const Quarantined& file) {
  const QuarantineRecord& record = file.record;
  return {{"id", file.id.hex()},
          {"path", printable(record.path)},
          {"size", record.stamp.size},
          {"when", to_iso8601(record.when)},
          {"sha256", record.digest.hex()},
          {"signature", printable(record.reason.signature)},
          {"source", printable(record.reason.source)},
          {"inside", printable(record.reason.inside)},
          {"reason", printable(record.reason.words)}};
}

}  // namespace

ReportText report_text(const QuarantineList& list) {
  ReportText text;
  json::Array files;
  json::Array damaged;
  for (const Quarantined& file : list.files) {
    const QuarantineRecord& record = file.record;
    text.lines.push_back(fmt::format("{}  {}  {:>8}  {}  {}", file.id.hex(),
                                     to_iso8601(record.when), bytes_in_words(record.stamp.size),
                                     printable(record.reason.signature), printable(record.path)));
    files.emplace_back(json_of(file));
  }
  for (const QuarantineId& id : list.damaged) {
    text.lines.push_back(fmt::format("{}  is damaged and does not open", id.hex()));
    damaged.emplace_back(id.hex());
  }
  if (text.lines.empty()) text.lines.emplace_back("Nothing is in quarantine.");
  text.json = {{"files", std::move(files)}, {"damaged", std::move(damaged)}};
  return text;
}

ReportText report_text(const Quarantined& file) {
  ReportText text;
  const QuarantineRecord& record = file.record;
  text.lines = {"Id         " + file.id.hex(),
                "Lay at     " + printable(record.path),
                "Size       " + bytes_in_words(record.stamp.size),
                "SHA-256    " + record.digest.hex(),
                "Put away   " + to_iso8601(record.when),
                "Found      " + printable(record.reason.signature)};
  if (!record.reason.inside.empty()) {
    text.lines.push_back("Inside     " + printable(record.reason.inside));
  }
  if (!record.reason.source.empty()) {
    text.lines.push_back("Named by   " + printable(record.reason.source));
  }
  text.lines.push_back(printable(record.reason.words));
  text.json = json_of(file);
  return text;
}

}  // namespace amanat::phone
