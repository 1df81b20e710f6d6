#include "amanat/phone/durable.h"

#include <cerrno>
#include <cstring>
#include <string>
#include <unistd.h>

namespace amanat::phone {

std::unexpected<Error> fail_by_errno(std::string_view doing) {
  const int problem = errno;
  Code code = Code::unavailable;
  if (problem == ENOENT || problem == ENOTDIR) code = Code::not_found;
  if (problem == EACCES || problem == EPERM || problem == EROFS) code = Code::denied;
  if (problem == EEXIST) code = Code::conflict;
  std::string message(doing);
  message += ": ";
  message += std::strerror(problem);  // NOLINT(concurrency-mt-unsafe): glibc's is
  if (problem == ENOSPC) message += "; free some space and try again";
  return fail(code, std::move(message));
}

Result<> write_at(int file, std::uint64_t offset, ByteView bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::pwrite(file, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return fail_by_errno("writing a file");
    bytes = bytes.subspan(static_cast<std::size_t>(count));
    offset += static_cast<std::uint64_t>(count);
  }
  return {};
}

Result<std::size_t> read_up_to(int file, std::uint64_t offset, ByteSpan target) {
  std::size_t read = 0;
  while (read < target.size()) {
    const ssize_t count = ::pread(file, target.data() + read, target.size() - read,
                                  static_cast<off_t>(offset + read));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return fail_by_errno("reading a file");
    if (count == 0) break;
    read += static_cast<std::size_t>(count);
  }
  return read;
}

Result<> sync(int file) {
  if (::fsync(file) != 0) return fail_by_errno("syncing to disk");
  return {};
}

}  // namespace amanat::phone
