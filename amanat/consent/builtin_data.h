#pragma once

// The files of `laws/` as they are, each a text that lives as long as the program.

#include <string_view>

namespace amanat::consent::builtin_data {

std::string_view law_in();
std::string_view law_sg();
std::string_view notice_custody_en();
std::string_view notice_custody_hi();

}  // namespace amanat::consent::builtin_data
