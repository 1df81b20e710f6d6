#pragma once

// Cabinets of InstallShield ("ISc("), versions 6 and later: a header that lists the files
// (data1.hdr), and volumes in which they lie (data1.cab, data2.cab ...).
//
//   header   "ISc(" · version · 0 · place of the lists · their size
//   lists    place of the directory at 12, number of folders 28, of files 40, and behind the
//            directory's first part (size at 44) 0x57 bytes for each file
//   content  blocks: size (16 bits), deflated bytes

#include <cstdint>
#include <span>

#include "amanat/unpack/walk.h"

namespace amanat::unpack {

struct ShieldVolume {
  std::uint32_t number = 0;
  ByteView bytes;
};

/// Gives the files that `header` lists and that lie in `volumes`. Files that lie beside the cabinet
/// are passed over; what spans volumes or is masked is told as `unsupported`.
void unpack_shield_cabinet(ByteView header, std::span<const ShieldVolume> volumes, Walk& walk);

}  // namespace amanat::unpack
