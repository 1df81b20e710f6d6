// Whatever JSON a stranger sends: a message that parses has one spelling from then on.

#include "amanat/api/messages.h"

#include <string>
#include <string_view>

#include "amanat/api/policy.h"

namespace {

using namespace amanat;
using namespace amanat::api;

/// What parses is written, and what is written parses to the same text again.
template <class Parse>
void hold_to_one_spelling(std::string_view text, Parse parse) {
  const auto message = parse(text);
  if (!message) return;
  const std::string written = to_text(*message);
  const auto again = parse(written);
  ensure(again.has_value(), "what was written parses");
  ensure(to_text(*again) == written, "a message has one spelling");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = as_text({data, size});
  hold_to_one_spelling(text, parse_receipts);
  hold_to_one_spelling(text, parse_open_account);
  hold_to_one_spelling(text, parse_add_device);
  hold_to_one_spelling(text, parse_post_events);
  hold_to_one_spelling(text, parse_post_commit);
  hold_to_one_spelling(text, parse_put_keyring);
  hold_to_one_spelling(text, parse_keyring_answer);
  hold_to_one_spelling(text, parse_heads);
  hold_to_one_spelling(text, parse_inventory);
  hold_to_one_spelling(text, parse_own_leaves);
  hold_to_one_spelling(text, parse_fix_nonce);
  hold_to_one_spelling(text, parse_drawn_leaves);
  hold_to_one_spelling(text, parse_leaf_answers);
  hold_to_one_spelling(text, parse_openings_request);
  hold_to_one_spelling(text, parse_openings);
  hold_to_one_spelling(text, parse_notices);
  hold_to_one_spelling(text, parse_region);
  hold_to_one_spelling(text, parse_policy);
  hold_to_one_spelling(text, parse_enrol_address);
  return 0;
}
