#include "amanat/phone/collect.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <dirent.h>
#include <fcntl.h>
#include <map>
#include <optional>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace amanat::phone {
namespace {

using consent::Category;
using consent::CategorySet;

constexpr std::array<std::string_view, 3> kCompanionEndings{"-journal", "-shm", "-wal"};

std::int64_t nanoseconds(const timespec& time) {
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

FileFacts facts_of(std::string path, const struct stat& facts) {
  return {.path = std::move(path),
          .size = static_cast<std::uint64_t>(facts.st_size),
          .mode = facts.st_mode,
          .mtime_ns = nanoseconds(facts.st_mtim),
          .ctime_ns = nanoseconds(facts.st_ctim),
          .device = facts.st_dev,
          .inode = facts.st_ino,
          .hard_link_group = 0};
}

std::string_view name_of_special(mode_t mode) {
  if (S_ISSOCK(mode)) return "a socket";
  if (S_ISFIFO(mode)) return "a pipe";
  if (S_ISCHR(mode) || S_ISBLK(mode)) return "a device";
  return "not a file";
}

// A name of a folder that is being listed.
struct Entry {
  std::string name;
  struct stat facts{};
  bool taken = false;  // as the companion of a database
};

// Reads the names of a folder, sorted bytewise; nothing when it cannot be read.
std::optional<std::vector<std::string>> names_in(int folder) {
  const int copy = ::openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (copy < 0) return std::nullopt;
  DIR* const stream = ::fdopendir(copy);
  if (stream == nullptr) {
    ::close(copy);
    return std::nullopt;
  }
  std::vector<std::string> names;
  errno = 0;
  while (const dirent* const entry = ::readdir(stream)) {
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
    if (names.size() > kItemsMax) break;
  }
  const bool whole = errno == 0;
  ::closedir(stream);
  if (!whole) return std::nullopt;
  std::ranges::sort(names);  // char_traits compares as unsigned bytes
  return names;
}

// The first bytes of a file; fewer when it has fewer, none when it cannot be read.
Bytes first_bytes(int folder, const std::string& name, std::size_t count) {
  const int descriptor =
      ::openat(folder, name.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK);
  if (descriptor < 0) return {};
  const OpenFile file(descriptor);
  Bytes bytes(count);
  const ssize_t read = ::pread(descriptor, bytes.data(), count, 0);
  bytes.resize(read < 0 ? 0 : static_cast<std::size_t>(read));
  return bytes;
}

bool all_zero(ByteView bytes) {
  return std::ranges::all_of(bytes, [](std::uint8_t byte) { return byte == 0; });
}

// Names alone would let a stranger's `notes-wal` ride under the consent for `notes`; so content
// must say that it is what its name says (https://sqlite.org/fileformat2.html §3, §4; walformat).
bool is_companion(std::string_view ending, ByteView head) {
  using namespace std::string_view_literals;
  const std::string_view text = as_text(head);
  if (all_zero(head)) return true;  // empty, or wiped after a commit
  if (ending == "-wal")
    return text.starts_with("\x37\x7F\x06\x82"sv) || text.starts_with("\x37\x7F\x06\x83"sv);
  if (ending == "-journal") return text.starts_with("\xD9\xD5\x05\xF9\x20\xA1\x63\xD7"sv);
  // The index of a log opens with 3007000 in the machine's byte order.
  return text.starts_with("\x18\xE2\x2D\x00"sv) || text.starts_with("\x00\x2D\xE2\x18"sv);
}

bool is_database(ByteView head, std::uint64_t size) {
  return size == 0 || as_text(head).starts_with("SQLite format 3");
}

class Walk {
 public:
  explicit Walk(const CollectOptions& options) : options_(options) {}

  Result<Collection> run(int folder) {
    struct stat facts{};
    if (::fstat(folder, &facts) != 0) return fail(Code::unavailable, "the folder is gone");
    device_ = facts.st_dev;
    auto names = names_in(folder);
    if (!names) return fail(Code::denied, "the folder cannot be listed");
    walk(folder, "", *std::move(names), 0);
    if (found_.items.size() >= kItemsMax) {
      return fail(Code::invalid_input, "the folder holds too many things");
    }
    settle_hard_links();
    return std::move(found_);
  }

 private:
  void walk(int folder, const std::string& prefix, std::vector<std::string> names,
            std::size_t depth) {
    std::vector<Entry> entries;
    entries.reserve(names.size());
    for (std::string& name : names) {
      Entry entry{.name = std::move(name), .facts = {}, .taken = false};
      if (::fstatat(folder, entry.name.c_str(), &entry.facts, AT_SYMLINK_NOFOLLOW) != 0) {
        skip(prefix + entry.name, errno == ENOENT ? "gone while it was listed" : "cannot be read");
        continue;
      }
      entries.push_back(std::move(entry));
    }
    join_databases(folder, prefix, entries);
    for (const Entry& entry : entries) {
      if (!entry.taken && found_.items.size() < kItemsMax) {
        add(folder, prefix + entry.name, entry, depth);
      }
    }
  }

  void add(int folder, const std::string& path, const Entry& entry, std::size_t depth) {
    const mode_t mode = entry.facts.st_mode;
    if (S_ISREG(mode)) {
      add_file(folder, path, entry);
    } else if (S_ISLNK(mode)) {
      add_link(folder, path, entry);
    } else if (S_ISDIR(mode)) {
      add_folder(folder, path, entry, depth);
    } else {
      skip(path, name_of_special(mode));
    }
  }

  void add_file(int folder, const std::string& path, const Entry& entry) {
    if (::faccessat(folder, entry.name.c_str(), R_OK, AT_EACCESS) != 0) {
      skip(path, "cannot be read");
      return;
    }
    Item item{
        .kind = ItemKind::file, .main = facts(path, entry), .link_target = {}, .companions = {}};
    if (const auto joined = companions_.find(path); joined != companions_.end()) {
      item.companions = std::move(joined->second);
      companions_.erase(joined);
    }
    found_.items.push_back(std::move(item));
  }

  void add_link(int folder, const std::string& path, const Entry& entry) {
    std::string target(kLinkTargetBytesMax + 1, '\0');
    const ssize_t size = ::readlinkat(folder, entry.name.c_str(), target.data(), target.size());
    if (size < 0) return skip(path, "cannot be read");
    if (static_cast<std::size_t>(size) > kLinkTargetBytesMax) {
      return skip(path, "a link with too long a target");
    }
    target.resize(static_cast<std::size_t>(size));
    found_.items.push_back({.kind = ItemKind::symlink,
                            .main = facts(path, entry),
                            .link_target = std::move(target),
                            .companions = {}});
  }

  void add_folder(int folder, const std::string& path, const Entry& entry, std::size_t depth) {
    if (entry.facts.st_dev != device_ && !options_.cross_file_systems) {
      return skip(path, "on another file system");
    }
    if (depth + 1 >= kFolderDepthMax) return skip(path, "too deep");
    const OpenFile inner(
        ::openat(folder, entry.name.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_DIRECTORY));
    if (inner.descriptor() < 0) return skip(path, "cannot be read");
    auto names = names_in(inner.descriptor());
    if (!names) return skip(path, "cannot be read");
    if (names->empty()) {
      found_.items.push_back({.kind = ItemKind::empty_folder,
                              .main = facts(path, entry),
                              .link_target = {},
                              .companions = {}});
      return;
    }
    walk(inner.descriptor(), path + '/', *std::move(names), depth + 1);
  }

  // Gives each database its companions, before either is listed.
  void join_databases(int folder, const std::string& prefix, std::vector<Entry>& entries) {
    for (Entry& entry : entries) {
      if (!S_ISREG(entry.facts.st_mode)) continue;
      for (const std::string_view ending : kCompanionEndings) {
        if (!entry.name.ends_with(ending)) continue;
        const std::string_view base =
            std::string_view(entry.name).substr(0, entry.name.size() - ending.size());
        join(folder, prefix, entries, entry, base, ending);
      }
    }
  }

  void join(int folder, const std::string& prefix, const std::vector<Entry>& entries, Entry& entry,
            std::string_view base, std::string_view ending) {
    const auto database = std::ranges::lower_bound(entries, base, {}, &Entry::name);
    if (database == entries.end() || database->name != base) return;
    if (!S_ISREG(database->facts.st_mode)) return;
    if (!is_companion(ending, first_bytes(folder, entry.name, 32))) return;
    const auto size = static_cast<std::uint64_t>(database->facts.st_size);
    if (!is_database(first_bytes(folder, database->name, 16), size)) return;
    if (::faccessat(folder, database->name.c_str(), R_OK, AT_EACCESS) != 0) return;
    companions_[prefix + database->name].push_back(facts(prefix + entry.name, entry));
    entry.taken = true;
  }

  // Facts with a provisional group for files of several names.
  FileFacts facts(const std::string& path, const Entry& entry) {
    FileFacts result = facts_of(path, entry.facts);
    if (S_ISREG(entry.facts.st_mode) && entry.facts.st_nlink > 1) {
      Group& group = groups_[{entry.facts.st_dev, entry.facts.st_ino}];
      if (group.number == 0) group.number = static_cast<std::uint32_t>(groups_.size());
      ++group.names;
      result.hard_link_group = group.number;
    }
    return result;
  }

  // A file whose other names lie elsewhere stands alone here; the rest are numbered as they come.
  void settle_hard_links() {
    std::map<std::uint32_t, std::uint32_t> names;
    for (const auto& [file, group] : groups_) names[group.number] = group.names;
    std::map<std::uint32_t, std::uint32_t> renumbered;
    const auto settle = [&](FileFacts& facts) {
      if (facts.hard_link_group == 0) return;
      if (names[facts.hard_link_group] < 2) {
        facts.hard_link_group = 0;
        return;
      }
      const auto next = static_cast<std::uint32_t>(renumbered.size() + 1);
      facts.hard_link_group = renumbered.try_emplace(facts.hard_link_group, next).first->second;
    };
    for (Item& item : found_.items) {
      settle(item.main);
      for (FileFacts& companion : item.companions) settle(companion);
    }
  }

  void skip(std::string path, std::string_view reason) {
    found_.skipped.push_back({std::move(path), std::string(reason)});
  }

  struct Group {
    std::uint32_t number = 0;
    std::uint32_t names = 0;
  };

  const CollectOptions& options_;
  dev_t device_ = 0;
  Collection found_;
  std::map<std::string, std::vector<FileFacts>> companions_;  // by the path of the database
  std::map<std::pair<dev_t, ino_t>, Group> groups_;
};

}  // namespace

Result<Collection> collect(const OpenFile& folder, const CollectOptions& options) {
  return Walk(options).run(folder.descriptor());
}

Result<Classification> classify_item(const OpenFile& folder, const Item& item) {
  if (item.kind != ItemKind::file) {
    return Classification{CategorySet{Category::other},
                          item.kind == ItemKind::symlink ? "symlink" : "empty-folder"};
  }
  const auto file = folder.open_below(item.main.path);
  if (!file) return carry(file);
  const auto main = OpenSample::from(*file);
  if (!main) return carry(main);
  Sample sample = main->sample();

  const auto log = std::ranges::find_if(
      item.companions, [](const FileFacts& facts) { return facts.path.ends_with("-wal"); });
  if (log == item.companions.end()) return classify(sample);
  const auto log_file = folder.open_below(log->path);
  if (!log_file) return carry(log_file);
  const auto log_open = OpenSample::from(*log_file);
  if (!log_open) return carry(log_open);
  const Sample log_sample = log_open->sample();
  sample.write_ahead_log = &log_sample;
  return classify(sample);
}

}  // namespace amanat::phone
