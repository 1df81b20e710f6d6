// Tables are no larger than the file, and a signature that holds is over bytes that are there.

#include "amanat/program/dex.h"

#include <algorithm>

using namespace amanat;
using namespace amanat::program;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto dex = Dex::open({data, size});
  if (!dex) return 0;
  ensure(dex->string_count() <= size / 4 && dex->class_count() <= size / 32, "tables fit");
  if (dex->signature_holds()) ensure(dex->file_size() <= size, "what is signed is there");
  static_cast<void>(dex->checksum_holds());
  for (std::uint32_t i = 0; i < std::min(dex->string_count(), 64U); ++i) {
    const auto text = dex->string(i, 256);
    ensure(!text || text->size() <= 256, "a string keeps its limit");
  }
  for (std::uint32_t i = 0; i < std::min(dex->class_count(), 64U); ++i) {
    static_cast<void>(dex->class_name(i));
  }
  for (std::uint32_t i = 0; i < std::min(dex->method_count(), 64U); ++i) {
    static_cast<void>(dex->method_name(i));
  }
  return 0;
}
