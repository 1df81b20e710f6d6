// Whatever is extracted from a text is in its one spelling and begins inside the text.
//
// libFuzzer: -max_len=512

#include "amanat/indicator/extract.h"

#include "amanat/indicator/check.h"
#include "amanat/indicator/spelling.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace amanat::indicator;  // NOLINT(google-build-using-namespace): one function
  const std::string_view text = amanat::as_text({data, size});
  extract(text, [&text](const Mention& mention) {
    amanat::ensure(mention.position < text.size(), "a mention begins inside the text");
    amanat::ensure(spell(mention.kind, mention.value) == mention.value,
                   "a mention is in its one spelling");
    return true;
  });
  static const Indicators known = [] {
    Indicators::Builder builder;
    const auto collection = builder.collection({.name = "x"});
    for (const Kind kind : {Kind::domain, Kind::file_name, Kind::process}) {
      amanat::ensure(builder.add(kind, "a.b", collection) == Indicators::Builder::Added::taken,
                     "a.b can be each of them");
    }
    return std::move(builder).build();
  }();
  static_cast<void>(check_url(known, text));
  static_cast<void>(check_path(known, text));
  static_cast<void>(check_process(known, text));
  return 0;
}
