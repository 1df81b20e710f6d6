// A notice that parses can be shown: no line holds a control character, whatever its texts are.

#include "amanat/consent/notice.h"

#include <algorithm>

#include "amanat/consent/terminal_text.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace amanat;
  const auto notice = consent::parse_notice(as_text({data, size}));
  if (!notice) return 0;
  std::string text = consent::to_plain_text(*notice, 80);
  std::erase(text, '\n');
  ensure(consent::is_showable(text), "a parsed notice can be shown");
  ensure(
      consent::check_notice(*notice).has_value() == consent::list_notice_problems(*notice).empty(),
      "a notice with no problem passes");
  return 0;
}
