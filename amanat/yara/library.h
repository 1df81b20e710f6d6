#pragma once

// libyara's own start and end, which it counts but does not lock: whoever holds rules holds one of
// these. Only this module's sources include this.

#include "amanat/error/error.h"

namespace amanat::yara {

/// While one lives, libyara may be called from any thread.
class LibraryUse {
 public:
  static Result<LibraryUse> begin();
  LibraryUse(LibraryUse&& other) noexcept;
  LibraryUse& operator=(LibraryUse&& other) noexcept;
  LibraryUse(const LibraryUse&) = delete;
  LibraryUse& operator=(const LibraryUse&) = delete;
  ~LibraryUse();

 private:
  LibraryUse() = default;
  bool is_held_ = true;
};

}  // namespace amanat::yara
