// A header that parses prints to one that parses to the same; members of any container are read or
// refused, within the limits.
//
// libFuzzer: -max_len=4096 (tar is made of blocks of 512 bytes)

#include "amanat/signature/cvd.h"

using namespace amanat;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView file(data, size);
  if (const auto header = signature::parse_cvd_header(file)) {
    const std::string printed = signature::print(*header);
    const auto again = signature::parse_cvd_header(as_bytes(printed));
    ensure(again.has_value() && *again == *header, "a header has one meaning");
    (void)signature::verify_cvd(file);
  }
  std::size_t members = 0;
  (void)signature::read_members_unverified(file, [&](std::string_view name, ByteView) {
    ensure(!name.empty(), "a member has a name");
    return ++members < signature::kCvdMembersMax;
  });
  return 0;
}
