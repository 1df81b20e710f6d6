// TNEF, the "winmail.dat" of Outlook: attributes one after the other [MS-OXTNEF].

#include <string>

#include "amanat/unpack/little.h"
#include "amanat/unpack/unpackers.h"

namespace amanat::unpack {

void unpack_tnef(ByteView object, Walk& walk) {
  constexpr std::size_t kFrontBytes = 6;
  constexpr std::size_t kAttributeBytes = 9;  // level, id, type, size
  constexpr std::uint16_t kAttachTitle = 0x8010;
  constexpr std::uint16_t kAttachData = 0x800f;
  constexpr std::uint16_t kAttachRendering = 0x9002;
  constexpr std::uint16_t kBody = 0x800c;
  constexpr std::uint16_t kMessageProperties = 0x9003;
  constexpr std::uint16_t kAttachProperties = 0x9005;
  std::string name;
  Entry entry;
  ByteView content;
  const auto give = [&] {
    if (content.empty()) return true;
    entry.name = std::move(name);
    name.clear();
    const ByteView now = std::exchange(content, {});
    return walk.give(entry, now.size() == entry.size ? End::whole : End::damaged, now);
  };
  std::size_t at = kFrontBytes;
  while (has(object, at, kAttributeBytes) && walk.goes_on()) {
    const std::uint16_t id = little16(object, at + 1);
    const std::uint64_t size = little32(object, at + 5);
    const ByteView value = part(object, at + kAttributeBytes, size);
    if (id == kAttachRendering && !give()) return;  // the next attachment begins
    if (id == kAttachTitle) {
      const std::string_view text = as_text(value);
      name = text.substr(0, text.find('\0'));
    }
    if (id == kAttachData || id == kBody || id == kMessageProperties || id == kAttachProperties) {
      // The name of an attachment may come after it; properties are given as they lie.
      if (id == kAttachData && !give()) return;
      const Entry now{.packed_size = size, .size = size, .position = at + kAttributeBytes};
      if (id == kAttachData) {
        entry = now;
        content = value;
      } else if (!walk.give(now, End::whole, value)) {
        return;
      }
    }
    if (value.size() < size) {
      walk.outcome.note(End::damaged, "an attribute is cut off");
      break;
    }
    at += kAttributeBytes + size + 2;  // a sum follows
  }
  give();
}

}  // namespace amanat::unpack
