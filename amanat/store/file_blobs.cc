// Blobs as files. A blob is written under `incoming/` and gets its name by link(2), which fails
// where rename(2) would replace: so two writers of one name cannot both believe they were first.
//
// Durable means: the file is synced, then its name, then (for a new folder) the folder's name. If
// we stop before the name is synced the blob may be gone, and nobody has been told it is there.

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <dirent.h>
#include <fcntl.h>
#include <string>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <system_error>
#include <unistd.h>

#include "amanat/store/blobs.h"

namespace amanat::store {
namespace {

using Path = std::filesystem::path;

constexpr mode_t kFolderMode = 0700;
constexpr mode_t kFileMode = 0600;

class File {
 public:
  explicit File(int descriptor) : descriptor_(descriptor) {}
  File(File&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  File& operator=(File&&) = delete;
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  int get() const { return descriptor_; }
  bool is_open() const { return descriptor_ >= 0; }

 private:
  int descriptor_;
};

std::unexpected<Error> disk_error(std::string doing) {
  const int reason = errno;
  if (reason == ENOSPC || reason == EDQUOT) {
    return fail(Code::unavailable,
                doing + ": the disk is full: free space on the volume of the packs");
  }
  return fail(Code::unavailable, doing + ": " + std::generic_category().message(reason));
}

Result<> sync_folder(const Path& folder) {
  const File file(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!file.is_open() || ::fsync(file.get()) != 0) return disk_error("syncing a folder");
  return {};
}

// Makes `folder` durably, if it is not there; its parent is.
Result<> make_folder(const Path& folder) {
  if (::mkdir(folder.c_str(), kFolderMode) == 0) return sync_folder(folder.parent_path());
  if (errno == EEXIST) return {};
  return disk_error("making a folder");
}

Path file_of(const Path& root, const BlobName& name) {
  const std::string hex = name.hex();
  return root / hex.substr(0, 2) / hex.substr(2, 2) / hex;
}

Path incoming_of(const Path& root) { return root / "incoming"; }

Path fresh_incoming(const Path& root, const BlobName& name) {
  static std::atomic<std::uint64_t> count{0};
  return incoming_of(root) / (name.hex() + "." + std::to_string(count++));
}

Result<std::optional<std::uint64_t>> size_of(const Path& path) {
  struct stat info{};
  if (::stat(path.c_str(), &info) == 0) return static_cast<std::uint64_t>(info.st_size);
  if (errno == ENOENT || errno == ENOTDIR) return std::nullopt;
  return disk_error("looking for a blob");
}

class FileBlobWriter final : public BlobWriter {
 public:
  FileBlobWriter(Path root, BlobName name, Path incoming, File file)
      : root_(std::move(root)),
        name_(name),
        incoming_(std::move(incoming)),
        file_(std::move(file)) {}
  ~FileBlobWriter() override { ::unlink(incoming_.c_str()); }

  Result<> write(ByteView piece) override {
    ensure(!committed_, "nothing is written after the commit");
    while (!piece.empty()) {
      const ssize_t written = ::write(file_.get(), piece.data(), piece.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) return disk_error("writing a blob");
      piece = piece.subspan(static_cast<std::size_t>(written));
    }
    return {};
  }

  Result<> commit() override {
    ensure(!std::exchange(committed_, true), "a blob is committed once");
    if (::fsync(file_.get()) != 0) return disk_error("syncing a blob");
    const Path target = file_of(root_, name_);
    const Path folder = target.parent_path();
    if (auto made = make_folder(folder.parent_path()); !made) return carry(made);
    if (auto made = make_folder(folder); !made) return carry(made);
    if (::link(incoming_.c_str(), target.c_str()) != 0) {
      if (errno == EEXIST) return fail(Code::conflict, "the name is taken");
      return disk_error("naming a blob");
    }
    if (auto synced = sync_folder(folder); !synced) {
      ::unlink(target.c_str());  // nobody may see what might not last
      return carry(synced);
    }
    return {};
  }

 private:
  Path root_;
  BlobName name_;
  Path incoming_;
  File file_;
  bool committed_ = false;
};

Result<> empty_folder(const Path& folder) {
  std::error_code error;
  for (std::filesystem::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    std::filesystem::remove_all(entry->path(), error);
    if (error) break;
  }
  if (error) return fail(Code::unavailable, "clearing unfinished blobs: " + error.message());
  return {};
}

using Visit = std::function<Result<>(const BlobName&, std::uint64_t)>;

// Calls `visit` for a file that is a blob; what else lies there is not ours to name.
Result<> visit_file(const std::filesystem::directory_entry& entry, const Visit& visit) {
  const auto name = BlobName::from_hex(entry.path().filename().string());
  if (!name) return {};
  const auto size = size_of(entry.path());
  if (!size) return carry(size);
  return *size ? visit(*name, **size) : Result<>{};  // removed meanwhile
}

}  // namespace

Result<std::unique_ptr<FileBlobs>> FileBlobs::open(const Path& location) {
  std::error_code error;
  Path root = std::filesystem::absolute(location, error).lexically_normal();
  if (error) return fail(Code::unavailable, "opening the blobs: " + error.message());
  if (!root.has_filename()) root = root.parent_path();
  if (auto made = make_folder(root); !made) return carry(made, "opening the blobs");
  if (auto made = make_folder(incoming_of(root)); !made) return carry(made, "opening the blobs");
  if (auto done = empty_folder(incoming_of(root)); !done) return carry(done, "opening the blobs");
  return std::unique_ptr<FileBlobs>(new FileBlobs(std::move(root)));
}

FileBlobs::~FileBlobs() = default;

Result<std::unique_ptr<BlobWriter>> FileBlobs::begin(const BlobName& name) {
  const auto taken = size_of(file_of(root_, name));
  if (!taken) return carry(taken);
  if (*taken) return fail(Code::conflict, "the name is taken");
  Path incoming = fresh_incoming(root_, name);
  File file(::open(incoming.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, kFileMode));
  if (!file.is_open()) return disk_error("starting a blob");
  return std::make_unique<FileBlobWriter>(root_, name, std::move(incoming), std::move(file));
}

Result<std::optional<std::uint64_t>> FileBlobs::size(const BlobName& name) {
  return size_of(file_of(root_, name));
}

Result<std::optional<Instant>> FileBlobs::written_at(const BlobName& name) {
  struct stat info{};
  if (::stat(file_of(root_, name).c_str(), &info) != 0) {
    if (errno == ENOENT || errno == ENOTDIR) return std::nullopt;
    return disk_error("looking for a blob");
  }
  return Instant(std::chrono::milliseconds(std::chrono::seconds(info.st_mtim.tv_sec)));
}

Result<> FileBlobs::read(const BlobName& name, std::uint64_t offset, ByteSpan out) {
  const File file(::open(file_of(root_, name).c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.is_open()) {
    if (errno == ENOENT) return fail(Code::not_found, "there is no such blob");
    return disk_error("opening a blob");
  }
  struct stat info{};
  if (::fstat(file.get(), &info) != 0) return disk_error("reading a blob");
  const auto size = static_cast<std::uint64_t>(info.st_size);
  if (offset > size || out.size() > size - offset) {
    return fail(Code::invalid_input, "the range ends after the blob");
  }
  while (!out.empty()) {
    const ssize_t count = ::pread(file.get(), out.data(), out.size(), static_cast<off_t>(offset));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return disk_error("reading a blob");
    if (count == 0) return fail(Code::corrupt, "a blob became shorter while it was read");
    out = out.subspan(static_cast<std::size_t>(count));
    offset += static_cast<std::uint64_t>(count);
  }
  return {};
}

Result<bool> FileBlobs::remove(const BlobName& name) {
  const Path path = file_of(root_, name);
  if (::unlink(path.c_str()) != 0) {
    if (errno == ENOENT || errno == ENOTDIR) return false;
    return disk_error("removing a blob");
  }
  if (auto synced = sync_folder(path.parent_path()); !synced) return carry(synced);
  return true;
}

Result<> FileBlobs::list(const Visit& visit) {
  std::error_code error;
  std::filesystem::recursive_directory_iterator entry(root_, error);
  for (const std::filesystem::recursive_directory_iterator end; !error && entry != end;
       entry.increment(error)) {
    if (entry.depth() == 0 && entry->path().filename() == "incoming") {
      entry.disable_recursion_pending();
    } else if (entry.depth() == 2) {
      if (auto visited = visit_file(*entry, visit); !visited) return carry(visited);
    }
  }
  if (error) return fail(Code::unavailable, "listing the blobs: " + error.message());
  return {};
}

Result<std::uint64_t> FileBlobs::free_bytes() {
  struct statvfs info{};
  if (::statvfs(root_.c_str(), &info) != 0) return disk_error("measuring the disk");
  return std::uint64_t{info.f_bavail} * info.f_frsize;
}

}  // namespace amanat::store
