#pragma once

// The English word list of BIP-39. Used by phrase.h alone.

#include <array>
#include <string_view>

namespace amanat::seal {

extern const std::array<std::string_view, 2'048> kWordsEnglish;

}  // namespace amanat::seal
