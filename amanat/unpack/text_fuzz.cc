// The normal form of text is its own normal form, however the text is cut into pieces; and every
// object has a kind.

#include "amanat/unpack/text.h"

#include <algorithm>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace amanat;
  using namespace amanat::unpack;
  const ByteView text(data, size);
  const Bytes normal = normalise_text(Kind::text_ascii, text);
  ensure(normalise_text(Kind::text_ascii, normal) == normal, "normal text stays as it is");
  TextNormaliser pieces;
  Bytes joined;
  const std::size_t cut = size > 0 ? data[0] % size : 0;
  append(joined, pieces.feed(text.first(cut)));
  append(joined, pieces.feed(text.subspan(cut)));
  ensure(joined == normal, "pieces make the same normal form");
  ensure(!name_of(kind_of(text)).empty(), "every kind has a name");
  return 0;
}
