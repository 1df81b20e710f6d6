// One mark on a file system tells of every file in it: which folder (as a handle, which is turned
// into a path while it exists) and which name there. It takes the rights of root; where they are
// missing, watch.cc goes on with inotify.

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstring>
#include <fcntl.h>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <sys/fanotify.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>
#include <utility>
#include <vector>

#include "amanat/phone/durable.h"
#include "amanat/phone/open_file.h"
#include "amanat/phone/watch.h"

namespace amanat::phone {
namespace {

constexpr std::uint64_t kEvents = FAN_CLOSE_WRITE | FAN_MOVED_TO | FAN_CREATE | FAN_ONDIR;
constexpr std::size_t kHandleBytesMax = 128;  // MAX_HANDLE_SZ of the kernel

struct Root {
  std::string path;
  OpenFile folder;
  std::array<int, 2> file_system{};
};

std::array<int, 2> numbers_of(const void* fsid) {
  std::array<int, 2> numbers{};
  std::memcpy(numbers.data(), fsid, sizeof(numbers));
  return numbers;
}

/// A file handle with room for the longest.
struct alignas(file_handle) HandleRoom {
  std::array<char, sizeof(file_handle) + kHandleBytesMax> bytes{};
  file_handle* get() { return reinterpret_cast<file_handle*>(bytes.data()); }
};

bool lies_in(std::string_view path, std::string_view folder) {
  if (folder == "/") return true;
  return path.starts_with(folder) && (path.size() == folder.size() || path[folder.size()] == '/');
}

/// Where an open folder is; nothing when it is gone.
std::optional<std::string> path_of(int folder) {
  std::array<char, PATH_MAX> path{};
  const std::string link = "/proc/self/fd/" + std::to_string(folder);
  const ssize_t size = ::readlink(link.c_str(), path.data(), path.size());
  if (size <= 0 || std::cmp_equal(size, path.size())) return std::nullopt;
  std::string text(path.data(), static_cast<std::size_t>(size));
  struct stat facts{};
  if (::fstat(folder, &facts) != 0 || facts.st_nlink == 0) return std::nullopt;
  return text;
}

class FanotifySource final : public WatchSource {
 public:
  FanotifySource(OpenFile queue, std::vector<Root> roots)
      : queue_(std::move(queue)), roots_(std::move(roots)) {}

  std::string_view name() const override { return "fanotify"; }
  int descriptor() const override { return queue_.descriptor(); }
  std::size_t watch_count() const override { return roots_.size(); }

  Result<> read(const OnChange& on_change) override {
    alignas(fanotify_event_metadata) std::array<char, 64 * 1024> buffer{};
    for (;;) {
      const ssize_t size = ::read(queue_.descriptor(), buffer.data(), buffer.size());
      if (size < 0 && errno == EINTR) continue;
      if (size < 0 && errno == EAGAIN) break;
      if (size < 0) return fail_by_errno("reading events");
      take_events({buffer.data(), static_cast<std::size_t>(size)}, on_change);
    }
    return {};
  }

 private:
  void take_events(std::string_view bytes, const OnChange& on_change) {
    while (bytes.size() >= sizeof(fanotify_event_metadata)) {
      fanotify_event_metadata event{};
      std::memcpy(&event, bytes.data(), sizeof(event));
      if (event.vers != FANOTIFY_METADATA_VERSION || event.event_len < event.metadata_len
          || event.event_len > bytes.size()) {
        on_change({Change::What::everything, {}});  // a kernel of another time
        return;
      }
      if ((event.mask & FAN_Q_OVERFLOW) != 0) {
        on_change({Change::What::everything, {}});
      } else {
        const auto info = bytes.substr(event.metadata_len, event.event_len - event.metadata_len);
        take_event(event.mask, info, on_change);
      }
      bytes.remove_prefix(event.event_len);
    }
  }

  //   info    type u8 || pad u8 || length u16 || file system 8 || handle || name, 0
  //   handle  length u32 || type i32 || bytes
  void take_event(std::uint64_t mask, std::string_view info, const OnChange& on_change) {
    fanotify_event_info_fid fid{};
    constexpr std::size_t kBeforeName = sizeof(fid) + sizeof(file_handle);
    if (info.size() < kBeforeName) return;
    std::memcpy(&fid, info.data(), sizeof(fid));
    if (fid.hdr.info_type != FAN_EVENT_INFO_TYPE_DFID_NAME || fid.hdr.len > info.size()) return;
    HandleRoom handle;
    std::memcpy(handle.bytes.data(), info.data() + sizeof(fid), sizeof(file_handle));
    const std::size_t handle_bytes = handle.get()->handle_bytes;
    if (handle_bytes > kHandleBytesMax || kBeforeName + handle_bytes >= info.size()) return;
    std::memcpy(handle.bytes.data(), info.data() + sizeof(fid), sizeof(file_handle) + handle_bytes);
    std::string_view name = info.substr(kBeforeName + handle_bytes);
    name = name.substr(0, name.find('\0'));
    if (name.empty() || name == ".") return;
    if (auto path = find_path(numbers_of(&fid.fsid), handle, name)) {
      give_on(mask, std::move(*path), on_change);
    }
  }

  std::optional<std::string> find_path(const std::array<int, 2>& file_system, HandleRoom& handle,
                                       std::string_view name) const {
    for (const Root& root : roots_) {
      if (root.file_system != file_system) continue;
      const OpenFile folder(
          ::open_by_handle_at(root.folder.descriptor(), handle.get(), O_PATH | O_CLOEXEC));
      if (folder.descriptor() < 0) return std::nullopt;  // gone
      auto path = path_of(folder.descriptor());
      if (!path || !is_watched(*path)) return std::nullopt;
      if (!path->ends_with('/')) *path += '/';
      *path += name;
      return path;
    }
    return std::nullopt;
  }

  bool is_watched(std::string_view path) const {
    return std::ranges::any_of(roots_, [&](const Root& root) { return lies_in(path, root.path); });
  }

  static void give_on(std::uint64_t mask, std::string path, const OnChange& on_change) {
    if ((mask & FAN_ONDIR) != 0) {
      // What is written in a new folder has events of its own; a folder that was moved brings what
      // was written elsewhere.
      if ((mask & FAN_MOVED_TO) != 0) on_change({Change::What::folder, std::move(path)});
      return;
    }
    struct stat facts{};
    const bool linked = (mask & FAN_CREATE) != 0 && ::lstat(path.c_str(), &facts) == 0
                        && S_ISREG(facts.st_mode) && facts.st_nlink > 1;
    if (linked || (mask & (FAN_CLOSE_WRITE | FAN_MOVED_TO)) != 0) {
      on_change({Change::What::file, std::move(path)});
    }
  }

  OpenFile queue_;
  std::vector<Root> roots_;
};

/// Whether handles can be opened: marking takes one right, this another.
bool opens_handles(const OpenFile& folder) {
  HandleRoom handle;
  handle.get()->handle_bytes = kHandleBytesMax;
  int mount = 0;
  if (::name_to_handle_at(folder.descriptor(), "", handle.get(), &mount, AT_EMPTY_PATH) != 0) {
    return false;
  }
  const OpenFile again(::open_by_handle_at(folder.descriptor(), handle.get(), O_PATH | O_CLOEXEC));
  return again.descriptor() >= 0;
}

}  // namespace

Result<std::unique_ptr<WatchSource>> watch_by_fanotify(const WatchedFolders& folders) {
  OpenFile queue(static_cast<int>(::fanotify_init(
      FAN_CLASS_NOTIF | FAN_REPORT_DFID_NAME | FAN_CLOEXEC | FAN_NONBLOCK, O_RDONLY)));
  if (queue.descriptor() < 0) return fail_by_errno("asking for fanotify");
  std::vector<Root> roots;
  for (const auto& path : folders) {
    auto folder = OpenFile::open_folder(path.string());
    if (!folder) return carry(folder);
    struct statfs facts{};
    if (::fstatfs(folder->descriptor(), &facts) != 0 || !opens_handles(*folder)) {
      return fail(Code::denied, "handles of folders cannot be opened here");
    }
    if (::fanotify_mark(queue.descriptor(), FAN_MARK_ADD | FAN_MARK_FILESYSTEM, kEvents, AT_FDCWD,
                        path.c_str())
        != 0) {
      return fail_by_errno("marking a file system");
    }
    roots.push_back({path.string(), std::move(*folder), numbers_of(&facts.f_fsid)});
  }
  return Result<std::unique_ptr<WatchSource>>(
      std::make_unique<FanotifySource>(std::move(queue), std::move(roots)));
}

}  // namespace amanat::phone
