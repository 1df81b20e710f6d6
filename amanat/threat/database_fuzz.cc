// Any bytes are taken for a threat database: opening refuses them, or examining an object with them
// gives some answer and touches nothing outside. A seed may give bytes to change in a real, small
// database, whose magic and sizes random bytes would never have.
//
// libFuzzer: -max_len=512

#include <algorithm>
#include <cstdint>

#include "amanat/threat/test_database.h"

namespace amanat::threat {
namespace {

const Bytes& real_image() {
  static const Bytes kImage =
      image_of({{"a.ndb", "One:0:*:616263646566{2-4}3132\nTwo:6:EP+2:61626364\n"},
                {"a.ldb", "Three;Engine:51-255,Target:0;0&(1|2)>1;61626364;65666768::i;0/ab+/\n"},
                {"a.hdb", "d41d8cd98f00b204e9800998ecf8427e:8:Four\n"},
                {"a.cdb", "Five:CL_TYPE_ZIP:*:a.*b:*:*:1:*:*:*\n"}});
  return kImage;
}

void examine(ByteView image) {
  const auto database = Database::borrow_image(image);
  if (!database) return;
  static_cast<void>(database->verify());
  static_cast<void>(database->report());
  program::Executable executable;
  executable.entry_point = 1;
  executable.sections.push_back({"text", 0, 8, 0, 0, 0});
  Examiner examiner(*database, {.steps = 1U << 16U, .steps_per_byte = 64});
  const std::string_view text = "xxabcdef1231EFGHabcdabcb\0abcdefgh";
  for (const auto target : {signature::Target::any, signature::Target::elf}) {
    examiner.match_bytes(as_bytes(text), {.target = target, .executable = &executable});
  }
  examiner.match_digests(as_bytes("12345678"), {});
  examiner.match_member({.name = "aab", .encrypted = true});
}
}  // namespace
}  // namespace amanat::threat

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using amanat::threat::examine;
  amanat::Bytes image = amanat::threat::real_image();
  // Each four bytes change one of the database: three say where, one how.
  for (std::size_t i = 0; i + 4 <= std::min<std::size_t>(size, 64); i += 4) {
    const std::size_t place = data[i] + 256U * data[i + 1] + 65536U * data[i + 2];
    std::uint8_t& byte = image[place % image.size()];
    byte = static_cast<std::uint8_t>(byte ^ data[i + 3]);
  }
  // One image for each input: changed, cut short as well, or the input itself. They lie in memory
  // of exactly their size, so that the sanitizer sees what is read behind them.
  switch (size % 4) {
    case 1: examine({data, size}); break;
    case 2:
      image.resize(std::min(size * 16, image.size()));
      image.shrink_to_fit();
      [[fallthrough]];
    default: examine(image);
  }
  return 0;
}
