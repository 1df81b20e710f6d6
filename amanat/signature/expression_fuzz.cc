// An expression that parses prints to a text that parses to the same tree, and its truth is found
// for any counts.
//
// libFuzzer: -max_len=512

#include "amanat/signature/expression.h"

#include "amanat/bytes/bytes.h"

using namespace amanat;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto expression = signature::parse_expression(as_text(ByteView(data, size)));
  if (!expression) return 0;
  ensure(signature::parse_expression(signature::print(*expression)) == expression,
         "an expression has one meaning");
  const std::vector<std::uint32_t> counts{0, 1, 2, 3};
  (void)signature::evaluate(*expression, counts);
  return 0;
}
