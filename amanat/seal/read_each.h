#pragma once

// Reads the structs of a vector one after the other; what is wrong in one of them is wrong with the
// whole.

#include <string_view>

#include "amanat/codec/codec.h"

namespace amanat::seal {

/// Calls `read_one(inner)` until `vector` is used up or something in it did not fit; `reader`,
/// which gave the vector, then fails with it. Each call must read at least one byte.
template <class ReadOne>
void read_each(codec::Reader& reader, ByteView vector, std::string_view what, ReadOne read_one) {
  codec::Reader inner(vector);
  while (inner.left() > 0) read_one(inner);
  if (const auto done = inner.so_far(what); !done) reader.refuse(done.error().message);
}

/// Reads a registry value; an unknown one makes the reader fail.
template <class FromByte>
auto read_registered(codec::Reader& reader, FromByte from_byte) {
  auto value = from_byte(reader.u8());
  if (value) return *value;
  reader.refuse(value.error().message);
  return typename decltype(value)::value_type{};
}

}  // namespace amanat::seal
