// What parses as a decision re-encodes to the same bytes, and passes its own check.

#include "amanat/consent/decision.h"

#include <algorithm>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace amanat;
  const ByteView body(data, size);
  if (const auto decision = consent::parse_decision_untrusted(body)) {
    ensure(std::ranges::equal(consent::encode_decision(*decision), body),
           "a decision has one encoding");
    ensure(consent::check_decision(*decision).has_value(), "a parsed decision is consistent");
  }
  if (const auto verified = consent::verify_decision(body)) {
    ensure(verified->hash() == consent::hash_decision(body), "a statement has one hash");
  }
  return 0;
}
