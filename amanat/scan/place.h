#pragma once

// Where an object lies: in which file, in which containers, under which names.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "amanat/bytes/bytes.h"
#include "amanat/signature/object_type.h"
#include "amanat/threat/windows.h"
#include "amanat/unpack/file_type.h"

namespace amanat::scan {

/// One object on the way from the file down to what is looked at. Borrows everything.
struct Place {
  ByteView content;
  unpack::Kind kind = unpack::Kind::unknown;
  const Place* around = nullptr;             // the object it lies in; nullptr for the file itself
  std::string name;                          // in the object around it, printable
  const threat::ReadWindow* read = nullptr;  // of a large file

  bool is_file() const { return around == nullptr; }
};

/// "b.zip!/c.txt": the names from the file down; empty for the file itself.
std::string path_of(const Place& place);

/// A name from a container as text without control characters; what is no UTF-8 becomes "?". At
/// most 255 bytes.
std::string printable(std::string_view name);

/// The name that signatures use for a kind of object.
signature::ObjectType object_type_of(unpack::Kind kind);

/// The types of the objects around a place, outermost first.
std::vector<signature::ObjectType> types_around(const Place& place);

}  // namespace amanat::scan
