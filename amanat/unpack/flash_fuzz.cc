// Looking into any Flash film comes to an end within the budget, and says the same twice.

#include "amanat/unpack/fuzz_unpack.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  amanat::Bytes film(data, data + size);
  // The size of LZMA's dictionary, small: marking memory that nobody touches would take longer than
  // all the rest.
  if (film.size() > 16 && film[0] == 'Z') film[15] = film[16] = 0;
  amanat::unpack::fuzz_unpack(amanat::unpack::Kind::flash, film);
  return 0;
}
