// What parses as a note is written as the same bytes.

#include "amanat/note/note.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = amanat::as_text({data, size});
  const auto note = amanat::note::parse(text);
  if (note) amanat::ensure(to_text(*note) == text, "a note has one spelling");
  const auto key = amanat::note::VerifierKey::parse(text);
  if (key) amanat::ensure(key->to_text() == text, "a verifier key has one spelling");
  return 0;
}
