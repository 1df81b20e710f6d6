// A line that parses prints to a text that parses to the same signature; evaluating it on any bytes
// ends, and finds its matches inside them.
//
// libFuzzer: -max_len=512

#include "amanat/signature/body.h"

#include "amanat/signature/anchors.h"
#include "amanat/signature/reference.h"

using namespace amanat;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = as_text(ByteView(data, size));
  const std::string_view line = text.substr(0, text.find('\n'));
  const auto signature = signature::parse_body_signature(line);
  if (!signature) return 0;
  ensure(signature::parse_body_signature(signature::print(*signature)) == signature,
         "a body signature has one meaning");
  (void)signature::find_anchors(signature->body, signature::cost_by_length);
  constexpr std::size_t kTextMax = 256;
  if (size > kTextMax) return 0;
  for (const auto& match : signature::find_matches(signature->body.variants[0], {data, size})) {
    ensure(match.begin <= match.end && match.end <= size, "a match lies inside the text");
  }
  return 0;
}
