// What parses as evidence is written in a form that parses to the same text again.

#include "amanat/regulator/evidence.h"

#include <cstdint>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace amanat;
  const auto evidence = regulator::parse_evidence(as_text({data, size}));
  if (!evidence) return 0;
  const std::string text = regulator::to_text(*evidence);
  const auto again = regulator::parse_evidence(text);
  ensure(again.has_value(), "written evidence parses");
  ensure(regulator::to_text(*again) == text, "evidence has one spelling");
  return 0;
}
