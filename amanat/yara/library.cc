#include "amanat/yara/library.h"

#include <mutex>
#include <utility>

#include <yara.h>

namespace amanat::yara {
namespace {

// Guards libyara's count of its users, which lives once per process.
std::mutex& count_mutex() {
  static std::mutex mutex;
  return mutex;
}

}  // namespace

Result<LibraryUse> LibraryUse::begin() {
  const std::scoped_lock lock(count_mutex());
  if (yr_initialize() != ERROR_SUCCESS) return fail(Code::unavailable, "libyara does not start");
  return LibraryUse();
}

LibraryUse::LibraryUse(LibraryUse&& other) noexcept
    : is_held_(std::exchange(other.is_held_, false)) {}

LibraryUse& LibraryUse::operator=(LibraryUse&& other) noexcept {
  std::swap(is_held_, other.is_held_);
  return *this;
}

LibraryUse::~LibraryUse() {
  if (!is_held_) return;
  const std::scoped_lock lock(count_mutex());
  yr_finalize();
}

}  // namespace amanat::yara
