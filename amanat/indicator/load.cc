#include "amanat/indicator/load.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <utility>

#include "amanat/indicator/lists.h"
#include "amanat/indicator/stix.h"

namespace amanat::indicator {
namespace {

enum class Form : std::uint8_t { stix, apps, table, lines };

constexpr auto kForms = std::to_array<std::pair<std::string_view, Form>>({
    {".stix2", Form::stix},
    {".stix", Form::stix},
    {".json", Form::stix},
    {".yaml", Form::apps},
    {".yml", Form::apps},
    {".csv", Form::table},
    {".tsv", Form::table},
    {".txt", Form::lines},
    {".md5", Form::lines},
    {".sha1", Form::lines},
    {".sha256", Form::lines},
    {".list", Form::lines},
});

struct Publisher {
  std::string_view folder;
  std::string_view source;
  std::string_view licence;
  ThreatClass threat_class;
};

// Public collections, told by the name of a folder they are kept in.
constexpr auto kPublishers = std::to_array<Publisher>({
    {"stalkerware", "Echap stalkerware-indicators", "CC BY 4.0", ThreatClass::stalkerware},
    {"stalkerware-indicators", "Echap stalkerware-indicators", "CC BY 4.0",
     ThreatClass::stalkerware},
    {"mvt", "MVT indicators", "MIT", ThreatClass::spyware},
    {"mvt-indicators", "MVT indicators", "MIT", ThreatClass::spyware},
    {"amnesty", "Amnesty International", "CC BY 2.0", ThreatClass::spyware},
    {"investigations", "Amnesty International", "CC BY 2.0", ThreatClass::spyware},
    {"targetedthreats", "Claudio Guarnieri, targetedthreats", "CC BY-SA 4.0", ThreatClass::spyware},
    {"eset", "ESET malware-ioc", "BSD-2-Clause", ThreatClass::malware},
    {"malware-ioc", "ESET malware-ioc", "BSD-2-Clause", ThreatClass::malware},
    {"avast", "Avast Threat Labs", "Detection Rule License 1.1", ThreatClass::malware},
    {"malwarebazaar", "MalwareBazaar, abuse.ch", "CC0", ThreatClass::malware},
});

// Names that say nothing about whose indicators they are: the folder does.
constexpr auto kPlainStems = std::to_array<std::string_view>(
    {"domains", "sha256", "sha1", "md5", "indicators", "iocs", "ioc", "samples", "network",
     "package_cert_hashes", "packages", "malware", "full"});

bool is_plain_stem(std::string_view name) {
  return std::ranges::find(kPlainStems, name) != kPlainStems.end();
}

std::optional<Form> form_of(std::string_view name) {
  const auto found = std::ranges::find_if(
      kForms, [&name](const auto& form) { return name.ends_with(form.first); });
  if (found == kForms.end()) return std::nullopt;
  return found->second;
}

std::string_view describe(Form form) {
  switch (form) {
    case Form::stix: return "stix";
    case Form::apps: return "apps";
    case Form::table: return "table";
    case Form::lines: return "list";
  }
  return "unknown";
}

// "2021-07-18_nso" is about nso.
std::string without_date(std::string_view name) {
  const bool has_date = name.size() > 11 && std::ranges::all_of(name.substr(0, 10), [](char c) {
                          return (c >= '0' && c <= '9') || c == '-' || c == '_';
                        });
  return std::string(has_date ? name.substr(11) : name);
}

std::string collection_of(const std::filesystem::path& path) {
  const std::string stem = path.stem().string();
  const std::string first = stem.substr(0, stem.find('.'));  // "samples.sha256.tsv"
  const bool is_plain = is_plain_stem(first);
  if (!is_plain || !path.has_parent_path()) return without_date(stem);
  const std::filesystem::path folder = path.parent_path();
  const std::string name = folder.filename().string();
  if (is_plain_stem(name) && folder.has_parent_path()) {
    return without_date(folder.parent_path().filename().string());
  }
  return without_date(name);
}

Result<> read_form(Form form, std::string_view name, std::string_view text, Reading& reading) {
  switch (form) {
    case Form::stix: return read_stix(text, reading);
    case Form::apps: return read_apps(text, reading);
    case Form::table: return read_table(text, name.ends_with(".tsv") ? '\t' : ',', reading);
    case Form::lines: return read_lines(text, reading);
  }
  return fail(Code::invalid_input, "no form of list");
}

Result<std::string> read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  if (!file) return fail(Code::unavailable, "the list cannot be opened");
  const std::streamoff size = file.tellg();
  if (size < 0 || static_cast<std::uint64_t>(size) > kTableBytesMax) {
    return fail(Code::invalid_input, "the list is too big");
  }
  std::string text(static_cast<std::size_t>(size), '\0');
  file.seekg(0);
  file.read(text.data(), size);
  if (file.gcount() != size) return fail(Code::unavailable, "the list cannot be read");
  return text;
}

// Regular files below a folder, in the order of their names.
Result<std::vector<std::filesystem::path>> list_folder(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  std::error_code problem;
  std::filesystem::recursive_directory_iterator walk(folder, problem);
  for (; !problem && walk != std::filesystem::recursive_directory_iterator();
       walk.increment(problem)) {
    if (walk.depth() >= static_cast<int>(kFolderDepthMax)) walk.disable_recursion_pending();
    std::error_code unknown;
    if (!walk->is_symlink(unknown) && walk->is_regular_file(unknown)) {
      files.push_back(walk->path());
    }
    if (files.size() > kListsMax) {
      return fail(Code::invalid_input, "the folder has too many lists");
    }
  }
  if (problem) return fail(Code::unavailable, "the folder of lists cannot be read");
  std::ranges::sort(files);
  return files;
}

void load_file(const std::filesystem::path& path, Loader& loader) {
  const std::string name = path.string();
  if (!Loader::is_list(name)) return loader.add_other(name);
  const auto text = read_file(path);
  if (!text) return loader.add_failure(name, text.error());
  loader.add(name, *text);
}

}  // namespace

bool Loader::is_list(std::string_view name) { return form_of(name).has_value(); }

void Loader::add(std::string_view name, std::string_view text) {
  const auto form = form_of(name);
  if (!form) return add_other(name);
  SourceReport report;
  report.file = std::string(name);
  report.format = std::string(describe(*form));
  const Origin origin = origin_of(name);
  Reading reading(builder_, origin, report);
  if (auto done = read_form(*form, name, text, reading); !done) report.failure = done.error();
  lists_.push_back(std::move(report));
}

void Loader::add_failure(std::string_view name, const Error& failure) {
  SourceReport report;
  report.file = std::string(name);
  report.failure = failure;
  lists_.push_back(std::move(report));
}

Loaded Loader::finish() && {
  return Loaded{.indicators = std::move(builder_).build(),
                .lists = std::move(lists_),
                .other_files = std::move(other_files_)};
}

Origin origin_of(std::string_view name) {
  const std::filesystem::path path(name);
  Origin origin;
  origin.source = path.filename().string();
  origin.licence = "not stated";
  origin.collection = collection_of(path);
  if (form_of(name) == Form::stix) origin.threat_class = ThreatClass::spyware;
  // The innermost folder that is known counts.
  for (const std::filesystem::path& part : path.parent_path()) {
    const std::string folder = part.string();
    const auto known = std::ranges::find(kPublishers, std::string_view(folder), &Publisher::folder);
    if (known == kPublishers.end()) continue;
    origin.source = std::string(known->source);
    origin.licence = std::string(known->licence);
    origin.threat_class = known->threat_class;
  }
  // Subscriptions that are hard to leave: no malware, but nobody wants them.
  if (origin.source == "Avast Threat Labs" && name.find("Fleeceware") != std::string_view::npos) {
    origin.threat_class = ThreatClass::unwanted;
  }
  return origin;
}

Result<Loaded> load_indicators(const std::vector<std::filesystem::path>& paths) {
  Loader loader;
  for (const std::filesystem::path& path : paths) {
    std::error_code problem;
    const auto status = std::filesystem::status(path, problem);
    if (problem || !std::filesystem::exists(status)) {
      return fail(Code::not_found, "there is no such list of indicators");
    }
    if (!std::filesystem::is_directory(status)) {
      load_file(path, loader);
      continue;
    }
    auto files = list_folder(path);
    if (!files) return carry(files);
    for (const std::filesystem::path& file : *files) load_file(file, loader);
  }
  return std::move(loader).finish();
}

}  // namespace amanat::indicator
