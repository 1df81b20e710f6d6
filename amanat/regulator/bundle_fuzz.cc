// What parses as a bundle is written in a form that parses to the same bundle again.

#include "amanat/regulator/bundle.h"

#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace amanat;
  const auto bundle = regulator::parse_bundle(as_text({data, size}));
  if (!bundle) return 0;
  const auto again = regulator::parse_bundle(json::to_text(regulator::to_json(*bundle)));
  ensure(again.has_value() && *again == *bundle, "a written bundle parses to itself");
  return 0;
}
