// A script's normal form has no capital letters, ends in its tag, and is not much larger than it.

#include "amanat/unpack/script.h"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace amanat;
  Bytes normal;
  unpack::append_script(as_text(ByteView(data, size)), normal);
  const std::string_view text = as_text(normal);
  if (!text.starts_with("<script>") || !text.ends_with("</script>")) std::abort();
  if (text.size() > 8 * size + (2UL << 20)) std::abort();
  if (text.find_first_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ") != text.npos) std::abort();
  return 0;
}
