#include "amanat/sandbox/mapped_file.h"

#include <sys/mman.h>
#include <utility>

namespace amanat::sandbox {

Result<MappedFile> MappedFile::map(const Descriptor& file, std::uint64_t size_max) {
  // lseek, because a confined process may not ask for more about a file.
  const off_t size = ::lseek(file.number(), 0, SEEK_END);
  if (size < 0 || std::cmp_greater(size, size_max)) {
    return fail(Code::invalid_input, "a file to map is too large or no file");
  }
  if (size == 0) return MappedFile(nullptr, 0);
  const auto bytes = static_cast<std::size_t>(size);
  void* start = ::mmap(nullptr, bytes, PROT_READ, MAP_PRIVATE, file.number(), 0);
  if (start == MAP_FAILED) return fail(Code::unavailable, "a file cannot be mapped");
  ::madvise(start, bytes, MADV_SEQUENTIAL);
  return MappedFile(static_cast<const std::uint8_t*>(start), bytes);
}

MappedFile::MappedFile(MappedFile&& other) noexcept
    : start_(std::exchange(other.start_, nullptr)), size_(std::exchange(other.size_, 0)) {}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
  if (this != &other) {
    unmap();
    start_ = std::exchange(other.start_, nullptr);
    size_ = std::exchange(other.size_, 0);
  }
  return *this;
}

MappedFile::~MappedFile() { unmap(); }

void MappedFile::let_go() const {
  if (start_ != nullptr) ::madvise(const_cast<std::uint8_t*>(start_), size_, MADV_DONTNEED);
}

void MappedFile::unmap() {
  if (start_ == nullptr) return;
  ::munmap(const_cast<std::uint8_t*>(std::exchange(start_, nullptr)), size_);
}

}  // namespace amanat::sandbox
