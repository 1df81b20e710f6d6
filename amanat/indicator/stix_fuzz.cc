// A pattern that parses, written again, parses to the same comparison; and no bundle, table, YAML
// or list of lines makes a reader take a value that has two spellings.
//
// libFuzzer: -max_len=512

#include "amanat/indicator/stix.h"

#include <algorithm>

#include "amanat/indicator/load.h"
#include "amanat/indicator/spelling.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace amanat::indicator;  // NOLINT(google-build-using-namespace): one function
  if (size == 0 || size > 64 * 1024) return 0;
  const std::string_view text = amanat::as_text({data + 1, size - 1});
  if (const auto comparison = parse_pattern(text)) {
    amanat::ensure(parse_pattern(write_pattern(*comparison)) == comparison,
                   "a written pattern reads as the same");
  }
  constexpr std::string_view kNames[] = {"x.stix2", "x.yaml", "x.csv", "x.tsv", "x.txt"};
  Loader loader;
  loader.add(kNames[data[0] % std::size(kNames)], text);
  const Loaded loaded = std::move(loader).finish();
  for (const Entry& entry : loaded.indicators.entries()) {
    const auto again = spell(entry.kind, entry.value);
    amanat::ensure(again == entry.value, "a value has one spelling");
    amanat::ensure(!loaded.indicators.find(entry.kind, entry.value).empty(),
                   "what is kept is found");
  }
  return 0;
}
