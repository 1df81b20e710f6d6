#include "amanat/sandbox/file_view.h"

#include <cerrno>
#include <sys/mman.h>
#include <unistd.h>
#include <utility>

namespace amanat::sandbox {
namespace {

// Large pages save most of what a first touch costs. Where there are none, small ones do.
constexpr std::size_t kLargePage = std::size_t{2} << 20;

std::uint8_t* reserve(std::size_t size) {
  void* start = ::mmap(nullptr, size + kLargePage, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (start == MAP_FAILED) return nullptr;
  auto* first = static_cast<std::uint8_t*>(start);
  const std::size_t before =
      (kLargePage - reinterpret_cast<std::uintptr_t>(first) % kLargePage) % kLargePage;
  if (before > 0) ::munmap(first, before);
  ::munmap(first + before + size, kLargePage - before);
  ::madvise(first + before, size, MADV_HUGEPAGE);
  return first + before;
}

}  // namespace

FileViewer::~FileViewer() {
  if (buffer_ != nullptr) ::munmap(buffer_, kReadWholeMax);
}

Result<ByteView> FileViewer::view(const Descriptor& file, std::uint64_t size_max) {
  mapped_.reset();
  // lseek, because a confined process may not ask for more about a file.
  const off_t size = ::lseek(file.number(), 0, SEEK_END);
  if (size < 0 || std::cmp_greater(size, size_max)) {
    return fail(Code::invalid_input, "a file to look at is too large or no file");
  }
  if (std::cmp_greater(size, kReadWholeMax)) {
    auto mapped = MappedFile::map(file, size_max);
    if (!mapped) return carry(mapped);
    mapped_ = std::move(*mapped);
    return mapped_->view();
  }
  if (!make_buffer()) return fail(Code::unavailable, "there is no memory for a file");
  const auto bytes = static_cast<std::size_t>(size);
  const ByteView read = read_window(file, 0, bytes);
  if (read.size() < bytes) return fail(Code::unavailable, "it became shorter while it was read");
  return read;
}

ByteView FileViewer::read_window(const Descriptor& file, std::uint64_t begin, std::size_t size) {
  if (size > kReadWholeMax || !make_buffer()) return {};
  // Where something was met in the window before, the mapping was looked at: systems bring in up to
  // two megabytes around each place.
  if (mapped_) mapped_->let_go();
  std::size_t got = 0;
  while (got < size) {
    const ssize_t more =
        ::pread(file.number(), buffer_ + got, size - got, static_cast<off_t>(begin + got));
    if (more < 0 && errno == EINTR) continue;
    if (more <= 0) break;
    got += static_cast<std::size_t>(more);
  }
  return ByteView(buffer_, got);
}

bool FileViewer::make_buffer() {
  if (buffer_ == nullptr) buffer_ = reserve(kReadWholeMax);
  return buffer_ != nullptr;
}

}  // namespace amanat::sandbox
