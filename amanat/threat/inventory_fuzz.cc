// Any bytes are taken for an inventory and for what was met in a file: what parses is written as
// the same again, and comparing it with others ends.

#include "amanat/threat/inventory.h"

#include <cstdint>
#include <cstdlib>

#include "amanat/threat/test_database.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace amanat;
  using namespace amanat::threat;
  static const Inventory kReal =
      Inventory::of(database_of({{"a.ndb", "One:0:*:616263646566{2-4}3132\n"},
                                 {"a.hdb", "d41d8cd98f00b204e9800998ecf8427e:8:Four\n"}}));
  ObjectsMet met;
  met.sizes.add(size);
  if (auto parsed = parse_objects_met({data, size})) {
    met = std::move(*parsed);
    if (parse_objects_met(encode(met)).value() != met) std::abort();
  }
  const auto inventory = Inventory::parse({data, size});
  if (!inventory) return 0;
  const Bytes again = inventory->encode();
  if (!std::equal(again.begin(), again.end(), data, data + size)) std::abort();
  static_cast<void>(compare(kReal, *inventory).could_match(met, {}));
  static_cast<void>(compare(*inventory, kReal).could_match(met, {}));
  return 0;
}
