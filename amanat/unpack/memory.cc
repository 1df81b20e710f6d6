#include "amanat/unpack/memory.h"

#include <cstdlib>
#include <cstring>
#include <new>
#include <sys/mman.h>

namespace amanat::unpack {
namespace {

constexpr std::size_t kLargePage = std::size_t{2} << 20;
constexpr std::size_t kMappedMin = 2 * kLargePage;

[[noreturn]] void give_up() {  // as operator new does
  if (const auto handler = std::get_new_handler()) handler();
  throw std::bad_alloc();
}

}  // namespace

Memory::~Memory() {
  if (mapped_ == 0) {
    std::free(data_);
  } else {
    ::munmap(data_, mapped_);
  }
}

void Memory::grow(std::size_t size) {
  if (size >= kMappedMin) {
    grow_mapped(size);
  } else {
    auto* grown = static_cast<std::uint8_t*>(std::realloc(data_, size));
    if (grown == nullptr) give_up();
    data_ = grown;
  }
  size_ = size;
}

void Memory::grow_mapped(std::size_t size) {
  const std::size_t wanted = (size + kLargePage - 1) / kLargePage * kLargePage;
  if (wanted <= mapped_) return;
  void* grown = mapped_ == 0 ? ::mmap(nullptr, wanted, PROT_READ | PROT_WRITE,
                                      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
                             : ::mremap(data_, mapped_, wanted, MREMAP_MAYMOVE);
  if (grown == MAP_FAILED) give_up();
  ::madvise(grown, wanted, MADV_HUGEPAGE);
  if (mapped_ == 0 && size_ > 0) std::memcpy(grown, data_, size_);
  if (mapped_ == 0) std::free(data_);
  data_ = static_cast<std::uint8_t*>(grown);
  mapped_ = wanted;
}

}  // namespace amanat::unpack
