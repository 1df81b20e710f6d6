// What parses as a keyring statement begins with the encoding of its terms.

#include "amanat/seal/keyring_statement.h"

#include <algorithm>

using namespace amanat;
using namespace amanat::seal;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView bytes(data, size);
  const auto statement = KeyringStatement::parse(bytes);
  if (!statement) return 0;
  const Bytes terms = statement->terms_unverified().encode();
  ensure(terms.size() <= size && std::ranges::equal(terms, bytes.first(terms.size())),
         "terms have one spelling");
  ensure(size == terms.size() + 2 + 97 * statement->signatures().size(),
         "nothing but signatures follows");
  return 0;
}
