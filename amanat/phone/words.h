#pragma once

// The 24 words meet the person: shown once and typed back, or written to a file that only its owner
// may read; asked for when they are needed. They are in memory only meanwhile.

#include <filesystem>
#include <optional>

#include "amanat/error/error.h"
#include "amanat/phone/terminal.h"
#include "amanat/seal/phrase.h"

namespace amanat::phone {

/// Shows new words and has them typed back, or writes them to `out`, durably, before it returns.
///
///   fails   denied when nobody is there to see them and no file is named
Result<> hand_over_words(const seal::PhraseEntropy& entropy, Terminal& terminal,
                         const std::optional<std::filesystem::path>& out);

/// Reads words from a file ("-" is the terminal's input), or asks for them.
Result<seal::PhraseEntropy> take_words(Terminal& terminal,
                                       const std::optional<std::filesystem::path>& from);

}  // namespace amanat::phone
