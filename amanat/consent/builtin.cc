#include "amanat/consent/builtin.h"

#include <algorithm>
#include <array>
#include <string>

#include "amanat/consent/builtin_data.h"

namespace amanat::consent {
namespace {

// The texts come from functions of another file, so the tables are made when first asked for.
const std::array<BuiltinLaw, 2>& laws() {
  static const std::array<BuiltinLaw, 2> laws{{
      {"IN", builtin_data::law_in()},
      {"SG", builtin_data::law_sg()},
  }};
  return laws;
}

const std::array<BuiltinNoticeTemplate, 2>& notice_templates() {
  static const std::array<BuiltinNoticeTemplate, 2> templates{{
      {Purpose::custody, "en", builtin_data::notice_custody_en()},
      {Purpose::custody, "hi", builtin_data::notice_custody_hi()},
  }};
  return templates;
}

}  // namespace

std::span<const BuiltinLaw> builtin_laws() { return laws(); }
std::span<const BuiltinNoticeTemplate> builtin_notice_templates() { return notice_templates(); }

Result<LawPack> builtin_law(std::string_view jurisdiction) {
  const auto law = std::ranges::find(laws(), jurisdiction, &BuiltinLaw::jurisdiction);
  if (law == laws().end()) {
    return fail(Code::not_found, "no law pack is built in for " + std::string(jurisdiction));
  }
  return parse_law_pack(law->json);
}

Result<std::string_view> builtin_notice_template(Purpose purpose, std::string_view language) {
  for (const BuiltinNoticeTemplate& notice : notice_templates()) {
    if (notice.purpose == purpose && notice.language == language) return notice.json;
  }
  return fail(Code::not_found, "no notice is built in for " + std::string(name_of(purpose)) + " in "
                                   + std::string(language));
}

}  // namespace amanat::consent
