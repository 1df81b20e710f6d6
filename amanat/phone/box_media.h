#pragma once

// Reads the boxes of the ISO base media file format (ISO/IEC 14496-12) and of QuickTime: what is
// in it, and whether it names a place. Boxes are length, type, body; some hold boxes in turn.

#include <cstdint>

#include "amanat/phone/sample.h"

namespace amanat::phone {

struct BoxFacts {
  bool video = false;  // a track of pictures
  bool audio = false;  // a track of sound
  bool place = false;  // coordinates in user data, metadata, an Exif item or XMP
};

/// Walks the boxes in [begin, end).
BoxFacts read_boxes(Window& window, std::uint64_t begin, std::uint64_t end);

}  // namespace amanat::phone
