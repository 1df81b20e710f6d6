// JSON by the members it has. Each rule names paths that must all be there; all rules that hold add
// their category, since a conversation may hold places as well.

#include <algorithm>
#include <array>
#include <string>

#include "amanat/phone/classify_parts.h"
#include "amanat/phone/json_outline.h"

namespace amanat::phone {
namespace {

using consent::Category;
using consent::CategorySet;

struct Rule {
  Category category;
  std::string_view kind;
  std::array<std::string_view, 3> paths;  // empty ones ask nothing
};

constexpr auto kRules = std::to_array<Rule>({
    // Google's location history: Records.json, Semantic Location History, Timeline.json.
    {Category::location, "google-records", {".locations[].latitudeE7"}},
    {Category::location, "google-semantic", {".timelineObjects"}},
    {Category::location, "google-timeline", {".semanticSegments"}},
    {Category::location, "google-timeline", {"[].visit.topCandidate.placeLocation"}},
    {Category::location, "google-timeline", {"[].activity.start", "[].activity.end"}},
    {Category::location, "google-timeline", {"[].timelinePath"}},
    {Category::location, "overland", {".locations[].geometry.coordinates"}},
    {Category::location, "geojson", {".features[].geometry"}},
    {Category::location, "geojson", {".geometry.coordinates"}},
    // Health records of others.
    {Category::health, "open-mhealth", {".header.schema_id"}},
    {Category::health, "open-mhealth", {".schema_id.namespace", ".creation_date_time"}},
    {Category::health, "google-fit", {".Data Points", ".Data Source"}},
    {Category::health, "google-fit", {".fitnessActivity"}},
    {Category::health, "fitbit", {"[].value.bpm", "[].dateTime"}},
    {Category::health, "fitbit", {"[].logId", "[].dateOfSleep"}},
    {Category::health, "health-export", {".data.metrics[].units"}},
    {Category::health, "fhir", {".resourceType", ".subject"}},
    // Conversations: Telegram, Instagram and Messenger, Google Chat, readers of exports.
    {Category::messages, "telegram", {".messages[].from", ".messages[].text"}},
    {Category::messages, "telegram", {".messages[].type", ".messages[].date_unixtime"}},
    {Category::messages, "telegram", {".chats.list[].messages"}},
    {Category::messages, "meta-chat", {".messages[].sender_name", ".messages[].timestamp_ms"}},
    {Category::messages, "google-chat", {".messages[].creator", ".messages[].created_date"}},
    {Category::messages, "chat", {"[].author", "[].message", "[].timestamp"}},
    {Category::messages, "sms", {"[].address", "[].body", "[].date"}},
    {Category::messages, "sms", {".address", ".body", ".date"}},
    {Category::contacts, "telegram", {".contacts.list[].phone_number"}},
    {Category::contacts, "people", {".connections[].names", ".connections[].resourceName"}},
    {Category::call_log, "calls", {"[].number", "[].duration", "[].date"}},
    {Category::call_log, "calls", {".number", ".duration", ".date"}},
    {Category::browsing, "chrome-history", {".Browser History"}},
    {Category::browsing, "my-activity", {"[].header", "[].titleUrl", "[].time"}},
    {Category::browsing, "chrome-bookmarks", {".roots.bookmark_bar"}},
    {Category::browsing, "firefox-bookmarks", {".root", ".guid", ".children[].guid"}},
    {Category::browsing, "har", {".log.entries[].request.url"}},
    {Category::diagnostics, "apple-report", {".bug_type", ".os_version"}},
    {Category::diagnostics, "apple-report", {".incident", ".procName"}},
    {Category::diagnostics, "trace", {".traceEvents"}},
    {Category::photos, "photo-sidecar", {".photoTakenTime", ".geoData"}},
    {Category::documents, "keep-note", {".textContent", ".isTrashed"}},
    {Category::documents, "notebook", {".cells[].cell_type", ".nbformat"}},
});

// The measures of Open mHealth and of HealthKit exports that stand alone, without a header.
constexpr auto kHealthMembers = std::to_array<std::string_view>({
    ".acceleration",
    ".blood_glucose",
    ".blood_pressure",
    ".body_fat_percentage",
    ".body_height",
    ".body_mass_index",
    ".body_posture",
    ".body_temperature",
    ".body_weight",
    ".breath_carbon_monoxide",
    ".calories_burned",
    ".diastolic_blood_pressure",
    ".expiratory_time",
    ".heart_rate",
    ".hk_metadata",
    ".inspiratory_time",
    ".kcal_burned",
    ".medication",
    ".medication_name",
    ".minute_volume",
    ".minutes_moderate_activity",
    ".oxygen_saturation",
    ".physical_activity",
    ".activity_name",
    ".respiratory_rate",
    ".rr_interval",
    ".sleep_duration",
    ".sleep_episode",
    ".step_count",
    ".systolic_blood_pressure",
    ".temporal_relationship_to_meal",
    ".temporal_relationship_to_physical_activity",
    ".temporal_relationship_to_sleep",
    ".total_sleep_time",
    ".ventilation_cycle_time",
    ".pace",
    ".specimen_source",
    ".quantity_type",
    ".category_type",
    ".correlation_type",
    ".workout_name",
    ".dose",
    ".dispensed_medication",
    ".prescribed_medication",
    ".medication_adherence_percent",
});

bool rule_holds(const Rule& rule, const JsonOutline& outline) {
  return std::ranges::all_of(
      rule.paths, [&](std::string_view path) { return path.empty() || outline.has(path); });
}

bool is_coordinate(const JsonOutline& outline, const std::string& path) {
  std::string_view value = outline.value(path);
  if (value.empty()) value = outline.value(path + ".value");
  return !value.empty() && value.find_first_not_of("0123456789+-.eE") == std::string_view::npos;
}

// Latitude and longitude side by side, of which one is not 0.
bool names_place(const JsonOutline& outline) {
  struct Pair {
    std::string_view latitude;
    std::array<std::string_view, 3> longitudes;
  };
  static constexpr auto kPairs = std::to_array<Pair>({
      {".latitude", {".longitude"}},
      {".lat", {".lon", ".lng", ".long"}},
      {".latitudeE7", {".longitudeE7"}},
      {".latE7", {".lngE7"}},
      {".Latitude", {".Longitude"}},
  });
  for (const auto& [path, value] : outline.paths()) {
    for (const Pair& pair : kPairs) {
      if (!std::string_view(path).ends_with(pair.latitude)) continue;
      const std::string parent = path.substr(0, path.size() - pair.latitude.size());
      for (const std::string_view longitude : pair.longitudes) {
        const std::string other = parent + std::string(longitude);
        if (longitude.empty() || !outline.has(other)) continue;
        if (is_coordinate(outline, path) || is_coordinate(outline, other)) return true;
      }
    }
  }
  return false;
}

bool is_geometry(const JsonOutline& outline) {
  static constexpr std::array<std::string_view, 9> kTypes{
      "FeatureCollection", "Feature", "Point",        "MultiPoint",        "LineString",
      "MultiLineString",   "Polygon", "MultiPolygon", "GeometryCollection"};
  if (std::ranges::find(kTypes, outline.value(".type")) == kTypes.end()) return false;
  return outline.has(".coordinates") || outline.has(".geometry") || outline.has(".features")
         || outline.has(".geometries");
}

void note(Classification& found, Category category, std::string_view kind) {
  found.categories.insert(category);
  if (found.kind.empty()) found.kind = kind;
}

}  // namespace

MaybeClass classify_json(std::string_view text, bool complete) {
  const auto outline = JsonOutline::read(text, complete);
  if (!outline) return std::nullopt;
  Classification found;
  for (const Rule& rule : kRules) {
    if (rule_holds(rule, *outline)) note(found, rule.category, rule.kind);
  }
  if (std::ranges::any_of(kHealthMembers,
                          [&](std::string_view member) { return outline->has(member); })) {
    note(found, Category::health, "health-record");
  }
  if (outline->value("._type") == "location" || outline->value("[]._type") == "location") {
    note(found, Category::location, "owntracks");
  }
  if (is_geometry(*outline)) note(found, Category::location, "geojson");
  if (outline->value("[]") == "vcalendar") note(found, Category::calendar, "jcal");
  if (outline->value("[]") == "vcard") note(found, Category::contacts, "jcard");
  if (names_place(*outline)) note(found, Category::location, "place");
  if (found.categories.empty()) note(found, Category::other, "json");
  return found;
}

}  // namespace amanat::phone
