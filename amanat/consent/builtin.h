#pragma once

// The law packs and notice templates of `laws/`, inside the binary, so that the programs run with
// no files beside them.

#include <span>
#include <string_view>

#include "amanat/consent/category.h"
#include "amanat/consent/law.h"
#include "amanat/error/error.h"

namespace amanat::consent {

struct BuiltinLaw {
  std::string_view jurisdiction;  // "IN"
  std::string_view json;
};
struct BuiltinNoticeTemplate {
  Purpose purpose;
  std::string_view language;
  std::string_view json;
};

std::span<const BuiltinLaw> builtin_laws();
std::span<const BuiltinNoticeTemplate> builtin_notice_templates();

/// The pack of this jurisdiction, parsed; not_found when none is built in.
Result<LawPack> builtin_law(std::string_view jurisdiction);

/// The template for this purpose and language; not_found when none is built in.
Result<std::string_view> builtin_notice_template(Purpose purpose, std::string_view language);

}  // namespace amanat::consent
