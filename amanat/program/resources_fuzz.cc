// Whatever a table claims, every number has an answer or none, and texts keep their limit.

#include "amanat/program/resources.h"

using namespace amanat;
using namespace amanat::program;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto resources = Resources::open({data, size});
  if (!resources) return 0;
  for (const std::uint32_t id : {0x7f010000U, 0x7f010001U, 0x7f010002U, 0x01010000U, 0U}) {
    const auto text = resources->find_text(id);
    ensure(!text || text->size() <= kResourceTextMax + 3, "a text keeps its limit");
  }
  for (std::uint32_t i = 0; i < resources->strings().count() && i < 64; ++i) {
    static_cast<void>(resources->strings().text(i));
  }
  return 0;
}
