// What parses is written as text that parses to the same value.

#include "amanat/codec/json.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using amanat::json::parse;
  constexpr std::size_t kSizeMax = 1 << 20;
  const auto value = parse(amanat::as_text({data, size}), kSizeMax);
  if (!value) return 0;
  const std::string text = to_text(*value);
  const auto again = parse(text, 6 * kSizeMax);
  amanat::ensure(again.has_value() && to_text(*again) == text, "written json reads as the same");
  const auto pretty = parse(to_pretty_text(*value), 64 * kSizeMax);
  amanat::ensure(pretty.has_value() && to_text(*pretty) == text, "pretty json reads as the same");
  return 0;
}
