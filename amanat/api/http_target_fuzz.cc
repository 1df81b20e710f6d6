// Property: a target that parses is written back to the same bytes, and its path climbs nowhere. A
// range, whatever it says, stays inside the body.

#include <cstddef>
#include <cstdint>

#include "amanat/api/range.h"
#include "amanat/api/target.h"
#include "amanat/bytes/bytes.h"

using namespace amanat;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = as_text({data, size});
  if (const auto target = api::parse_target(text)) {
    ensure(api::to_text(*target) == text, "a target has one spelling");
    ensure(!target->path.contains("/../") && !target->path.contains("//"), "a path only descends");
    static_cast<void>(api::query_value(target->query, "after"));
  }
  constexpr std::uint64_t kBodyBytes = 1000;
  const auto answer = api::choose_range(text, kBodyBytes);
  if (answer.kind == api::RangeKind::part) {
    ensure(answer.range.size > 0 && answer.range.offset < kBodyBytes
               && answer.range.size <= kBodyBytes - answer.range.offset,
           "a part lies inside the body");
  }
  return 0;
}
