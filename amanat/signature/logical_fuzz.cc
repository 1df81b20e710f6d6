// A logical signature that parses and has a plain spelling prints to a line that parses to the
// same; anchors of it are found or not, and evaluating it ends.
//
// libFuzzer: -max_len=512

#include "amanat/signature/logical.h"

#include "amanat/signature/anchors.h"
#include "amanat/signature/reference.h"

using namespace amanat;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = as_text(ByteView(data, size));
  const auto logical = signature::parse_logical(text.substr(0, text.find('\n')));
  if (!logical) return 0;
  if (const auto printed = signature::print(*logical)) {
    ensure(signature::parse_logical(*printed) == logical, "a logical signature has one meaning");
  }
  (void)signature::find_anchors(*logical, signature::cost_by_length);
  constexpr std::size_t kTextMax = 256;
  if (size > kTextMax) return 0;
  const auto no_regex = [](const auto&, ByteView, std::uint64_t, bool) {
    return std::optional<signature::Match>();
  };
  (void)signature::evaluate(*logical, {.text = {data, size}}, no_regex);
  return 0;
}
