// A law pack that parses answers for every day, and what applies on a day is in force on it.

#include "amanat/consent/law.h"

#include "amanat/bytes/bytes.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace amanat;
  const auto law = consent::parse_law_pack(as_text({data, size}));
  if (!law) return 0;
  const consent::Day day = std::chrono::year(2027) / 5 / 13;
  for (const auto& applicable : consent::list_applicable(*law, day)) {
    ensure(applicable.provision->in_force.on(day), "an applicable provision is in force");
  }
  for (const auto& limit : law->time_limits) {
    const auto found = consent::time_limit(*law, limit.name, day);
    ensure(found.has_value() || !limit.in_force.on(day), "a limit in force is found");
    ensure(!found || !limit.in_force.on(day) || *found <= limit.limit, "the shortest limit counts");
  }
  return 0;
}
