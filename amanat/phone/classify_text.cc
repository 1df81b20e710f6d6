// Everything that is text: by its opening line, the root of its XML, its mail headers, the form of
// its lines. What is text and nothing else is a document.

#include <algorithm>
#include <array>
#include <string>

#include "amanat/phone/classify_parts.h"
#include "amanat/phone/text_form.h"

namespace amanat::phone {
namespace {

using consent::Category;
using consent::CategorySet;

constexpr std::size_t kJsonBytesMax = 2 * 1024 * 1024;
constexpr std::uint64_t kSearchBytesMax = std::uint64_t{16} << 20;
constexpr std::size_t kHeaderLinesMax = 64;

struct Mark {
  std::string_view text;
  Category category;
  std::string_view kind;
};

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool starts_with_any_case(std::string_view text, std::string_view prefix) {
  return text.size() >= prefix.size()
         && std::ranges::equal(text.substr(0, prefix.size()), prefix, {}, lower, lower);
}

std::string_view trim_left(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
  return text;
}

Classification text_class(Category category, std::string_view kind) {
  return {CategorySet{category}, std::string(kind)};
}

// What the first characters decide.
MaybeClass by_opening(std::string_view text) {
  static constexpr auto kOpenings = std::to_array<Mark>({
      {"BEGIN:VCARD", Category::contacts, "vcard"},
      {"BEGIN:VCALENDAR", Category::calendar, "icalendar"},
      {"BEGIN:VEVENT", Category::calendar, "icalendar-part"},
      {"BEGIN:VTODO", Category::calendar, "icalendar-part"},
      {"BEGIN:VMSG", Category::messages, "vmessage"},
      {"BEGIN:IMELODY", Category::audio, "imelody"},
      {"BEGIN:VNOTE", Category::documents, "vnote"},
      {"{\\rtf", Category::documents, "rtf"},
      {"%!PS", Category::documents, "postscript"},
      {"<!DOCTYPE NETSCAPE-Bookmark-file-1", Category::browsing, "bookmarks"},
      {"#EXTM3U", Category::audio, "playlist"},
      {"[InternetShortcut]", Category::browsing, "shortcut"},
      {"-----BEGIN PGP MESSAGE", Category::other, "pgp"},
  });
  for (const Mark& mark : kOpenings) {
    if (starts_with_any_case(text, mark.text)) return text_class(mark.category, mark.kind);
  }
  return std::nullopt;
}

// The name of the root element without its prefix; empty when this is no XML.
std::string_view xml_root(std::string_view text) {
  for (unsigned i = 0; i < 64; ++i) {
    text = trim_left(text);
    if (!text.starts_with('<') || text.size() < 2) return {};
    std::string_view end = ">";
    if (text.starts_with("<?")) {
      end = "?>";
    } else if (text.starts_with("<!--")) {
      end = "-->";
    } else if (text.starts_with("<!")) {
      const std::size_t close = text.find('>');
      const std::size_t subset = text.find('[');
      if (subset < close) end = "]>";
    } else {
      std::string_view name =
          text.substr(1, std::min(text.find_first_of(" \t\r\n/>"), text.size()) - 1);
      if (const std::size_t colon = name.find(':'); colon != std::string_view::npos) {
        name.remove_prefix(colon + 1);
      }
      return name;
    }
    const std::size_t close = text.find(end);
    if (close == std::string_view::npos) return {};
    text.remove_prefix(close + end.size());
  }
  return {};
}

MaybeClass by_html(std::string_view text) {
  static constexpr auto kMarks = std::to_array<Mark>({
      {"NETSCAPE-Bookmark-file-1", Category::browsing, "bookmarks"},
      {"<title>My Activity History</title>", Category::browsing, "my-activity"},
      {"class=\"outer-cell mdl-cell", Category::browsing, "my-activity"},
      {"class=\"message default clearfix", Category::messages, "telegram-html"},
      {"class=\"hChatLog", Category::messages, "google-voice"},
      {"class=\"haudio\"", Category::call_log, "google-voice"},
  });
  for (const Mark& mark : kMarks) {
    if (text.find(mark.text) != std::string_view::npos) {
      return text_class(mark.category, mark.kind);
    }
  }
  return text_class(Category::documents, "html");
}

MaybeClass by_xml(Window& window, std::string_view text) {
  const std::string_view root = xml_root(text);
  if (root.empty()) return std::nullopt;
  static constexpr auto kRoots = std::to_array<Mark>({
      {"smses", Category::messages, "sms-xml"},
      {"allsms", Category::messages, "sms-xml"},
      {"calls", Category::call_log, "calls-xml"},
      {"alllogs", Category::call_log, "calls-xml"},
      {"gpx", Category::location, "gpx"},
      {"kml", Category::location, "kml"},
      {"ClinicalDocument", Category::health, "clinical-document"},
      {"xbel", Category::browsing, "bookmarks"},
      {"map", Category::app_data, "app-settings"},
      {"plist", Category::app_data, "property-list"},
      {"vcards", Category::contacts, "xcard"},
      {"icalendar", Category::calendar, "xcal"},
      {"svg", Category::photos, "svg"},
      {"hierarchy", Category::diagnostics, "screen-dump"},
      {"testsuite", Category::diagnostics, "test-report"},
  });
  const auto* const known = std::ranges::find(kRoots, root, &Mark::text);
  if (known != kRoots.end()) return text_class(known->category, known->kind);
  if (starts_with_any_case(root, "html")) return by_html(text);
  if (root == "TrainingCenterDatabase") {
    auto found = text_class(Category::health, "tcx");
    if (window.mentions("LatitudeDegrees", kSearchBytesMax))
      found.categories.insert(Category::location);
    return found;
  }
  if (root == "HealthData") {
    auto found = text_class(Category::health, "apple-health");
    if (window.mentions("<WorkoutRoute", kSearchBytesMax))
      found.categories.insert(Category::location);
    return found;
  }
  if (!text.starts_with("<?xml") && root.find_first_not_of("abcdefghijklmnopqrstuvwxyz") == 0) {
    return std::nullopt;  // a text that happens to open with a bracket
  }
  return text_class(Category::documents, "xml");
}

// RFC 5322 §2.2: names, colons, folded lines. Two known names make a mail, one of them a name that
// only mail has.
bool is_mail(std::string_view text) {
  static constexpr auto kStrong =
      std::to_array<std::string_view>({"received", "return-path", "message-id", "delivered-to",
                                       "from", "mime-version", "x-mailer"});
  static constexpr auto kWeak = std::to_array<std::string_view>(
      {"date", "subject", "to", "cc", "reply-to", "content-type", "sender", "in-reply-to"});
  unsigned strong = 0;
  unsigned known = 0;
  for (std::size_t i = 0; i < kHeaderLinesMax && !text.empty(); ++i) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty()) break;
    if (line[0] == ' ' || line[0] == '\t') continue;
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || colon == 0 || colon > 76) return false;
    std::string name(line.substr(0, colon));
    std::ranges::transform(name, name.begin(), lower);
    if (name.find(' ') != std::string::npos) return false;
    if (std::ranges::find(kStrong, name) != kStrong.end()) ++strong, ++known;
    if (std::ranges::find(kWeak, name) != kWeak.end()) ++known;
  }
  return strong > 0 && known >= 2;
}

MaybeClass by_mail(std::string_view text) {
  if (text.starts_with("From ")) {  // RFC 4155: a line before each mail
    const std::size_t end = text.find('\n');
    if (end != std::string_view::npos && is_mail(text.substr(end + 1))) {
      return text_class(Category::email, "mbox");
    }
  }
  if (is_mail(text)) return text_class(Category::email, "mail");
  return std::nullopt;
}

// $GPGGA,...*47: the exclusive or of what stands between $ and *.
bool is_nmea(std::string_view text) {
  if (!text.starts_with("$G") && !text.starts_with("$P")) return false;
  const std::string_view line = text.substr(0, std::min(text.find('\n'), text.size()));
  const std::size_t star = line.find('*');
  if (star == std::string_view::npos || star + 3 > line.size()) return false;
  unsigned sum = 0;
  for (const char c : line.substr(1, star - 1)) sum ^= static_cast<std::uint8_t>(c);
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  return line[star + 1] == kDigits[sum >> 4U & 15U] && line[star + 2] == kDigits[sum & 15U];
}

// Tables by the names of their columns.
MaybeClass by_columns(std::string_view text) {
  const std::string_view line = text.substr(0, std::min(text.find_first_of("\r\n"), text.size()));
  if (std::ranges::count(line, ',') < 2) return std::nullopt;
  struct Columns {
    std::array<std::string_view, 2> names;
    Category category;
    std::string_view kind;
  };
  static constexpr auto kTables = std::to_array<Columns>({
      {{"Given Name", "E-mail 1"}, Category::contacts, "contacts-csv"},
      {{"First Name", "E-mail Address"}, Category::contacts, "contacts-csv"},
      {{"First Name", "Phone"}, Category::contacts, "contacts-csv"},
      {{"com.samsung.", "health"}, Category::health, "samsung-health"},
      {{"Calories (kcal)", "Heart"}, Category::health, "google-fit-csv"},
      {{"Move Minutes", "Step count"}, Category::health, "google-fit-csv"},
      {{"Subject", "Start Date"}, Category::calendar, "calendar-csv"},
      {{"latitude", "longitude"}, Category::location, "places-csv"},
      {{"Latitude", "Longitude"}, Category::location, "places-csv"},
  });
  for (const Columns& table : kTables) {
    if (std::ranges::all_of(table.names,
                            [&](std::string_view name) { return line.contains(name); })) {
      return text_class(table.category, table.kind);
    }
  }
  return std::nullopt;
}

MaybeClass by_json(Window& window, const std::string& text, bool complete) {
  if (text.empty() || !std::string_view("{[\"-0123456789tfn").contains(text[0]))
    return std::nullopt;
  if (complete) return classify_json(text, true);
  const bool all = window.size() <= kJsonBytesMax;
  const auto longer = read_text(window.prefix(kJsonBytesMax), all);
  if (!longer) return std::nullopt;
  return classify_json(trim_left(*longer), all);
}

}  // namespace

MaybeClass classify_text(Window& window) {
  const bool complete = window.head().size() == window.size();
  // vCards of old phones may hold any bytes; their first line is enough.
  std::string_view raw = as_text(window.head());
  if (raw.starts_with("\xEF\xBB\xBF")) raw.remove_prefix(3);
  if (auto found = by_opening(trim_left(raw))) return found;
  if (auto found = by_mail(raw)) return found;

  const auto whole = read_text(window.head(), complete);
  if (!whole) return std::nullopt;
  const std::string text(trim_left(*whole));
  if (auto found = by_opening(text)) return found;
  if (auto found = by_json(window, text, complete)) return found;
  if (auto found = by_xml(window, text)) return found;
  if (auto found = by_mail(text)) return found;
  if (is_chat_export(text)) return text_class(Category::messages, "chat");
  if (is_nmea(text)) return text_class(Category::location, "nmea");
  if (is_diagnostic_log(text)) return text_class(Category::diagnostics, "log");
  if (auto found = by_columns(text)) return found;
  return text_class(Category::documents, "text");
}

}  // namespace amanat::phone
