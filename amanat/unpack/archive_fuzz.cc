// Looking into anything that libarchive reads comes to an end within the budget, and says the same
// twice. The first byte chooses the kind.
//
// libFuzzer: -max_len=4096 (tar is made of blocks of 512 bytes)

#include <array>

#include "amanat/unpack/fuzz_unpack.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using amanat::unpack::Kind;
  constexpr auto kKinds = std::to_array<Kind>(
      {Kind::tar, Kind::cpio, Kind::ar, Kind::seven_zip, Kind::cab, Kind::rar, Kind::iso9660,
       Kind::lha, Kind::bzip2, Kind::xz, Kind::lzma, Kind::zstd, Kind::lz4, Kind::compress});
  if (size == 0) return 0;
  amanat::unpack::fuzz_unpack(kKinds[data[0] % kKinds.size()], {data + 1, size - 1});
  return 0;
}
