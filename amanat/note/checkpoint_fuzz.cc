// What parses as a checkpoint is written as the same bytes.

#include "amanat/note/note.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view body = amanat::as_text({data, size});
  const auto checkpoint = amanat::note::parse_checkpoint(body);
  if (checkpoint) amanat::ensure(to_text(*checkpoint) == body, "a checkpoint has one spelling");
  return 0;
}
