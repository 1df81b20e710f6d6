// Facts begin on a line that the text has, whatever it holds.

#include "amanat/phone/device_text.h"

#include <algorithm>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace amanat::phone;  // NOLINT(google-build-using-namespace): one function
  const std::string_view text = amanat::as_text({data, size});
  const auto lines = static_cast<std::uint64_t>(std::ranges::count(text, '\n')) + 1;
  const OnFact use = [lines](const TextFact& fact) {
    amanat::ensure(fact.line >= 1 && fact.line <= lines, "a fact is on a line of the text");
  };
  read_text_facts(text, use);
  read_xml_facts(text, use);
  if (const auto binary = text_of_binary_xml({data, size})) {
    read_xml_facts(*binary, [](const TextFact& fact) {
      amanat::ensure(fact.line >= 1, "a fact is on a line of the text");
    });
  }
  return 0;
}
