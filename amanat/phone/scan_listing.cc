#include "amanat/phone/scan_listing.h"

#include <algorithm>
#include <cerrno>
#include <condition_variable>
#include <dirent.h>
#include <fcntl.h>
#include <memory>
#include <mutex>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>
#include <utility>

#include "amanat/phone/collect.h"

namespace amanat::phone {
namespace {

std::int64_t nanoseconds(const timespec& time) {
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

FileStamp stamp_of(const struct stat& facts) {
  return {.device = facts.st_dev,
          .inode = facts.st_ino,
          .size = static_cast<std::uint64_t>(facts.st_size),
          .mtime_ns = nanoseconds(facts.st_mtim),
          .ctime_ns = nanoseconds(facts.st_ctim)};
}

/// A folder that is still to be read. It keeps the one above open, which it is opened from.
struct Pending {
  std::shared_ptr<DIR> above;
  std::string name;
  std::string path;  // of the folder, with '/' at its end
  std::size_t depth = 0;
};

std::shared_ptr<DIR> open_stream(int above, const char* name) {
  const int descriptor = ::openat(above, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_DIRECTORY);
  DIR* const stream = descriptor < 0 ? nullptr : ::fdopendir(descriptor);
  if (stream == nullptr && descriptor >= 0) ::close(descriptor);
  if (stream == nullptr) return nullptr;
  return {stream, [](DIR* open) { ::closedir(open); }};
}

class Lister {
 public:
  Result<std::vector<ListedFolder>> run(int descriptor, std::size_t threads) {
    if (!read(open_stream(descriptor, "."), "", 0))
      return fail(Code::denied, "the folder cannot be listed");
    {
      // A few folders are read before a thread could begin.
      constexpr std::size_t kWorthAThread = 8;
      std::vector<std::jthread> others;
      for (std::size_t i = 1; i < threads && pending_.size() >= kWorthAThread; ++i) {
        others.emplace_back([this] { read_all(); });
      }
      read_all();
    }
    std::ranges::sort(found_, {}, &ListedFolder::path);
    return std::move(found_);
  }

 private:
  /// Takes folders until none is left and nobody can find more.
  void read_all() {
    std::unique_lock lock(mutex_);
    for (;;) {
      changed_.wait(lock, [&] { return !pending_.empty() || reading_ == 0; });
      if (pending_.empty()) return;
      // The last found is read first: so few folders stay open.
      const Pending next = std::move(pending_.back());
      pending_.pop_back();
      ++reading_;
      lock.unlock();
      read(next);
      lock.lock();
      --reading_;
      if (reading_ == 0) changed_.notify_all();
    }
  }

  void read(const Pending& pending) {
    const bool done = pending.depth < kFolderDepthMax
                      && read(open_stream(::dirfd(pending.above.get()), pending.name.c_str()),
                              pending.path, pending.depth);
    if (done) return;
    ListedFolder unread{.path = pending.path, .files = {}, .left_out = {""}};
    const std::lock_guard lock(mutex_);
    found_.push_back(std::move(unread));
  }

  /// False when the folder cannot be listed to its end.
  bool read(const std::shared_ptr<DIR>& folder, const std::string& path, std::size_t depth) {
    if (!folder) return false;
    ListedFolder listed{.path = path, .files = {}, .left_out = {}};
    std::vector<std::string> inner;
    errno = 0;
    while (const dirent* const entry = ::readdir(folder.get())) {
      add(::dirfd(folder.get()), entry->d_name, listed, inner);
      errno = 0;
    }
    if (errno != 0) return false;
    std::ranges::sort(listed.files, {}, &ListedFile::name);
    std::ranges::sort(listed.left_out);
    const std::lock_guard lock(mutex_);
    for (std::string& name : inner) {
      std::string inner_path = path + name + '/';
      pending_.push_back({folder, std::move(name), std::move(inner_path), depth + 1});
    }
    if (!inner.empty()) changed_.notify_all();
    if (!listed.files.empty() || !listed.left_out.empty()) found_.push_back(std::move(listed));
    return true;
  }

  static void add(int folder, const char* name, ListedFolder& listed,
                  std::vector<std::string>& inner) {
    const std::string_view text = name;
    if (text == "." || text == "..") return;
    struct stat facts{};
    if (::fstatat(folder, name, &facts, AT_SYMLINK_NOFOLLOW) != 0) {
      listed.left_out.emplace_back(text);
    } else if (S_ISREG(facts.st_mode)) {
      listed.files.push_back({std::string(text), stamp_of(facts)});
    } else if (S_ISDIR(facts.st_mode)) {
      inner.emplace_back(text);
    } else if (!S_ISLNK(facts.st_mode)) {
      listed.left_out.emplace_back(text);
    }
  }

  std::mutex mutex_;  // guards all below
  std::condition_variable changed_;
  std::vector<Pending> pending_;
  std::size_t reading_ = 0;  // threads that may find more
  std::vector<ListedFolder> found_;
};

}  // namespace

Result<std::vector<ListedFolder>> list_to_scan(const OpenFile& folder, std::size_t threads) {
  return Lister().run(folder.descriptor(), threads);
}

}  // namespace amanat::phone
