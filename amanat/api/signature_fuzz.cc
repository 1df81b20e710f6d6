// Property: each structured field that parses is written back to the same bytes.

#include <cstddef>
#include <cstdint>

#include "amanat/api/signature_input.h"

using namespace amanat;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view field = as_text({data, size});
  if (const auto input = api::parse_signature_input(field)) {
    ensure(api::to_field(*input) == field, "a Signature-Input has one spelling");
  }
  if (const auto signature = api::parse_signature_field(field)) {
    ensure(api::to_field(*signature) == field, "a Signature has one spelling");
  }
  if (const auto digest = api::parse_content_digest(field)) {
    const std::string again = "sha-256=:" + to_base64(digest->bytes()) + ":";
    ensure(again == field, "a Content-Digest has one spelling");
  }
  return 0;
}
