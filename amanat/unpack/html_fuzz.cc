// Any page has a normal form without capitals between its tags, its texts are not much longer than
// itself, and its data: URLs come to an end.
//
// libFuzzer: -max_len=512

#include "amanat/unpack/html.h"

#include "amanat/unpack/fuzz_unpack.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace amanat;
  using namespace amanat::unpack;
  const NormalHtml normal = normalise_html({data, size});
  // A number of five digits becomes one of eight at most, a tag grows by a space.
  ensure(normal.no_comments.size() <= 4 * size + 16, "a normal page is not much longer");
  ensure(normal.no_tags.size() <= 2 * size + 16, "its text is not longer");
  ensure(normal.scripts.size() <= 4 * size + 32, "its scripts are not much longer");
  fuzz_unpack(Kind::html, {data, size});
  return 0;
}
