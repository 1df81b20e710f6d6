// Whatever compiles alone is kept, loads again, and finds the same in a few bytes.

#include "amanat/yara/yara.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace amanat::yara;  // NOLINT(google-build-using-namespace): one function
  constexpr std::size_t kTextBytesMax = 512;
  if (size > kTextBytesMax) return 0;
  const std::string text(amanat::as_text({data, size}));
  // Each compiler costs ten megabytes of zeros: only what may be a rule is worth one.
  if (text.find("rule") == std::string::npos || text.find("condition") == std::string::npos) {
    return 0;
  }
  const auto compiled = compile({{.name = "fuzz", .text = text}});
  amanat::ensure(compiled.has_value(), "there is memory to compile");
  if (compiled->rules.count() == 0) return 0;
  const auto bytes = compiled->rules.serialise();
  amanat::ensure(bytes.has_value(), "what compiles can be kept");
  const auto loaded = Rules::deserialise(*bytes);
  amanat::ensure(loaded.has_value(), "what is kept loads");
  amanat::ensure(loaded->count() == compiled->rules.count(), "all rules load");
  const ScanOptions options{.timeout = std::chrono::seconds(1)};
  const auto before = compiled->rules.scan(amanat::as_bytes("MZ server 0123"), options);
  const auto after = loaded->scan(amanat::as_bytes("MZ server 0123"), options);
  amanat::ensure(before.has_value() == after.has_value(), "both scan");
  if (!before || before->end != End::whole || after->end != End::whole) return 0;
  amanat::ensure(before->matches.size() == after->matches.size(), "both find the same");
  return 0;
}
