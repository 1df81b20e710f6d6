// Databases by the tables they have. A table that is there counts even when it is empty today: the
// database exists to hold such rows. Coordinates count only when a row has them, since many tables
// have the columns and leave them empty.

#include <algorithm>
#include <array>

#include "amanat/phone/classify_parts.h"
#include "amanat/phone/sqlite_schema.h"

namespace amanat::phone {
namespace {

using namespace std::string_view_literals;
using consent::Category;
using consent::CategorySet;

struct TableRule {
  std::array<std::string_view, 3> tables;  // all must be there; a * at the end stands for the rest
  Category category;
  std::string_view kind;
};

constexpr auto kRules = std::to_array<TableRule>({
    // Android's providers.
    {{"raw_contacts", "data", "mimetypes"}, Category::contacts, "android-contacts"},
    {{"contacts", "data", "phone_lookup"}, Category::contacts, "android-contacts"},
    {{"calls", "voicemail_status"}, Category::call_log, "android-calls"},
    {{"calls", "android_metadata"}, Category::call_log, "android-calls"},
    {{"sms", "threads"}, Category::messages, "android-sms"},
    {{"pdu", "part", "addr"}, Category::messages, "android-mms"},
    {{"Events", "Attendees", "Calendars"}, Category::calendar, "android-calendar"},
    {{"Events", "Instances", "Reminders"}, Category::calendar, "android-calendar"},
    {{"downloads", "request_headers"}, Category::browsing, "android-downloads"},
    {{"usagestats*"}, Category::diagnostics, "android-usage"},
    {{"battery_event"}, Category::diagnostics, "android-battery"},
    {{"appstate", "android_metadata"}, Category::apps, "android-store"},
    {{"ownership", "android_metadata"}, Category::apps, "android-store"},
    {{"steps_record_table"}, Category::health, "health-connect"},
    {{"heart_rate_record_table"}, Category::health, "health-connect"},
    // Apple's.
    {{"ABPerson", "ABMultiValue"}, Category::contacts, "apple-contacts"},
    {{"message", "handle", "chat"}, Category::messages, "apple-messages"},
    {{"ZCALLRECORD"}, Category::call_log, "apple-calls"},
    {{"CalendarItem", "Calendar"}, Category::calendar, "apple-calendar"},
    {{"history_items", "history_visits"}, Category::browsing, "safari-history"},
    {{"samples", "quantity_samples"}, Category::health, "apple-health"},
    {{"ZASSET", "ZGENERICALBUM"}, Category::photos, "apple-photos"},
    {{"ZICCLOUDSYNCINGOBJECT", "ZICNOTEDATA"}, Category::documents, "apple-notes"},
    {{"ZRTCLLOCATIONMO"}, Category::location, "apple-locations"},
    // Messengers.
    {{"message", "chat", "jid"}, Category::messages, "whatsapp"},
    {{"messages", "chat_list"}, Category::messages, "whatsapp"},
    {{"call_log", "jid"}, Category::call_log, "whatsapp"},
    {{"wa_contacts"}, Category::contacts, "whatsapp-contacts"},
    {{"messages_v2", "dialogs"}, Category::messages, "telegram"},
    {{"messages", "conversations", "participants"}, Category::messages, "messages"},
    {{"messages", "participants_info"}, Category::messages, "viber"},
    {{"message", "thread", "recipient"}, Category::messages, "signal"},
    {{"messages", "threads", "thread_participants"}, Category::messages, "messenger"},
    // Browsers, mail, fitness.
    {{"urls", "visits"}, Category::browsing, "chrome-history"},
    {{"moz_places"}, Category::browsing, "firefox-places"},
    {{"cookies", "meta"}, Category::browsing, "chrome-cookies"},
    {{"moz_cookies"}, Category::browsing, "firefox-cookies"},
    {{"bookmarks", "history"}, Category::browsing, "browser"},
    {{"messages", "folders", "message_parts"}, Category::email, "mail"},
    {{"Message", "Mailbox", "Account"}, Category::email, "android-mail"},
    {{"MI_BAND_ACTIVITY_SAMPLE"}, Category::health, "gadgetbridge"},
    {{"gpslocation*"}, Category::location, "places"},
});

bool has_table(const SqliteSchema& schema, std::string_view name) {
  if (!name.ends_with('*')) return schema.find(name) != nullptr;
  name.remove_suffix(1);
  return std::ranges::any_of(schema.tables(), [&](const SqlTable& table) {
    return table.name.size() >= name.size() && std::string_view(table.name).starts_with(name);
  });
}

bool rule_holds(const TableRule& rule, const SqliteSchema& schema) {
  return std::ranges::all_of(
      rule.tables, [&](std::string_view name) { return name.empty() || has_table(schema, name); });
}

std::optional<std::size_t> column(const SqlTable& table,
                                  std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) {
    const auto found = std::ranges::find(table.columns, name);
    if (found != table.columns.end()) {
      return static_cast<std::size_t>(found - table.columns.begin());
    }
  }
  return std::nullopt;
}

bool names_place(SqliteSchema& schema) {
  return std::ranges::any_of(schema.tables(), [&](const SqlTable& table) {
    const auto latitude = column(table, {"latitude", "lat", "latitude_e7", "zlatitude"});
    const auto longitude = column(table, {"longitude", "lon", "lng", "longitude_e7", "zlongitude"});
    return latitude && longitude && schema.has_pair(table, *latitude, *longitude);
  });
}

}  // namespace

MaybeClass classify_database(Window& window) {
  auto schema = SqliteSchema::open(window);
  if (!schema) {
    // A log or journal whose database is elsewhere is still some app's data.
    const auto magic = window.big(0, 4);
    const bool log = magic && (*magic & ~std::uint64_t{1}) == 0x377F0682;
    const bool journal = window.has(0, "\xD9\xD5\x05\xF9\x20\xA1\x63\xD7"sv);
    if (log || journal) return Classification{CategorySet{Category::app_data}, "sqlite-log"};
    return std::nullopt;
  }
  Classification found;
  for (const TableRule& rule : kRules) {
    if (!rule_holds(rule, *schema)) continue;
    found.categories.insert(rule.category);
    if (found.kind.empty()) found.kind = rule.kind;
  }
  if (found.categories.empty()) found = {CategorySet{Category::app_data}, "sqlite"};
  if (names_place(*schema)) found.categories.insert(Category::location);
  return found;
}

}  // namespace amanat::phone
