#include <array>
#include <cerrno>
#include <climits>
#include <dirent.h>
#include <fcntl.h>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>
#include <unordered_map>
#include <utility>
#include <vector>

#include "amanat/phone/durable.h"
#include "amanat/phone/open_file.h"
#include "amanat/phone/watch.h"

namespace amanat::phone {
namespace {

// Creation and moving away matter for folders, and for files that are given a second name.
constexpr std::uint32_t kEvents = IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_CREATE
                                  | IN_ONLYDIR | IN_DONT_FOLLOW | IN_EXCL_UNLINK;

struct CloseFolder {
  void operator()(DIR* folder) const { ::closedir(folder); }
};

/// The folders in a folder, by name; links and other file systems are none.
std::vector<std::string> folders_in(const std::string& path, dev_t device) {
  std::vector<std::string> names;
  const std::unique_ptr<DIR, CloseFolder> folder(::opendir(path.c_str()));
  if (!folder) return names;
  // NOLINTNEXTLINE(concurrency-mt-unsafe): glibc's is safe for a folder of one's own
  while (const dirent* entry = ::readdir(folder.get())) {
    const std::string_view name = entry->d_name;
    if (name == "." || name == ".." || (entry->d_type != DT_DIR && entry->d_type != DT_UNKNOWN)) {
      continue;
    }
    struct stat facts{};
    if (::fstatat(::dirfd(folder.get()), entry->d_name, &facts, AT_SYMLINK_NOFOLLOW) != 0) {
      continue;
    }
    if (S_ISDIR(facts.st_mode) && facts.st_dev == device) names.emplace_back(name);
  }
  return names;
}

class InotifySource final : public WatchSource {
 public:
  InotifySource(OpenFile queue, std::size_t watches_max)
      : queue_(std::move(queue)), watches_max_(watches_max) {}

  std::string_view name() const override { return "inotify"; }
  int descriptor() const override { return queue_.descriptor(); }
  std::size_t watch_count() const override { return paths_.size(); }

  void add_root(const std::string& path) {
    roots_.push_back(path);
    add_tree(path);
  }

  Result<> read(const OnChange& on_change) override {
    alignas(inotify_event) std::array<char, 64 * 1024> buffer{};
    for (;;) {
      const ssize_t size = ::read(queue_.descriptor(), buffer.data(), buffer.size());
      if (size < 0 && errno == EINTR) continue;
      if (size < 0 && errno == EAGAIN) break;
      if (size < 0) return fail_by_errno("reading events");
      take_events({buffer.data(), static_cast<std::size_t>(size)}, on_change);
    }
    for (std::string& path : std::exchange(unwatched_, {})) {
      on_change({Change::What::unwatched, std::move(path)});
    }
    return {};
  }

 private:
  void take_events(std::string_view bytes, const OnChange& on_change) {
    while (bytes.size() >= sizeof(inotify_event)) {
      const auto* event = reinterpret_cast<const inotify_event*>(bytes.data());
      // The name is padded with zeros; the kernel ends it with at least one.
      const std::string_view name =
          event->len == 0 ? std::string_view() : std::string_view(event->name);
      take_event(*event, name, on_change);
      bytes.remove_prefix(sizeof(inotify_event) + event->len);
    }
  }

  void take_event(const inotify_event& event, std::string_view name, const OnChange& on_change) {
    if ((event.mask & IN_Q_OVERFLOW) != 0) {
      // Folders may have come or gone unseen too.
      for (const std::string& root : roots_) add_tree(root);
      on_change({Change::What::everything, {}});
      return;
    }
    const auto place = paths_.find(event.wd);
    if (place == paths_.end()) return;
    if ((event.mask & IN_IGNORED) != 0) {  // the folder is gone
      const std::string path = std::move(place->second);
      paths_.erase(place);
      if (const auto known = watches_.find(path);
          known != watches_.end() && known->second == event.wd) {
        watches_.erase(known);
      }
      for (const std::string& root : roots_) {
        if (root == path) on_change({Change::What::unwatched, path});
      }
      return;
    }
    if (name.empty()) return;
    std::string path = place->second;
    if (!path.ends_with('/')) path += '/';
    path += name;
    if ((event.mask & IN_ISDIR) != 0) {
      take_folder(event.mask, std::move(path), on_change);
    } else if ((event.mask & (IN_CLOSE_WRITE | IN_MOVED_TO)) != 0 || has_other_names(event, path)) {
      on_change({Change::What::file, std::move(path)});
    }
  }

  void take_folder(std::uint32_t mask, std::string path, const OnChange& on_change) {
    if ((mask & IN_MOVED_FROM) != 0) forget_tree(path);
    if ((mask & (IN_CREATE | IN_MOVED_TO)) == 0) return;
    add_tree(path);
    on_change({Change::What::folder, std::move(path)});  // it may have filled before it was watched
  }

  // A new name of an old file brings content here without a write.
  static bool has_other_names(const inotify_event& event, const std::string& path) {
    struct stat facts{};
    return (event.mask & IN_CREATE) != 0 && ::lstat(path.c_str(), &facts) == 0
           && S_ISREG(facts.st_mode) && facts.st_nlink > 1;
  }

  // The watch comes before the look inside: what is made in between is seen twice, not never.
  void add_tree(const std::string& top) {
    struct stat facts{};
    if (::lstat(top.c_str(), &facts) != 0 || !S_ISDIR(facts.st_mode)) return;
    std::vector<std::string> to_add{top};
    while (!to_add.empty()) {
      std::string path = std::move(to_add.back());
      to_add.pop_back();
      if (!add(path)) continue;
      const std::string prefix = path.ends_with('/') ? path : path + '/';
      for (const std::string& name : folders_in(path, facts.st_dev))
        to_add.push_back(prefix + name);
    }
  }

  bool add(const std::string& path) {
    if (paths_.size() >= watches_max_ && !watches_.contains(path)) {
      unwatched_.push_back(path);
      return false;
    }
    const int watch = ::inotify_add_watch(queue_.descriptor(), path.c_str(), kEvents);
    if (watch < 0) {
      // Gone again, or become something else: no matter. Otherwise it is the system's limit.
      if (errno != ENOENT && errno != ENOTDIR && errno != ELOOP) unwatched_.push_back(path);
      return false;
    }
    // The same folder under another path: it was moved.
    if (const auto known = paths_.find(watch); known != paths_.end()) watches_.erase(known->second);
    // Another folder under the same path: the former is gone, which its own event will say.
    watches_[path] = watch;
    paths_[watch] = path;
    return true;
  }

  void forget_tree(const std::string& top) {
    std::vector<std::string> gone{top};
    const std::string prefix = top + '/';
    for (auto place = watches_.lower_bound(prefix);
         place != watches_.end() && place->first.starts_with(prefix); ++place) {
      gone.push_back(place->first);
    }
    for (const std::string& path : gone) {
      const auto known = watches_.find(path);
      if (known == watches_.end()) continue;
      ::inotify_rm_watch(queue_.descriptor(), known->second);
      paths_.erase(known->second);
      watches_.erase(known);
    }
  }

  OpenFile queue_;
  std::size_t watches_max_;
  std::vector<std::string> roots_;
  std::unordered_map<int, std::string> paths_;  // of each watch
  std::map<std::string, int> watches_;  // the other way round; by path, to find what is below
  std::vector<std::string> unwatched_;
};

}  // namespace

Result<std::unique_ptr<WatchSource>> watch_by_inotify(const WatchedFolders& folders,
                                                      std::size_t watches_max) {
  OpenFile queue(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
  if (queue.descriptor() < 0) return fail_by_errno("asking the system to watch");
  auto source = std::make_unique<InotifySource>(std::move(queue), watches_max);
  for (const auto& folder : folders) source->add_root(folder.string());
  return Result<std::unique_ptr<WatchSource>>(std::move(source));
}

}  // namespace amanat::phone
