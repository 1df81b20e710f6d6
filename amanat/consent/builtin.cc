#include "amanat/consent/builtin.h"

#include <algorithm>
#include <array>
#include <string>

#include "amanat/consent/builtin_data.h"

namespace amanat::consent {
namespace {

const auto kLaws = std::to_array<BuiltinLaw>({
    {"IN", builtin_data::law_in()},
    {"SG", builtin_data::law_sg()},
});
const auto kTemplates = std::to_array<BuiltinNoticeTemplate>({
    {Purpose::custody, "en", builtin_data::notice_custody_en()},
    {Purpose::custody, "hi", builtin_data::notice_custody_hi()},
});

}  // namespace

std::span<const BuiltinLaw> builtin_laws() { return kLaws; }
std::span<const BuiltinNoticeTemplate> builtin_notice_templates() { return kTemplates; }

Result<LawPack> builtin_law(std::string_view jurisdiction) {
  const auto law = std::ranges::find(kLaws, jurisdiction, &BuiltinLaw::jurisdiction);
  if (law == kLaws.end()) {
    return fail(Code::not_found, "no law pack is built in for " + std::string(jurisdiction));
  }
  return parse_law_pack(law->json);
}

Result<std::string_view> builtin_notice_template(Purpose purpose, std::string_view language) {
  for (const BuiltinNoticeTemplate& notice : kTemplates) {
    if (notice.purpose == purpose && notice.language == language) return notice.json;
  }
  return fail(Code::not_found, "no notice is built in for " + std::string(name_of(purpose)) + " in "
                                   + std::string(language));
}

}  // namespace amanat::consent
