#include "amanat/phone/scan_command.h"

#include <algorithm>
#include <utility>

#include "amanat/phone/item_reader.h"

namespace amanat::phone {
namespace {

class ScanRun {
 public:
  ScanRun(scan::Examiner& examiner, Progress& progress)
      : examiner_(examiner), progress_(progress) {}

  Result<> add(const std::filesystem::path& path) {
    std::error_code problem;
    const auto status = std::filesystem::status(path, problem);
    if (problem || !std::filesystem::exists(status)) {
      return fail(Code::not_found, "there is no such file or folder to scan");
    }
    if (std::filesystem::is_directory(status)) return scan_folder(path);
    // A file is an item of the folder it lies in.
    auto folder = OpenFile::open_folder(path.has_parent_path() ? path.parent_path().string() : ".");
    if (!folder) return carry(folder);
    Item item;
    item.main.path = path.filename().string();
    scan_item(*folder, path.parent_path(), item);
    return {};
  }

  ScanReport take() { return std::move(report_); }

 private:
  Result<> scan_folder(const std::filesystem::path& path) {
    auto folder = OpenFile::open_folder(path.string());
    if (!folder) return carry(folder, "opening a folder to scan");
    auto collection = collect(*folder, {.cross_file_systems = true});
    if (!collection) return carry(collection, "listing a folder to scan");
    std::uint64_t bytes = 0;
    for (const Item& item : collection->items) bytes += item.main.size;
    progress_.begin("scanning", bytes, collection->items.size());
    for (const Skipped& skipped : collection->skipped) {
      report_.unreadable.push_back((path / skipped.path).string());
    }
    for (const Item& item : collection->items) {
      if (item.kind == ItemKind::file) scan_item(*folder, path, item);
      progress_.add(item.main.size, 1);
    }
    progress_.end();
    return {};
  }

  void scan_item(const OpenFile& folder, const std::filesystem::path& above, const Item& item) {
    const std::string shown = (above / item.main.path).string();
    auto open = OpenItem::open(folder, item, examiner_, OpenItem::Purpose::scan);
    if (!open) {
      report_.unreadable.push_back(shown);
      return;
    }
    for (const OpenMember& member : open->members()) report_.bytes += member.stamp.size;
    ++report_.files;
    scan::Verdict verdict = open->scan(examiner_);
    if (verdict.kind == scan::Verdict::Kind::clean) return;
    const std::vector<scan::Verdict> others = std::exchange(verdict.others, {});
    report_.findings.push_back({.path = shown, .verdict = std::move(verdict)});
    for (const scan::Verdict& other : others) {
      report_.findings.push_back({.path = shown, .verdict = other});
    }
  }

  scan::Examiner& examiner_;
  Progress& progress_;
  ScanReport report_;
};

}  // namespace

bool ScanReport::has_threats() const {
  return std::ranges::any_of(findings, [](const ScannedFile& file) {
    return file.verdict.kind == scan::Verdict::Kind::threat;
  });
}

bool ScanReport::is_complete() const {
  return unreadable.empty() && std::ranges::none_of(findings, [](const ScannedFile& file) {
           return file.verdict.kind == scan::Verdict::Kind::not_examined;
         });
}

Result<ScanReport> scan_paths(scan::Examiner& examiner,
                              const std::vector<std::filesystem::path>& paths, Progress& progress) {
  ScanRun run(examiner, progress);
  for (const std::filesystem::path& path : paths) {
    if (auto done = run.add(path); !done) return carry(done);
  }
  return run.take();
}

}  // namespace amanat::phone
