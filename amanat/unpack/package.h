#pragma once

// The wrapping that Windows puts around a file dropped into a document (Ole10Native, "Package").

#include <optional>
#include <string>

#include "amanat/bytes/bytes.h"

namespace amanat::unpack {

/// A file in a document; borrows.
struct Package {
  std::string name;
  ByteView content;
};

/// Reads a package without the size in front of it: a short number, three names, the size, the
/// file.
std::optional<Package> read_package(ByteView bytes);

}  // namespace amanat::unpack
