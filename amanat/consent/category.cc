#include "amanat/consent/category.h"

#include <algorithm>

namespace amanat::consent {
namespace {

using Iris = std::array<std::string_view, 3>;  // unused places stay empty

struct CategoryEntry {
  Category category;
  std::string_view name;
  std::string_view description;
  Iris iris;
  bool third_persons = false;
  bool sensitive = false;
};

struct PurposeEntry {
  Purpose purpose;
  std::string_view name;
  std::string_view description;
  Iris iris;
};

constexpr std::array<CategoryEntry, 16> kCategoryTable{{
    {Category::photos,
     "photos",
     "Pictures you took or saved",
     {"https://w3id.org/dpv/pd#Picture"},
     true},
    {Category::videos,
     "videos",
     "Videos you recorded or saved",
     {"https://amanat.example/ns/dpv#Video", "https://w3id.org/dpv/pd#Picture"},
     true},
    {Category::audio,
     "audio",
     "Sound: voice recordings, music, ringtones",
     {"https://w3id.org/dpv/pd#VoiceCommunicationRecording", "https://w3id.org/dpv/pd#VoiceMail"},
     true},
    {Category::contacts,
     "contacts",
     "Your address book: names, numbers and addresses of people you know",
     {"https://w3id.org/dpv/pd#Contact", "https://w3id.org/dpv/pd#SocialNetwork"},
     true},
    {Category::messages,
     "messages",
     "Text messages and chats, with what was attached to them",
     {"https://w3id.org/dpv/pd#Communication", "https://w3id.org/dpv/pd#SocialMediaCommunication",
      "https://w3id.org/dpv/pd#CommunicationsMetadata"},
     true},
    {Category::call_log,
     "call-log",
     "Whom you called, who called you, when and how long",
     {"https://w3id.org/dpv/pd#CallLog"},
     true},
    {Category::calendar,
     "calendar",
     "Your appointments and the people invited to them",
     {"https://amanat.example/ns/dpv#Calendar", "https://w3id.org/dpv/pd#LifeHistory"},
     true},
    {Category::location,
     "location",
     "Places: where you were and when, also when it is written inside a photo",
     {"https://w3id.org/dpv/pd#Location", "https://w3id.org/dpv/pd#GPSCoordinate",
      "https://w3id.org/dpv/pd#TravelHistory"}},
    {Category::health,
     "health",
     "Health and fitness: heart rate, weight, sleep, training",
     {"https://w3id.org/dpv/pd#Health", "https://w3id.org/dpv/pd#PhysicalHealth",
      "https://w3id.org/dpv/pd#HealthRecord"},
     false,
     true},
    {Category::email,
     "email",
     "Your e-mail, with what was attached to it",
     {"https://w3id.org/dpv/pd#EmailContent", "https://w3id.org/dpv/pd#EmailAddress"},
     true},
    {Category::documents,
     "documents",
     "Documents, notes and other texts",
     {"https://w3id.org/dpv/pd#PersonalDocuments"}},
    {Category::apps,
     "apps",
     "Which apps are on your phone, and the apps themselves",
     {"https://w3id.org/dpv/pd#DeviceApplications"}},
    {Category::app_data,
     "app-data",
     "What apps stored for themselves, their settings included",
     {"https://amanat.example/ns/dpv#AppData", "https://w3id.org/dpv/pd#DeviceSoftware"},
     true},
    {Category::browsing,
     "browsing",
     "Web pages you visited, searched for or downloaded from",
     {"https://w3id.org/dpv/pd#BrowserHistory", "https://w3id.org/dpv/pd#BrowsingBehaviour",
      "https://w3id.org/dpv/pd#LinkClicked"}},
    {Category::diagnostics,
     "diagnostics",
     "Technical reports of your phone: logs, crashes, battery",
     {"https://amanat.example/ns/dpv#Diagnostics", "https://w3id.org/dpv/pd#DeviceBased"}},
    {Category::other,
     "other",
     "Files of a kind we do not recognise",
     {"https://amanat.example/ns/dpv#OtherData", "https://w3id.org/dpv#PersonalData"},
     true},
}};

constexpr std::array<PurposeEntry, 7> kPurposeTable{{
    {Purpose::custody,
     "custody",
     "Back up and restore: only you can read it",
     {"https://amanat.example/ns/dpv#BackupAndRestore",
      "https://w3id.org/dpv#RequestedServiceProvision"}},
    {Purpose::diagnostics,
     "diagnostics",
     "Find and repair faults of phones: the maker reads it",
     {"https://w3id.org/dpv#ServiceMonitoring", "https://w3id.org/dpv#RepairImpairments",
      "https://w3id.org/dpv#IncreaseServiceRobustness"}},
    {Purpose::support,
     "support",
     "Help you with a question you asked: the maker's staff reads it",
     {"https://w3id.org/dpv#TechnicalServiceProvision", "https://w3id.org/dpv#AccountManagement"}},
    {Purpose::research,
     "research",
     "Research and development: the maker reads it",
     {"https://w3id.org/dpv#ResearchAndDevelopment", "https://w3id.org/dpv#AcademicResearch",
      "https://w3id.org/dpv#CommercialResearch"}},
    {Purpose::find_my_device,
     "find-my-device",
     "Find your phone when it is lost or stolen",
     {"https://w3id.org/dpv#RequestedServiceProvision"}},
    {Purpose::analytics,
     "analytics",
     "Learn how phones and services are used: the maker reads it",
     {"https://w3id.org/dpv#ServiceUsageAnalytics"}},
    {Purpose::security_sample,
     "security-sample",
     "Examine a suspicious file for malware: the maker reads it",
     {"https://w3id.org/dpv#MisusePreventionAndDetection", "https://w3id.org/dpv#EnforceSecurity"}},
}};

const CategoryEntry& entry_of(Category category) {
  const auto* const found = std::ranges::find(kCategoryTable, category, &CategoryEntry::category);
  ensure(found != kCategoryTable.end(), "a category comes from the registry");
  return *found;
}

const PurposeEntry& entry_of(Purpose purpose) {
  const auto* const found = std::ranges::find(kPurposeTable, purpose, &PurposeEntry::purpose);
  ensure(found != kPurposeTable.end(), "a purpose comes from the registry");
  return *found;
}

std::span<const std::string_view> used(const Iris& iris) {
  const auto count = std::ranges::count_if(iris, [](std::string_view iri) { return !iri.empty(); });
  return std::span(iris).first(static_cast<std::size_t>(count));
}

}  // namespace

std::string_view name_of(Category category) { return entry_of(category).name; }
std::string_view name_of(Purpose purpose) { return entry_of(purpose).name; }

std::optional<Category> category_from_name(std::string_view name) {
  const auto* const found = std::ranges::find(kCategoryTable, name, &CategoryEntry::name);
  if (found == kCategoryTable.end()) return std::nullopt;
  return found->category;
}

std::optional<Purpose> purpose_from_name(std::string_view name) {
  const auto* const found = std::ranges::find(kPurposeTable, name, &PurposeEntry::name);
  if (found == kPurposeTable.end()) return std::nullopt;
  return found->purpose;
}

Result<Category> category_from_byte(std::uint8_t byte) {
  for (const Category category : kCategories) {
    if (to_byte(category) == byte) return category;
  }
  return fail(Code::invalid_input, "no category has the number " + std::to_string(byte));
}

Result<Purpose> purpose_from_byte(std::uint8_t byte) {
  for (const Purpose purpose : kPurposes) {
    if (to_byte(purpose) == byte) return purpose;
  }
  return fail(Code::invalid_input, "no purpose has the number " + std::to_string(byte));
}

std::span<const std::string_view> iris_of(Category category) {
  return used(entry_of(category).iris);
}
std::span<const std::string_view> iris_of(Purpose purpose) { return used(entry_of(purpose).iris); }

std::string_view description_of(Category category) { return entry_of(category).description; }
std::string_view description_of(Purpose purpose) { return entry_of(purpose).description; }

bool is_about_third_persons(Category category) { return entry_of(category).third_persons; }
bool is_sensitive(Category category) { return entry_of(category).sensitive; }

std::string CategorySet::to_text() const {
  std::string text;
  for (const Category category : *this) {
    if (!text.empty()) text += '+';
    text += name_of(category);
  }
  return text;
}

Result<CategorySet> CategorySet::from_text(std::string_view text) {
  CategorySet set;
  for (std::string_view left = text; !left.empty();) {
    const std::size_t plus = std::min(left.find('+'), left.size());
    const auto category = category_from_name(left.substr(0, plus));
    if (!category) return fail(Code::invalid_input, "a category list has an unknown word");
    set.insert(*category);
    left.remove_prefix(std::min(plus + 1, left.size()));
  }
  if (set.to_text() != text) {
    return fail(Code::invalid_input, "a category list is not in registry order, each word once");
  }
  return set;
}

}  // namespace amanat::consent
