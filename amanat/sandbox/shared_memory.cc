#include "amanat/sandbox/shared_memory.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <utility>

namespace amanat::sandbox {
namespace {

// Of Linux 5.1 and Android's kernels before: those who map later only read. Not in older headers.
constexpr int kSealFutureWrite = 0x0010;

std::uint8_t* map_shared(int descriptor, std::size_t size, bool writable) {
  const int protection = writable ? PROT_READ | PROT_WRITE : PROT_READ;
  void* start = ::mmap(nullptr, size, protection, MAP_SHARED, descriptor, 0);
  return start == MAP_FAILED ? nullptr : static_cast<std::uint8_t*>(start);
}

}  // namespace

Result<SharedMemory> SharedMemory::make(std::size_t size, Writers writers) {
  ensure(size > 0, "shared memory has a size");
  Descriptor memory(::memfd_create("amanat", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!memory.is_open() || ::ftruncate(memory.number(), static_cast<off_t>(size)) != 0) {
    return fail(Code::unavailable, "the system has no memory to share");
  }
  // The mapping comes first: the seal that keeps others from writing spares what is mapped already.
  std::uint8_t* start = map_shared(memory.number(), size, true);
  if (start == nullptr) return fail(Code::unavailable, "the system has no memory to share");
  SharedMemory made(std::move(memory), start, size, true);
  int seals = F_SEAL_SHRINK | F_SEAL_GROW;
  if (writers == Writers::maker) seals |= kSealFutureWrite;
  if (::fcntl(made.descriptor(), F_ADD_SEALS, seals) != 0
      || ::fcntl(made.descriptor(), F_ADD_SEALS, F_SEAL_SEAL) != 0) {
    return fail(Code::unavailable, "this system cannot seal shared memory");
  }
  return made;
}

Result<SharedMemory> SharedMemory::adopt(Descriptor descriptor, std::size_t size_max) {
  const int seals = ::fcntl(descriptor.number(), F_GET_SEALS);
  if (seals < 0 || (seals & F_SEAL_SHRINK) == 0) {
    return fail(Code::invalid_input, "the size of shared memory is not sealed");
  }
  const off_t size = ::lseek(descriptor.number(), 0, SEEK_END);
  if (size <= 0 || std::cmp_greater(size, size_max)) {
    return fail(Code::invalid_input, "shared memory has the wrong size");
  }
  const bool writable = (seals & (kSealFutureWrite | F_SEAL_WRITE)) == 0;
  std::uint8_t* start = map_shared(descriptor.number(), static_cast<std::size_t>(size), writable);
  if (start == nullptr) return fail(Code::unavailable, "shared memory cannot be mapped");
  return SharedMemory(std::move(descriptor), start, static_cast<std::size_t>(size), writable);
}

SharedMemory::SharedMemory(SharedMemory&& other) noexcept
    : descriptor_(std::move(other.descriptor_)),
      start_(std::exchange(other.start_, nullptr)),
      size_(std::exchange(other.size_, 0)),
      writable_(other.writable_) {}

SharedMemory& SharedMemory::operator=(SharedMemory&& other) noexcept {
  if (this != &other) {
    unmap();
    descriptor_ = std::move(other.descriptor_);
    start_ = std::exchange(other.start_, nullptr);
    size_ = std::exchange(other.size_, 0);
    writable_ = other.writable_;
  }
  return *this;
}

SharedMemory::~SharedMemory() { unmap(); }

void SharedMemory::unmap() {
  if (start_ != nullptr) ::munmap(std::exchange(start_, nullptr), size_);
}

}  // namespace amanat::sandbox
