#include "amanat/phone/open_file.h"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <functional>
#include <string>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace amanat::phone {
namespace {

Code code_of(int error) {
  switch (error) {
    case ENOENT:
    case ENOTDIR: return Code::not_found;
    case EACCES:
    case EPERM: return Code::denied;
    case ELOOP:
    case EINVAL: return Code::invalid_input;
    default: return Code::unavailable;
  }
}

// The kernel's reason and nothing else: a path is personal data.
std::unexpected<Error> system_failure(int error, std::string_view doing) {
  return fail(code_of(error), std::string(doing) + ": " + std::generic_category().message(error));
}

std::int64_t nanoseconds(const timespec& time) {
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

// O_NONBLOCK, so that a pipe put in a file's place cannot make us wait.
constexpr int kFileFlags = O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK;
constexpr int kFolderFlags = O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_DIRECTORY;

bool is_plain_name(std::string_view name) {
  return !name.empty() && name != "." && name != ".." && !name.contains('\0');
}

}  // namespace

OpenFile::OpenFile(OpenFile&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

OpenFile& OpenFile::operator=(OpenFile&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

OpenFile::~OpenFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Result<OpenFile> OpenFile::open_folder(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_DIRECTORY);
  if (descriptor < 0) return system_failure(errno, "opening the folder to collect from");
  return OpenFile(descriptor);
}

Result<OpenFile> OpenFile::open_below(std::string_view path) const {
  OpenFile folder;
  for (;;) {
    const int at = folder.descriptor_ >= 0 ? folder.descriptor_ : descriptor_;
    const std::size_t slash = path.find('/');
    const std::string name(path.substr(0, slash));
    if (!is_plain_name(name)) return fail(Code::invalid_input, "a path is not plain names");
    const bool last = slash == std::string_view::npos;
    OpenFile next(::openat(at, name.c_str(), last ? kFileFlags : kFolderFlags));
    if (next.descriptor_ < 0) return system_failure(errno, "opening a file");
    if (last) {
      struct stat facts{};
      if (::fstat(next.descriptor_, &facts) != 0) return system_failure(errno, "opening a file");
      if (!S_ISREG(facts.st_mode)) return fail(Code::invalid_input, "not a regular file");
      return next;
    }
    folder = std::move(next);
    path.remove_prefix(slash + 1);
  }
}

Result<FileStamp> stamp(int descriptor) {
  struct stat facts{};
  if (::fstat(descriptor, &facts) != 0) return system_failure(errno, "looking at a file");
  return FileStamp{.device = facts.st_dev,
                   .inode = facts.st_ino,
                   .size = static_cast<std::uint64_t>(facts.st_size),
                   .mtime_ns = nanoseconds(facts.st_mtim),
                   .ctime_ns = nanoseconds(facts.st_ctim)};
}

Result<FileStamp> OpenFile::stamp() const { return phone::stamp(descriptor_); }

Result<> OpenFile::read_at(std::uint64_t offset, ByteSpan target) const {
  while (!target.empty()) {
    const ssize_t count =
        ::pread(descriptor_, target.data(), target.size(), static_cast<off_t>(offset));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return system_failure(errno, "reading a file");
    if (count == 0) return fail(Code::unavailable, "a file became shorter while it was read");
    offset += static_cast<std::uint64_t>(count);
    target = target.subspan(static_cast<std::size_t>(count));
  }
  return {};
}

std::vector<Hole> largest_holes(std::vector<Hole> holes, std::size_t count) {
  if (holes.size() <= count) return holes;
  std::ranges::nth_element(holes, holes.begin() + static_cast<std::ptrdiff_t>(count),
                           std::ranges::greater(), &Hole::size);
  holes.resize(count);
  std::ranges::sort(holes, {}, &Hole::offset);
  return holes;
}

Result<std::vector<Hole>> OpenFile::holes(std::uint64_t size) const {
  std::vector<Hole> holes;
  for (std::uint64_t at = 0; at < size;) {
    const off_t hole = ::lseek(descriptor_, static_cast<off_t>(at), SEEK_HOLE);
    if (hole < 0 && errno == EINVAL) break;  // the file system does not tell
    if (hole < 0) return system_failure(errno, "looking for holes");
    const auto begin = static_cast<std::uint64_t>(hole);
    if (begin >= size) break;  // the hole that every file ends in
    const off_t data = ::lseek(descriptor_, hole, SEEK_DATA);
    if (data < 0 && errno != ENXIO) return system_failure(errno, "looking for holes");
    const std::uint64_t end = data < 0 ? size : std::min(static_cast<std::uint64_t>(data), size);
    holes.push_back({begin, end - begin});
    if (holes.size() == 2 * kHolesMax) holes = largest_holes(std::move(holes), kHolesMax);
    at = end;
  }
  return largest_holes(std::move(holes), kHolesMax);
}

Result<OpenSample> OpenSample::from(const OpenFile& file) {
  auto facts = file.stamp();
  if (!facts) return carry(facts);
  OpenSample open;
  open.file_ = &file;
  open.size_ = facts->size;
  open.head_.resize(static_cast<std::size_t>(std::min<std::uint64_t>(facts->size, kHeadBytesMax)));
  if (auto read = file.read_at(0, open.head_); !read) return carry(read);
  return open;
}

Sample OpenSample::sample() const {
  Sample sample;
  sample.size = size_;
  sample.head = head_;
  sample.read_at = [file = file_](std::uint64_t offset, ByteSpan target) {
    return file->read_at(offset, target);
  };
  return sample;
}

}  // namespace amanat::phone
