#include "amanat/phone/destination.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace amanat::phone {
namespace {

constexpr const char* kStagingName = ".amanat-restoring";
constexpr const char* kLinkName = "link";  // in the staging folder, where files have numbers
constexpr const char* kIncompleteName = "user.amanat.incomplete";
constexpr int kFolderFlags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;

std::unexpected<Error> system_failure(std::string_view what) {
  const int problem = errno;
  const Code code =
      problem == EACCES || problem == EPERM ? Code::denied
      : problem == EEXIST || problem == EISDIR || problem == ENOTDIR || problem == ELOOP
          ? Code::conflict
          : Code::unavailable;
  return fail(code, std::string(what) + ": " + std::generic_category().message(problem));
}

std::array<timespec, 2> times_of(std::int64_t mtime_ns) {
  constexpr std::int64_t kSecond = 1'000'000'000;
  std::int64_t seconds = mtime_ns / kSecond;
  std::int64_t rest = mtime_ns % kSecond;
  if (rest < 0) {
    rest += kSecond;
    --seconds;
  }
  const timespec mtime{.tv_sec = seconds, .tv_nsec = rest};
  return {timespec{.tv_sec = 0, .tv_nsec = UTIME_OMIT}, mtime};
}

Result<> set_traits(int descriptor, const FileTraits& traits) {
  for (const seal::Attribute& attribute : traits.attributes) {
    // Where the file system has no attributes the file is more than its attributes.
    if (::fsetxattr(descriptor, attribute.name.c_str(), attribute.value.data(),
                    attribute.value.size(), 0)
            != 0
        && errno != ENOTSUP && errno != EPERM && errno != ENOSPC) {
      return system_failure("setting an attribute");
    }
  }
  if (::fchmod(descriptor, traits.mode & 07777U) != 0) return system_failure("setting a mode");
  const auto times = times_of(traits.mtime_ns);
  if (::futimens(descriptor, times.data()) != 0) return system_failure("setting a time");
  return {};
}

std::string last_name(const std::string& path) { return path.substr(path.rfind('/') + 1); }

/// Opens a folder below another, name by name, without following links; makes what is missing.
Result<OpenFile> open_or_make(int top, std::string_view path) {
  OpenFile folder(::openat(top, ".", kFolderFlags));
  if (folder.descriptor() < 0) return system_failure("opening the destination");
  while (!path.empty()) {
    const std::size_t slash = path.find('/');
    const std::string name(path.substr(0, slash));
    if (!seal::is_entry_name(name)) return fail(Code::invalid_input, "a path is not plain names");
    OpenFile next(::openat(folder.descriptor(), name.c_str(), kFolderFlags));
    if (next.descriptor() < 0 && errno == ENOENT) {
      if (::mkdirat(folder.descriptor(), name.c_str(), 0700) != 0 && errno != EEXIST) {
        return system_failure("making a folder");
      }
      next = OpenFile(::openat(folder.descriptor(), name.c_str(), kFolderFlags));
    }
    if (next.descriptor() < 0) return system_failure("opening a folder of the destination");
    folder = std::move(next);
    path.remove_prefix(slash == std::string_view::npos ? path.size() : slash + 1);
  }
  return folder;
}

void remove_staged(int staging, const std::filesystem::path& path) {
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(path, ignored)) {
    ::unlinkat(staging, entry.path().filename().c_str(), 0);
  }
}

std::int64_t mtime_of(const struct stat& facts) {
  return std::int64_t{facts.st_mtim.tv_sec} * 1'000'000'000 + facts.st_mtim.tv_nsec;
}

/// Where the file system has no attributes the file stays unmarked.
void mark_incomplete(int descriptor) {
  struct stat facts{};
  if (::fstat(descriptor, &facts) != 0) return;
  const std::string time = std::to_string(mtime_of(facts));
  ::fsetxattr(descriptor, kIncompleteName, time.data(), time.size(), 0);
}

std::string staged_name(std::uint32_t number) { return std::to_string(number); }

}  // namespace

Result<Destination> Destination::open(const std::filesystem::path& folder) {
  Destination destination;
  std::error_code problem;
  destination.is_new_ = std::filesystem::create_directories(folder, problem);
  if (problem) return fail(Code::unavailable, "making the destination: " + problem.message());
  auto opened = OpenFile::open_folder(folder.string());
  if (!opened) return carry(opened, "opening the destination");
  destination.folder_ = std::move(*opened);
  const int top = destination.folder_.descriptor();
  if (::mkdirat(top, kStagingName, 0700) != 0 && errno != EEXIST) {
    return system_failure("writing into the destination");
  }
  destination.staging_ = OpenFile(::openat(top, kStagingName, kFolderFlags));
  if (destination.staging_.descriptor() < 0) return system_failure("opening the destination");
  remove_staged(destination.staging_.descriptor(), folder / kStagingName);
  return destination;
}

Destination::~Destination() {
  if (folder_.descriptor() < 0 || staging_.descriptor() < 0) return;
  if (open_number_ != ~0U) ::unlinkat(staging_.descriptor(), staged_name(open_number_).c_str(), 0);
  ::unlinkat(staging_.descriptor(), kLinkName, 0);
  ::unlinkat(folder_.descriptor(), kStagingName, AT_REMOVEDIR);
}

Result<int> Destination::parent_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  const std::string above = slash == std::string::npos ? std::string() : path.substr(0, slash);
  if (above.empty()) return folder_.descriptor();
  if (above != parent_path_ || parent_.descriptor() < 0) {
    auto opened = open_or_make(folder_.descriptor(), above);
    if (!opened) return carry(opened);
    parent_ = std::move(*opened);
    parent_path_ = above;
  }
  return parent_.descriptor();
}

Result<Standing> Destination::look(const std::string& path) {
  auto parent = parent_of(path);
  if (!parent) return carry(parent);
  struct stat facts{};
  if (::fstatat(*parent, last_name(path).c_str(), &facts, AT_SYMLINK_NOFOLLOW) != 0) {
    if (errno == ENOENT) return Standing{};
    return system_failure("looking at the destination");
  }
  Standing standing{.kind = Standing::Kind::other,
                    .size = static_cast<std::uint64_t>(facts.st_size),
                    .mtime_ns = mtime_of(facts)};
  if (S_ISREG(facts.st_mode)) standing.kind = Standing::Kind::file;
  if (S_ISDIR(facts.st_mode)) standing.kind = Standing::Kind::folder;
  if (S_ISLNK(facts.st_mode)) standing.kind = Standing::Kind::link;
  return standing;
}

std::string Destination::read_symlink(const std::string& path) {
  auto parent = parent_of(path);
  if (!parent) return {};
  std::string target(seal::kPathBytesMax + 1, '\0');
  const ssize_t size = ::readlinkat(*parent, last_name(path).c_str(), target.data(), target.size());
  target.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
  return target;
}

bool Destination::is_incomplete(const std::string& path) {
  auto file = folder_.open_below(path);
  if (!file) return false;
  struct stat facts{};
  if (::fstat(file->descriptor(), &facts) != 0) return false;
  std::array<char, 32> value{};
  const ssize_t size = ::fgetxattr(file->descriptor(), kIncompleteName, value.data(), value.size());
  return size > 0
         && std::string_view(value.data(), static_cast<std::size_t>(size))
                == std::to_string(mtime_of(facts));
}

Result<> Destination::make_folder(const std::string& path) {
  auto made = open_or_make(folder_.descriptor(), path);
  if (!made) return carry(made);
  return {};
}

Result<> Destination::make_symlink(const std::string& path, const std::string& target,
                                   std::int64_t mtime_ns, bool overwrite) {
  auto parent = parent_of(path);
  if (!parent) return carry(parent);
  const std::string name = last_name(path);
  if (overwrite) {
    ::unlinkat(staging_.descriptor(), kLinkName, 0);
    if (::symlinkat(target.c_str(), staging_.descriptor(), kLinkName) != 0
        || ::renameat(staging_.descriptor(), kLinkName, *parent, name.c_str()) != 0) {
      return system_failure("making a link");
    }
  } else if (::symlinkat(target.c_str(), *parent, name.c_str()) != 0) {
    return system_failure("making a link");
  }
  const auto times = times_of(mtime_ns);
  ::utimensat(*parent, name.c_str(), times.data(), AT_SYMLINK_NOFOLLOW);
  return {};
}

Result<> Destination::make_hard_link(const std::string& path, const std::string& existing,
                                     bool overwrite) {
  auto from = parent_of(existing);
  if (!from) return carry(from);
  const OpenFile source(
      ::openat(*from, last_name(existing).c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK));
  const OpenFile from_folder(::openat(*from, ".", kFolderFlags));
  auto parent = parent_of(path);
  if (!parent) return carry(parent);
  if (source.descriptor() < 0) return system_failure("linking a file");
  // What is replaced goes only when the new name is there.
  const int target = overwrite ? staging_.descriptor() : *parent;
  const std::string name = overwrite ? kLinkName : last_name(path);
  if (overwrite) ::unlinkat(target, name.c_str(), 0);
  if (::linkat(from_folder.descriptor(), last_name(existing).c_str(), target, name.c_str(), 0)
      != 0) {
    return system_failure("linking a file");
  }
  if (overwrite && ::renameat(target, name.c_str(), *parent, last_name(path).c_str()) != 0) {
    return system_failure("linking a file");
  }
  return {};
}

Result<> Destination::set_folder_traits(const std::string& path, const FileTraits& traits) {
  auto opened = open_or_make(folder_.descriptor(), path);
  if (!opened) return carry(opened);
  return set_traits(opened->descriptor(), traits);
}

Result<> Destination::begin_file(std::uint32_t number, std::uint64_t size) {
  const std::string name = staged_name(number);
  OpenFile file(::openat(staging_.descriptor(), name.c_str(),
                         O_RDWR | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (file.descriptor() < 0) return system_failure("making a file");
  if (size != 0 && ::ftruncate(file.descriptor(), static_cast<off_t>(size)) != 0) {
    return system_failure("making a file");
  }
  open_file_ = std::move(file);
  open_number_ = number;
  return {};
}

Result<int> Destination::staged(std::uint32_t number) {
  if (open_number_ != number) {
    OpenFile file(::openat(staging_.descriptor(), staged_name(number).c_str(),
                           O_RDWR | O_NOFOLLOW | O_CLOEXEC));
    if (file.descriptor() < 0) return system_failure("opening an unfinished file");
    open_file_ = std::move(file);
    open_number_ = number;
  }
  return open_file_.descriptor();
}

Result<> Destination::write(std::uint32_t number, std::uint64_t offset, ByteView bytes) {
  auto file = staged(number);
  if (!file) return carry(file);
  while (!bytes.empty()) {
    const ssize_t count = ::pwrite(*file, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return system_failure("writing a file");
    offset += static_cast<std::uint64_t>(count);
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
  return {};
}

Result<> Destination::finish_file(std::uint32_t number, const std::string& path,
                                  const std::optional<FileTraits>& traits, bool overwrite) {
  auto file = staged(number);
  if (!file) return carry(file);
  if (traits) {
    if (auto set = set_traits(*file, *traits); !set) return set;
  }
  if (!traits) mark_incomplete(*file);
  auto parent = parent_of(path);
  if (!parent) return carry(parent);
  const std::string from = staged_name(number);
  const std::string to = last_name(path);
  const unsigned flags = overwrite ? 0U : RENAME_NOREPLACE;
  int renamed = ::renameat2(staging_.descriptor(), from.c_str(), *parent, to.c_str(), flags);
  if (renamed != 0 && !overwrite && errno == EINVAL) {  // a file system without the flag
    struct stat facts{};
    if (::fstatat(*parent, to.c_str(), &facts, AT_SYMLINK_NOFOLLOW) == 0) {
      errno = EEXIST;
    } else {
      renamed = ::renameat(staging_.descriptor(), from.c_str(), *parent, to.c_str());
    }
  }
  if (renamed != 0) return system_failure("naming a file");
  open_number_ = ~0U;
  open_file_ = OpenFile();
  return {};
}

Result<> Destination::discard_file(std::uint32_t number) {
  if (open_number_ == number) {
    open_number_ = ~0U;
    open_file_ = OpenFile();
  }
  if (::unlinkat(staging_.descriptor(), staged_name(number).c_str(), 0) != 0 && errno != ENOENT) {
    return system_failure("forgetting an unfinished file");
  }
  return {};
}

}  // namespace amanat::phone
