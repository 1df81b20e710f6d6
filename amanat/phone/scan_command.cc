#include "amanat/phone/scan_command.h"

#include <algorithm>
#include <array>
#include <span>
#include <sys/stat.h>
#include <utility>

#include "amanat/codec/codec.h"
#include "amanat/phone/scan_listing.h"
#include "amanat/scan/inventory.h"
#include "amanat/unpack/budget.h"

namespace amanat::phone {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLookedUpTogether = std::size_t{1} << 16;
constexpr std::size_t kListingThreads = 4;
constexpr std::size_t kRememberedTogether = 1000;
// Larger files are mapped by the examiner, unless their digest is wanted and they are read anyway.
constexpr std::uint64_t kCopiedBytesMax = std::uint64_t{1} << 20;
constexpr std::size_t kReadBytes = std::size_t{1} << 20;

/// A file as it was listed; borrows its names.
struct FileToScan {
  std::string_view folder;  // below the one that is scanned, with '/' at its end
  std::string_view name;
  FileStamp stamp;

  std::string path() const { return std::string(folder).append(name); }
};

/// What a read of a file gave; `is_settled` when the file was the same before and after.
struct Examination {
  scan::Verdict verdict;
  FileStamp stamp;
  crypto::Hash digest;
  bool is_settled = false;
};

/// The time a file may take is the machine's matter: another time it may be enough.
bool is_worth_keeping(const scan::Verdict& verdict) {
  return verdict.kind != scan::Verdict::Kind::not_examined
         && verdict.reason != unpack::describe(unpack::Limit::deadline);
}

KnownVerdict known_of(const scan::Verdict& verdict) {
  KnownVerdict known;
  if (verdict.kind != scan::Verdict::Kind::clean) known.verdict = scan::encode(verdict);
  known.met = verdict.met;
  return known;
}

std::optional<scan::Verdict> verdict_of(ByteView encoded) {
  if (encoded.empty()) return scan::Verdict();
  auto verdict = scan::parse_verdict(encoded);
  return verdict ? std::optional(std::move(*verdict)) : std::nullopt;
}

std::optional<scan::Verdict> verdict_of(const KnownVerdict& known) {
  auto verdict = verdict_of(known.verdict);
  if (verdict) verdict->met = known.met;
  return verdict;
}

class ScanRun {
 public:
  ScanRun(scan::Examiner& examiner, const ScanOptions& options, const Clock& clock,
          Progress& progress)
      : examiner_(examiner),
        options_(options),
        clock_(clock),
        progress_(progress),
        cache_(options.cache),
        versions_(versions_of(examiner, options.limits, options.stop)) {}

  /// Verdicts of the database that was in use before, as far as they hold.
  void carry_over() {
    if (cache_ == nullptr) return;
    auto carried = cache_->take_up(versions_.signatures,
                                   [&] { return scan::inventory_of(examiner_.database()); });
    if (!carried) return give_up_cache(carried.error());
    report_.carried = *carried;
  }

  Result<> add(const fs::path& path) {
    std::error_code problem;
    const fs::file_status status = fs::status(path, problem);
    if (problem || !fs::exists(status)) {
      return fail(Code::not_found, "there is no such file or folder to scan");
    }
    return fs::is_directory(status) ? scan_folder(path) : scan_one(path);
  }

  ScanReport take() {
    remember_all();
    return std::move(report_);
  }

 private:
  Result<> scan_folder(const fs::path& path) {
    auto folder = OpenFile::open_folder(path.string());
    if (!folder) return carry(folder, "opening a folder to scan");
    auto listed = list_to_scan(*folder, options_.pacer == nullptr ? kListingThreads : 1);
    if (!listed) return carry(listed, "listing a folder to scan");
    std::vector<FileToScan> files;
    std::uint64_t bytes = 0;
    for (const ListedFolder& inner : *listed) {
      for (const ListedFile& file : inner.files) {
        files.push_back({.folder = inner.path, .name = file.name, .stamp = file.stamp});
        bytes += file.stamp.size;
      }
      for (const std::string& name : inner.left_out) {
        report_.unreadable.push_back((path / (inner.path + name)).string());
      }
    }
    progress_.begin("scanning", bytes, files.size());
    std::span<const FileToScan> left = files;
    while (!left.empty() && !report_.is_cut) {
      const auto some = left.first(std::min(left.size(), kLookedUpTogether));
      scan_some(*folder, path, some);
      left = left.subspan(some.size());
    }
    progress_.end();
    return {};
  }

  // A file that is named may be a link: what it leads to is meant.
  Result<> scan_one(const fs::path& path) {
    std::error_code problem;
    const fs::path place = fs::canonical(path, problem);
    struct stat status{};
    if (problem || ::stat(place.c_str(), &status) != 0) {
      return fail(Code::not_found, "there is no such file or folder to scan");
    }
    auto folder = OpenFile::open_folder(place.parent_path().string());
    if (!folder) return carry(folder, "opening a folder to scan");
    const std::string name = place.filename().string();
    auto file = folder->open_below(name);
    const auto stamp = file ? file->stamp() : Result<FileStamp>(carry(file));
    if (!stamp) {
      report_.unreadable.push_back(path.string());
      return {};
    }
    const std::array files{FileToScan{.folder = {}, .name = name, .stamp = *stamp}};
    shown_ = path.string();
    progress_.begin("scanning", stamp->size, 1);
    scan_some(*folder, place.parent_path(), files);
    progress_.end();
    shown_.reset();
    return {};
  }

  void scan_some(const OpenFile& folder, const fs::path& above, std::span<const FileToScan> files) {
    const auto known = look_up(files);
    for (std::size_t i = 0; i < files.size(); ++i) {
      if (options_.should_stop && options_.should_stop()) {
        report_.is_cut = true;
        return;
      }
      const FileToScan& file = files[i];
      auto verdict = known[i] ? verdict_of(*known[i]) : std::nullopt;
      if (verdict) {
        ++report_.files;
        ++report_.unchanged_files;
        report_.bytes += file.stamp.size;
        if (verdict->kind != scan::Verdict::Kind::clean) {
          tell(above / file.path(), file.stamp, std::move(*verdict));
        }
      } else {
        scan_file(folder, above, file);
        if (options_.pacer != nullptr) options_.pacer->rest();
      }
      progress_.add(file.stamp.size, 1);
    }
  }

  void scan_file(const OpenFile& folder, const fs::path& above, const FileToScan& file) {
    const std::string below = file.path();
    const fs::path path = above / below;
    if (batch_.empty()) batch_began_ = clock_.now();
    auto done = examine(folder, below);
    // What cannot be read to its end was changed under us.
    if (!done && done.error().code == Code::unavailable) done = examine(folder, below);
    if (!done) {
      report_.unreadable.push_back(shown_.value_or(path.string()));
      return;
    }
    ++report_.files;
    report_.bytes += done->stamp.size;
    KnownVerdict known = known_of(done->verdict);
    if (cache_ != nullptr && done->is_settled && is_worth_keeping(done->verdict)
        && known.verdict.size() <= kVerdictBytesMax) {
      batch_.push_back({done->stamp, done->digest, std::move(known)});
      if (batch_.size() >= kRememberedTogether) remember_all();
    }
    tell(path, done->stamp, std::move(done->verdict));
  }

  Result<Examination> examine(const OpenFile& folder, const std::string& name) {
    auto file = folder.open_below(name);
    if (!file) return carry(file);
    const auto before = file->stamp();
    if (!before) return carry(before);
    Examination done{.verdict = {}, .stamp = *before, .digest = {}, .is_settled = false};
    if (before->size <= (cache_ != nullptr ? scan::kBufferBytesMax : kCopiedBytesMax)) {
      auto buffer = examiner_.buffer(static_cast<std::size_t>(before->size));
      if (!buffer) return carry(buffer);
      if (auto read = file->read_at(0, *buffer); !read) return carry(read);
      if (cache_ != nullptr) done.digest = crypto::sha256(*buffer);
      done.verdict = known_content(done.digest, [&] { return examiner_.examine(*buffer); });
    } else {
      if (cache_ != nullptr) {
        auto digest = digest_of(*file, before->size);
        if (!digest) return carry(digest);
        done.digest = *digest;
      }
      done.verdict =
          known_content(done.digest, [&] { return examiner_.examine_file(file->descriptor()); });
    }
    const auto after = file->stamp();
    done.is_settled = after && *after == *before;
    return done;
  }

  Result<crypto::Hash> digest_of(const OpenFile& file, std::uint64_t size) {
    crypto::Digest digest;
    Bytes part(kReadBytes);
    for (std::uint64_t at = 0; at < size; at += part.size()) {
      part.resize(static_cast<std::size_t>(std::min<std::uint64_t>(size - at, kReadBytes)));
      if (auto read = file.read_at(at, part); !read) return carry(read);
      digest.update(part);
    }
    return digest.finish_sha256();
  }

  /// The verdict on a content that was met before, or a new one.
  template <class Examine>
  scan::Verdict known_content(const crypto::Hash& digest, const Examine& examine) {
    if (cache_ == nullptr) return examine();
    auto known = cache_->look_up(digest, versions_);
    if (!known) {
      give_up_cache(known.error());
      return examine();
    }
    auto verdict = *known ? verdict_of(**known) : std::nullopt;
    return verdict ? std::move(*verdict) : examine();
  }

  std::vector<std::optional<Bytes>> look_up(std::span<const FileToScan> files) {
    std::vector<std::optional<Bytes>> nothing(files.size());
    if (cache_ == nullptr) return nothing;
    std::vector<FileStamp> stamps;
    stamps.reserve(files.size());
    for (const FileToScan& file : files) stamps.push_back(file.stamp);
    auto known = cache_->look_up(stamps, versions_, clock_.now());
    if (known) return std::move(*known);
    give_up_cache(known.error());
    return nothing;
  }

  // The batch is as old as its first file: what changed since is not remembered.
  void remember_all() {
    if (cache_ != nullptr && !batch_.empty()) {
      auto done = cache_->remember(batch_, versions_, batch_began_);
      if (!done) give_up_cache(done.error());
    }
    batch_.clear();
  }

  // It saves time and proves nothing: without it everything is examined.
  void give_up_cache(const Error& problem) {
    report_.cache_problem = problem.message;
    cache_ = nullptr;
  }

  void tell(const fs::path& path, const FileStamp& stamp, scan::Verdict verdict) {
    if (verdict.kind == scan::Verdict::Kind::clean) return;
    const std::vector<scan::Verdict> others = std::exchange(verdict.others, {});
    ScannedFile file{.path = shown_.value_or(path.string()),
                     .verdict = std::move(verdict),
                     .app = {},
                     .put_away = {},
                     .left_because = {}};
    const bool is_threat = file.verdict.kind == scan::Verdict::Kind::threat;
    if (is_threat) file.app = read_app(path);
    if (is_threat && options_.put_away) {
      auto done = options_.put_away(path, stamp, file.verdict);
      if (done) {
        file.put_away = done->id;
      } else {
        file.left_because = done.error().message;
      }
    }
    report_.findings.push_back(file);
    for (const scan::Verdict& other : others) {
      file.verdict = other;
      report_.findings.push_back(file);
    }
  }

  // For the explanation only: what cannot be read is explained in general.
  std::optional<indicator::App> read_app(const fs::path& path) {
    auto folder = OpenFile::open_folder(path.has_parent_path() ? path.parent_path().string() : ".");
    if (!folder) return {};
    const auto file = folder->open_below(path.filename().string());
    if (!file) return {};
    auto app = examiner_.read_app_file(file->descriptor());
    return app ? std::optional(std::move(*app)) : std::nullopt;
  }

  scan::Examiner& examiner_;
  const ScanOptions& options_;
  const Clock& clock_;
  Progress& progress_;
  VerdictCache* cache_;
  ScanVersions versions_;
  std::vector<Examined> batch_;  // not yet in the cache
  Instant batch_began_;
  std::optional<std::string> shown_;  // of a file that was named, as it was named
  ScanReport report_;
};

}  // namespace

bool ScanReport::has_threats() const {
  return std::ranges::any_of(findings, [](const ScannedFile& file) {
    return file.verdict.kind == scan::Verdict::Kind::threat;
  });
}

bool ScanReport::is_complete() const {
  return !is_cut && unreadable.empty()
         && std::ranges::none_of(findings, [](const ScannedFile& file) {
              return file.verdict.kind == scan::Verdict::Kind::not_examined;
            });
}

ScanVersions versions_of(const scan::Examiner& examiner, const scan::Limits& limits,
                         scan::Stop stop) {
  codec::Writer writer;
  writer.u32(limits.depth_max);
  writer.u64(limits.entries_max);
  writer.u64(limits.bytes_max);
  writer.u64(limits.object_bytes_max);
  writer.u64(limits.ratio_max);
  writer.u64(limits.ratio_free_bytes);
  writer.u64(limits.memory_bytes_max);
  writer.u64(limits.stub_steps_max);
  writer.u64(static_cast<std::uint64_t>(limits.time_max.count()));
  writer.u8(static_cast<std::uint8_t>(stop));
  return {.signatures = examiner.database().version(), .limits = crypto::sha256(writer.bytes())};
}

Result<ScanReport> scan_paths(scan::Examiner& examiner, const std::vector<fs::path>& paths,
                              const ScanOptions& options, const Clock& clock, Progress& progress) {
  ScanRun run(examiner, options, clock, progress);
  run.carry_over();
  for (const fs::path& path : paths) {
    if (auto done = run.add(path); !done) return carry(done);
  }
  return run.take();
}

}  // namespace amanat::phone
