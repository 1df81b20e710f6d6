#include <cstddef>
#include <cstdint>

#include "amanat/tlog/tile.h"

using namespace amanat;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view path = as_text(ByteView(data, size));
  const auto name = tlog::parse_tile_path(path);
  if (!name) return 0;
  ensure(tlog::path_of(*name) == path, "a tile has one path");
  return 0;
}
