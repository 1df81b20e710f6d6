#pragma once

#include <sodium.h>

#include "amanat/error/error.h"

namespace amanat::crypto {

/// Starts libsodium before its first use; costs a load of one flag afterwards.
inline void ensure_sodium() {
  static const bool is_ready = sodium_init() >= 0;
  ensure(is_ready, "libsodium can start");
}

}  // namespace amanat::crypto
