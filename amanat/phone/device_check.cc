#include "amanat/phone/device_check.h"

#include <algorithm>
#include <utility>

#include "amanat/crypto/crypto.h"
#include "amanat/phone/collect.h"
#include "amanat/phone/device_database.h"
#include "amanat/phone/device_text.h"
#include "amanat/phone/text_form.h"

namespace amanat::phone {
namespace {

using indicator::Kind;

constexpr std::string_view kSqliteMagic("SQLite format 3\0", 16);
constexpr std::string_view kZipMagic = "PK\x03\x04";
constexpr std::string_view kBinaryXmlMagic("ABX\0", 4);  // packages.xml since Android 12
constexpr std::size_t kHeadBytes = 4096;
constexpr std::size_t kReadBytes = std::size_t{1} << 20;
constexpr std::size_t kLineBytesMax = std::size_t{1} << 20;  // longer lines are checked in pieces

class DeviceRun {
 public:
  DeviceRun(const indicator::Indicators& indicators, const DeviceCheckOptions& options,
            PrivateFolder scratch, Progress& progress)
      : indicators_(indicators),
        options_(options),
        scratch_(std::move(scratch)),
        progress_(progress),
        findings_(report_),
        buffer_(kReadBytes) {}

  Result<> add(const std::filesystem::path& path) {
    std::error_code problem;
    const auto status = std::filesystem::status(path, problem);
    if (problem || !std::filesystem::exists(status)) {
      return fail(Code::not_found, "there is no such file or folder to check");
    }
    if (std::filesystem::is_directory(status)) return add_folder(path);
    return add_file(path);
  }

  DeviceReport take() { return std::move(report_); }

 private:
  Result<> add_folder(const std::filesystem::path& path) {
    auto folder = OpenFile::open_folder(path.string());
    if (!folder) return carry(folder, "opening a folder to check");
    auto collection = collect(*folder, {.cross_file_systems = true});
    if (!collection) return carry(collection, "listing a folder to check");
    std::uint64_t bytes = 0;
    for (const Item& item : collection->items) bytes += item.main.size;
    progress_.begin("checking", bytes, collection->items.size());
    for (const Skipped& skipped : collection->skipped) {
      findings_.add_unread(skipped.path, skipped.reason);
    }
    for (const Item& item : collection->items) {
      if (item.kind == ItemKind::file) check_item(*folder, item);
      progress_.add(item.main.size, 1);
    }
    progress_.end();
    return {};
  }

  // A file is an item of the folder it lies in, and a database has its log beside it.
  Result<> add_file(const std::filesystem::path& path) {
    const auto above = path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
    auto folder = OpenFile::open_folder(above.string());
    if (!folder) return carry(folder, "opening a folder to check");
    Item item;
    item.main.path = path.filename().string();
    for (const auto* const suffix : {"-journal", "-wal"}) {
      FileFacts companion;
      companion.path = item.main.path + suffix;
      if (folder->open_below(companion.path)) item.companions.push_back(std::move(companion));
    }
    check_item(*folder, item);
    return {};
  }

  void check_item(const OpenFile& folder, const Item& item) {
    const std::string& shown = item.main.path;
    ++report_.files;
    findings_.add({.thing = DeviceThing::file, .file = shown},
                  indicator::check_path(indicators_, "/" + shown));
    check_folder_names(shown);
    if (auto done = check_content(folder, item); !done) {
      findings_.add_unread(shown, done.error().message);
    }
  }

  // An app keeps its data in a folder of its name, also after it was removed by halves.
  void check_folder_names(std::string_view path) {
    std::size_t begin = 0;
    for (std::size_t slash = path.find('/'); slash != std::string_view::npos;
         slash = path.find('/', begin)) {
      const std::string_view name = path.substr(begin, slash - begin);
      begin = slash + 1;
      if (name.find('.') == std::string_view::npos) continue;
      const indicator::App app{.package = std::string(name)};
      findings_.add({.thing = DeviceThing::app, .file = path.substr(0, slash)},
                    indicator::check_app(indicators_, app));
    }
  }

  Result<> check_content(const OpenFile& folder, const Item& item) {
    const std::string& shown = item.main.path;
    auto file = folder.open_below(shown);
    if (!file) return carry(file);
    const auto stamp = file->stamp();
    if (!stamp) return carry(stamp);
    report_.bytes += stamp->size;
    Bytes head(static_cast<std::size_t>(std::min<std::uint64_t>(stamp->size, kHeadBytes)));
    if (auto read = file->read_at(0, head); !read) return carry(read);
    const auto digests = digest(*file, stamp->size);
    if (!digests) return carry(digests);
    findings_.add({.thing = DeviceThing::file, .file = shown},
                  indicator::check_digests(indicators_, *digests));
    const std::string_view magic = as_text(head);
    if (magic.starts_with(kSqliteMagic)) {
      return check_database(folder, item, shown, scratch_, indicators_, findings_);
    }
    if (magic.starts_with(kZipMagic)) return check_package(*file, shown, *digests);
    if (magic.starts_with(kBinaryXmlMagic)) return check_binary_xml(*file, stamp->size, shown);
    return check_text_file(*file, stamp->size, head, shown);
  }

  // Only the kinds that some list has, and nothing when none has: most of the cost is here.
  Result<indicator::FileDigests> digest(const OpenFile& file, std::uint64_t size) {
    std::vector<std::pair<crypto::Digest, std::string indicator::FileDigests::*>> wanted;
    const auto want = [&](Kind kind, crypto::DigestKind digest,
                          std::string indicator::FileDigests::* member) {
      if (indicators_.has(kind)) wanted.emplace_back(crypto::Digest(digest), member);
    };
    want(Kind::file_sha256, crypto::DigestKind::sha256, &indicator::FileDigests::sha256);
    want(Kind::file_sha1, crypto::DigestKind::sha1, &indicator::FileDigests::sha1);
    want(Kind::file_md5, crypto::DigestKind::md5, &indicator::FileDigests::md5);
    indicator::FileDigests digests;
    if (wanted.empty() || size == 0) return digests;  // every empty file is the same
    for (std::uint64_t at = 0; at < size;) {
      const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(size - at, kReadBytes));
      const ByteSpan part = ByteSpan(buffer_).first(count);
      if (auto read = file.read_at(at, part); !read) return carry(read);
      for (auto& [state, member] : wanted) state.update(part);
      at += count;
    }
    for (auto& [state, member] : wanted) digests.*member = to_hex(state.finish());
    return digests;
  }

  Result<> check_package(const OpenFile& file, std::string_view shown,
                         const indicator::FileDigests& digests) {
    if (!options_.read_package || !shown.ends_with(".apk")) return {};
    auto app = options_.read_package(file);
    if (!app && app.error().code == Code::not_found) return {};  // a ZIP of this name
    if (!app) return carry(app, "an app package");
    app->sha256 = digests.sha256;
    ++report_.apps;
    findings_.add({.thing = DeviceThing::app, .file = shown},
                  indicator::check_app(indicators_, *app), &*app);
    return {};
  }

  Result<> check_binary_xml(const OpenFile& file, std::uint64_t size, std::string_view shown) {
    if (size > kDeviceTextBytesMax) return fail(Code::invalid_input, "the text is too long");
    Bytes bytes(static_cast<std::size_t>(size));
    if (auto read = file.read_at(0, bytes); !read) return carry(read);
    const auto text = text_of_binary_xml(bytes);
    if (!text) return {};
    ++report_.texts;
    read_xml_facts(*text, [&](const TextFact& fact) { check_fact(fact, shown); });
    return {};
  }

  Result<> check_text_file(const OpenFile& file, std::uint64_t size, ByteView head,
                           std::string_view shown) {
    if (!read_text(head, size <= head.size())) return {};
    if (size > kDeviceTextBytesMax) return fail(Code::invalid_input, "the text is too long");
    Bytes bytes(static_cast<std::size_t>(size));
    if (auto read = file.read_at(0, bytes); !read) return carry(read);
    const auto text = read_text(bytes, true);
    if (!text) return {};
    ++report_.texts;
    if (is_facts_xml(*text)) {
      read_xml_facts(*text, [&](const TextFact& fact) { check_fact(fact, shown); });
      return {};
    }
    read_text_facts(*text, [&](const TextFact& fact) { check_fact(fact, shown); });
    check_lines(*text, shown);
    return {};
  }

  void check_fact(const TextFact& fact, std::string_view shown) {
    DevicePlace place{
        .file = shown, .row = static_cast<std::int64_t>(fact.line), .time = fact.time};
    switch (fact.kind) {
      case TextFact::Kind::app:
        ++report_.apps;
        place.thing = DeviceThing::app;
        return findings_.add(place, indicator::check_app(indicators_, fact.app), &fact.app);
      case TextFact::Kind::process:
        place.thing = DeviceThing::process;
        return findings_.add(place, indicator::check_process(indicators_, fact.name));
      case TextFact::Kind::property:
        place.thing = DeviceThing::property;
        return findings_.add(place, indicator::check_property(indicators_, fact.name));
      case TextFact::Kind::message:
        place.thing = DeviceThing::message;
        return findings_.add(place, indicator::check_text(indicators_, fact.name));
    }
  }

  void check_lines(std::string_view text, std::string_view shown) {
    std::int64_t line = 0;
    while (!text.empty()) {
      const std::size_t end = std::min(text.find('\n'), text.size());
      const std::size_t size = std::min(end, kLineBytesMax);
      ++line;
      findings_.add({.thing = DeviceThing::text, .file = shown, .row = line},
                    indicator::check_text(indicators_, text.substr(0, size)));
      if (size < end) --line;  // the rest of the same line
      text.remove_prefix(std::min(size < end ? size : end + 1, text.size()));
    }
  }

  const indicator::Indicators& indicators_;
  const DeviceCheckOptions& options_;
  PrivateFolder scratch_;
  Progress& progress_;
  DeviceReport report_;
  DeviceFindings findings_;
  Bytes buffer_;
};

}  // namespace

Result<DeviceReport> check_device(const std::vector<std::filesystem::path>& paths,
                                  const indicator::Indicators& indicators, Progress& progress,
                                  const DeviceCheckOptions& options) {
  auto scratch = PrivateFolder::make(options.scratch);
  if (!scratch) return carry(scratch);
  DeviceRun run(indicators, options, std::move(*scratch), progress);
  for (const std::filesystem::path& path : paths) {
    if (auto done = run.add(path); !done) return carry(done);
  }
  return run.take();
}

}  // namespace amanat::phone
