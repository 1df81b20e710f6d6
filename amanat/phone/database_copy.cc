#include "amanat/phone/database_copy.h"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <unistd.h>

#include <stdlib.h>  // NOLINT(modernize-deprecated-headers): mkdtemp is POSIX

namespace amanat::phone {
namespace {

constexpr int kCopiesMax = 3;
constexpr std::size_t kCopyBytes = std::size_t{1} << 20;

Result<> write_all(int descriptor, ByteView bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return fail(Code::unavailable, "there is no room to copy a database");
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return {};
}

Result<> copy_file(const OpenFile& from, std::uint64_t size, const std::filesystem::path& to) {
  const OpenFile target(
      ::open(to.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (target.descriptor() < 0) return fail(Code::unavailable, "a database cannot be copied");
  Bytes buffer(kCopyBytes);
  for (std::uint64_t at = 0; at < size;) {
    const std::uint64_t count = std::min<std::uint64_t>(size - at, kCopyBytes);
    const ByteSpan part = ByteSpan(buffer).first(static_cast<std::size_t>(count));
    if (auto read = from.read_at(at, part); !read) return carry(read);
    if (auto written = write_all(target.descriptor(), part); !written) return carry(written);
    at += count;
  }
  return {};
}

std::string_view suffix_of(std::string_view path) {
  for (const std::string_view suffix : {"-wal", "-journal"}) {
    if (path.ends_with(suffix)) return suffix;
  }
  return {};
}

}  // namespace

struct DatabaseCopy::Part {
  OpenFile file;
  FileStamp stamp;
  std::filesystem::path target;
};

Result<> DatabaseCopy::make() {
  for (int i = 0; i < kCopiesMax; ++i) {
    clear();
    auto parts = open_parts();
    if (!parts) return carry(parts);
    for (const Part& part : *parts) {
      if (auto done = copy_file(part.file, part.stamp.size, part.target); !done) {
        return carry(done);
      }
    }
    const auto is_same = is_unchanged(*parts);
    if (!is_same) return carry(is_same);
    if (*is_same) return {};
  }
  return fail(Code::unavailable, "the database keeps changing");
}

void DatabaseCopy::forget_journal() {
  std::error_code ignored;
  std::filesystem::remove(main_.string() + "-journal", ignored);
}

Result<std::vector<DatabaseCopy::Part>> DatabaseCopy::open_parts() const {
  std::vector<Part> parts;
  std::uint64_t bytes = 0;
  const auto add = [&](const std::string& path, const std::string& target) -> Result<> {
    auto file = folder_.open_below(path);
    if (!file) return carry(file);
    const auto stamp = file->stamp();
    if (!stamp) return carry(stamp);
    bytes += stamp->size;
    parts.push_back({.file = std::move(*file), .stamp = *stamp, .target = target});
    return {};
  };
  if (auto done = add(item_.main.path, main_.string()); !done) return carry(done);
  for (const FileFacts& companion : item_.companions) {
    const std::string_view suffix = suffix_of(companion.path);
    if (suffix.empty()) continue;
    if (auto done = add(companion.path, main_.string() + std::string(suffix)); !done) {
      return carry(done);
    }
  }
  if (bytes > kDatabaseCopyBytesMax) {
    return fail(Code::invalid_input, "the database is too big to copy");
  }
  return parts;
}

Result<bool> DatabaseCopy::is_unchanged(const std::vector<Part>& parts) {
  for (const Part& part : parts) {
    const auto now = part.file.stamp();
    if (!now) return carry(now);
    if (*now != part.stamp) return false;
  }
  return true;
}

void DatabaseCopy::clear() const {
  std::error_code ignored;
  for (const auto* const suffix : {"", "-wal", "-shm", "-journal"}) {
    std::filesystem::remove(main_.string() + suffix, ignored);
  }
}

Result<PrivateFolder> PrivateFolder::make(const std::filesystem::path& above) {
  std::error_code problem;
  const auto base = above.empty() ? std::filesystem::temp_directory_path(problem) : above;
  std::string name = (base / "amanat-check-XXXXXX").string();
  if (problem || ::mkdtemp(name.data()) == nullptr) {
    return fail(Code::unavailable, "there is no folder for private copies");
  }
  return PrivateFolder(name);
}

PrivateFolder::~PrivateFolder() {
  if (path_.empty()) return;
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace amanat::phone
