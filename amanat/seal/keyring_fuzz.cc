// What parses as a keyring's body or header re-encodes to the same bytes. The first byte picks
// which.

#include "amanat/seal/keyring.h"

#include <algorithm>

using namespace amanat;
using namespace amanat::seal;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const ByteView bytes = ByteView(data, size).subspan(1);
  if (data[0] % 2 == 0) {
    const auto body = KeyringBody::parse(bytes);
    ensure(!body || std::ranges::equal(body->encode().expose(), bytes),
           "a keyring has one spelling");
    return 0;
  }
  const auto header = KeyringHeader::parse(bytes);
  ensure(!header || std::ranges::equal(header->encode(), bytes.first(kKeyringHeaderBytes)),
         "a header has one spelling");
  return 0;
}
