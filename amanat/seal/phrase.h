#pragma once

// The 24 words that open everything when all devices are gone (docs/format.md §12): the English
// list of BIP-39 with its checksum. They mean the 32 bytes of entropy, never the BIP-39 seed.

#include <optional>
#include <string_view>

#include "amanat/seal/ids.h"

namespace amanat::seal {

inline constexpr std::size_t kPhraseWords = 24;
inline constexpr std::size_t kWordListSize = 2'048;
inline constexpr std::size_t kPhraseTextBytesMax = 1'024;

using PhraseEntropy = Key<struct PhraseEntropyTag, 32>;

/// Word number `index` (0 to 2,047) of the list, which is in alphabetical order.
std::string_view word_at(std::size_t index);

/// Where a word stands in the list; nothing when it is not in it.
std::optional<std::size_t> find_word(std::string_view word);

/// The list's word that takes the fewest changed letters to reach from `word`.
std::string_view nearest_word(std::string_view word);

/// The 24 words, lower case, one space between them.
SecretBytes phrase_text(const PhraseEntropy& entropy);

/// Reads 24 words; upper case, line breaks and extra spaces do not matter.
///
///   fails   invalid_input with a message for the person who typed, which names a misspelt word:
///           show it, do not log it
Result<PhraseEntropy> read_phrase(std::string_view text);

/// W.
RecoveryKey recovery_key_of(const PhraseEntropy& entropy);

/// The phrase key: signs new devices and keyrings. Only its public half is ever kept.
crypto::Signer phrase_signer_of(const PhraseEntropy& entropy);

}  // namespace amanat::seal
