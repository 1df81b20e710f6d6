// Whatever stands behind the mark of an encoded script, what it hides is no longer than its text,
// and looking into it comes to an end within the budget.

#include "amanat/unpack/encoded_script.h"

#include "amanat/unpack/fuzz_unpack.h"

using namespace amanat;
using namespace amanat::unpack;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text =
      std::string(kEncodedScriptMark) + std::string(as_text(ByteView(data, size)));
  fuzz_unpack(Kind::text_ascii, as_bytes(text));
  if (const auto script = find_encoded_script(text, 0)) {
    ensure(script->end <= text.size(), "a script ends in its text");
    Bytes plain(script->hidden.size());
    ensure(decode_script(*script, plain) <= plain.size(), "a script hides no more than its text");
  }
  ensure(with_decoded_script(text).size() <= text.size(), "a decoded script is no longer");
  static_cast<void>(decoded_tag(text));
  return 0;
}
