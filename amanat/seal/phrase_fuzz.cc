// Words that are read mean the same when they are written again.

#include "amanat/seal/phrase.h"

using namespace amanat;
using namespace amanat::seal;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto entropy = read_phrase(as_text(ByteView(data, size)));
  if (!entropy) return 0;
  const auto again = read_phrase(as_text(phrase_text(*entropy).expose()));
  ensure(again && equal_in_constant_time(again->expose(), entropy->expose()),
         "words mean one thing");
  return 0;
}
