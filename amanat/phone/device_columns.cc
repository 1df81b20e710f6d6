#include "amanat/phone/device_columns.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace amanat::phone {
namespace {

using Name = std::string_view;

constexpr auto kUrlColumns = std::to_array<Name>({"url",
                                                  "uri",
                                                  "link",
                                                  "href",
                                                  "referer",
                                                  "referrer",
                                                  "tab_url",
                                                  "tab_referrer_url",
                                                  "site_url",
                                                  "page_url",
                                                  "origin",
                                                  "origin_url",
                                                  "action_url",
                                                  "signon_realm",
                                                  "top_frame_site_key",
                                                  "last_url",
                                                  "source_url",
                                                  "media_url",
                                                  "location",
                                                  "host",
                                                  "host_key",
                                                  "hostname",
                                                  "domain",
                                                  "base_domain",
                                                  "basedomain",
                                                  "rev_host_url",
                                                  "current_url",
                                                  "icon_url",
                                                  "preview_image_url",
                                                  "download_uri",
                                                  "referer_uri",
                                                  "ct_l"});
constexpr auto kTextColumns = std::to_array<Name>(
    {"body",    "text",         "subject",   "sub",         "message",      "content",
     "snippet", "data",         "text_data", "title",       "description",  "caption",
     "note",    "message_text", "hint",      "query",       "entity",       "address",
     "email",   "account_name", "sender",    "recipient",   "display_name", "notification_text",
     "value",   "json",         "payload",   "search_term", "term",         "errormsg"});
constexpr auto kPathColumns =
    std::to_array<Name>({"_data", "path", "filepath", "file_path", "target_path", "current_path",
                         "root_path", "relative_path", "file_name", "filename"});
constexpr auto kPackageColumns = std::to_array<Name>(
    {"package", "package_name", "packagename", "pkg", "pkg_name", "notificationpackage",
     "owner_package_name", "app_package", "app_package_name", "calling_package", "bundle_id",
     "application_id", "app_id", "creator", "by_ext_app_id", "owning_package"});
constexpr auto kProcessColumns =
    std::to_array<Name>({"process", "process_name", "proc_name", "procname"});

// The better ones first.
constexpr auto kTimeColumns = std::to_array<Name>({"date",
                                                   "last_visit_time",
                                                   "last_visit_date",
                                                   "visit_time",
                                                   "visit_date",
                                                   "timestamp",
                                                   "start_time",
                                                   "start_time_millis",
                                                   "lastmod",
                                                   "date_sent",
                                                   "received_timestamp",
                                                   "time",
                                                   "last_access_time",
                                                   "last_access_utc",
                                                   "lastaccessed",
                                                   "creation_utc",
                                                   "creationtime",
                                                   "date_modified",
                                                   "datemodified",
                                                   "date_added",
                                                   "dateadded",
                                                   "created",
                                                   "created_at",
                                                   "lastmodify",
                                                   "modified",
                                                   "last_modified",
                                                   "updated_at",
                                                   "_when"});

constexpr auto kMessageTables = std::to_array<Name>(
    {"sms", "pdu", "part", "message", "messages", "chat", "raw", "threads", "canonical_addresses",
     "addr", "attachments", "message_link", "message_media", "moz_message", "mms", "conversation",
     "conversations", "participants", "parts"});
constexpr auto kPageTables = std::to_array<Name>({"urls",
                                                  "visits",
                                                  "history",
                                                  "bookmarks",
                                                  "moz_places",
                                                  "moz_historyvisits",
                                                  "moz_origins",
                                                  "moz_hosts",
                                                  "moz_cookies",
                                                  "moz_bookmarks",
                                                  "cookies",
                                                  "icon_mapping",
                                                  "segments",
                                                  "keyword_search_terms",
                                                  "top_sites",
                                                  "thumbnails",
                                                  "logins",
                                                  "tabs",
                                                  "formurl",
                                                  "httpauth",
                                                  "cache",
                                                  "favicons",
                                                  "clusters_and_visits",
                                                  "content_annotations",
                                                  "most_visited"});
constexpr auto kDownloadTables =
    std::to_array<Name>({"downloads", "downloads_url_chains", "downloads_slices", "request_headers",
                         "moz_downloads", "download"});

std::string lower(std::string_view name) {
  std::string out(name);
  std::ranges::transform(out, out.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  });
  return out;
}

template <std::size_t N>
bool has(const std::array<Name, N>& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

constexpr std::int64_t kSecondsMin = 94'694'400;       // 1973
constexpr std::int64_t kSecondsMax = 4'102'444'800;    // 2100
constexpr std::int64_t kSeconds1601 = 11'644'473'600;  // from 1601 to 1970

bool is_moment(std::int64_t seconds) { return seconds >= kSecondsMin && seconds < kSecondsMax; }

}  // namespace

ColumnUse use_of_column(std::string_view name) {
  const std::string plain = lower(name);
  if (has(kUrlColumns, plain)) return ColumnUse::url;
  if (has(kTextColumns, plain)) return ColumnUse::text;
  if (has(kPathColumns, plain)) return ColumnUse::path;
  if (has(kPackageColumns, plain)) return ColumnUse::package;
  if (has(kProcessColumns, plain)) return ColumnUse::process;
  if (has(kTimeColumns, plain)) return ColumnUse::time;
  return ColumnUse::none;
}

int rank_of_time(std::string_view name) {
  const auto found = std::ranges::find(kTimeColumns, lower(name));
  return static_cast<int>(found - kTimeColumns.begin());
}

DeviceThing thing_of_table(std::string_view table) {
  const std::string plain = lower(table);
  if (has(kMessageTables, plain)) return DeviceThing::message;
  if (has(kPageTables, plain)) return DeviceThing::visited_page;
  if (has(kDownloadTables, plain)) return DeviceThing::download;
  return DeviceThing::record;
}

std::optional<Instant> read_time(std::int64_t number) {
  constexpr std::int64_t kMillion = 1'000'000;
  if (is_moment(number)) return Instant(std::chrono::seconds(number));
  if (is_moment(number / 1000)) return Instant(std::chrono::milliseconds(number));
  if (is_moment(number / kMillion)) return Instant(std::chrono::milliseconds(number / 1000));
  if (is_moment(number / kMillion - kSeconds1601)) {
    return Instant(std::chrono::milliseconds(number / 1000 - kSeconds1601 * 1000));
  }
  return std::nullopt;
}

}  // namespace amanat::phone
