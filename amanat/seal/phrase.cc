#include "amanat/seal/phrase.h"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "amanat/seal/words_english.h"

namespace amanat::seal {
namespace {

// 24 words of 11 bits are 264 bits: 256 of entropy and the first 8 of its SHA-256.
constexpr std::size_t kWordBits = 11;
constexpr std::size_t kPhraseBytes = kPhraseWords * kWordBits / 8;
static_assert(kPhraseBytes == PhraseEntropy::kSize + 1);
constexpr std::size_t kTypedWordBytesMax = 32;

std::uint8_t checksum_of(ByteView entropy) { return crypto::sha256(entropy).bytes()[0]; }

bool bit_of(ByteView bytes, std::size_t bit) { return (bytes[bit / 8] >> (7 - bit % 8) & 1) != 0; }

std::size_t index_at(ByteView bits, std::size_t word) {
  std::size_t index = 0;
  for (std::size_t i = 0; i < kWordBits; ++i) {
    index = index << 1 | (bit_of(bits, word * kWordBits + i) ? 1U : 0U);
  }
  return index;
}

void put_index(ByteSpan bits, std::size_t word, std::size_t index) {
  for (std::size_t i = 0; i < kWordBits; ++i) {
    const std::size_t bit = word * kWordBits + i;
    const auto value = static_cast<unsigned>(index >> (kWordBits - 1 - i) & 1);
    bits[bit / 8] = static_cast<std::uint8_t>(bits[bit / 8] | value << (7 - bit % 8));
  }
}

bool is_space(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

// Makes ASCII letters lower case in place: what was typed is a secret and is not copied about.
void lower(ByteSpan text) {
  for (std::uint8_t& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<std::uint8_t>(c - 'A' + 'a');
  }
}

std::vector<std::string_view> split(std::string_view text) {
  std::vector<std::string_view> words;
  while (true) {
    const auto begin = std::ranges::find_if_not(text, is_space);
    if (begin == text.end()) return words;
    text = {begin, text.end()};
    const auto end = std::ranges::find_if(text, is_space);
    words.emplace_back(text.begin(), end);
    text = {end, text.end()};
  }
}

// Letters to insert, delete, replace or swap with their neighbour to make `a` from `b`.
std::size_t distance(std::string_view a, std::string_view b) {
  constexpr std::size_t kSide = kTypedWordBytesMax + 1;
  std::array<std::array<std::size_t, kSide>, kSide> table;
  for (std::size_t i = 0; i <= a.size(); ++i) {
    for (std::size_t j = 0; j <= b.size(); ++j) {
      if (i == 0 || j == 0) {
        table[i][j] = i + j;
        continue;
      }
      const std::size_t replaced = table[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      table[i][j] = std::min({table[i - 1][j] + 1, table[i][j - 1] + 1, replaced});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        table[i][j] = std::min(table[i][j], table[i - 2][j - 2] + 1);
      }
    }
  }
  return table[a.size()][b.size()];
}

bool is_plain_word(std::string_view word) {
  return word.size() <= kTypedWordBytesMax
         && std::ranges::all_of(word, [](char c) { return c >= 'a' && c <= 'z'; });
}

std::unexpected<Error> unknown_word(std::size_t position, std::string_view word) {
  std::string message = "word " + std::to_string(position + 1) + " is not in the list";
  if (is_plain_word(word)) {
    message += ": \"" + std::string(word) + "\"; did you mean \"" + std::string(nearest_word(word))
               + "\"?";
  }
  return fail(Code::invalid_input, std::move(message));
}

}  // namespace

std::string_view word_at(std::size_t index) {
  ensure(index < kWordsEnglish.size(), "the list has 2,048 words");
  return kWordsEnglish[index];
}

std::optional<std::size_t> find_word(std::string_view word) {
  const auto found = std::ranges::lower_bound(kWordsEnglish, word);
  if (found == kWordsEnglish.end() || *found != word) return std::nullopt;
  return static_cast<std::size_t>(found - kWordsEnglish.begin());
}

std::string_view nearest_word(std::string_view word) {
  word = word.substr(0, kTypedWordBytesMax);
  return *std::ranges::min_element(kWordsEnglish, {},
                                   [&](std::string_view listed) { return distance(word, listed); });
}

SecretBytes phrase_text(const PhraseEntropy& entropy) {
  Key<struct PhraseBitsTag, kPhraseBytes> bits;
  std::ranges::copy(entropy.expose(), bits.expose().begin());
  bits.expose().back() = checksum_of(entropy.expose());
  const auto word = [&](std::size_t i) {
    return kWordsEnglish.at(index_at(std::as_const(bits).expose(), i));
  };
  std::size_t size = kPhraseWords - 1;
  for (std::size_t i = 0; i < kPhraseWords; ++i) size += word(i).size();
  SecretBytes text(size);
  auto out = text.expose().begin();
  for (std::size_t i = 0; i < kPhraseWords; ++i) {
    if (i > 0) *out++ = ' ';
    out = std::ranges::copy(as_bytes(word(i)), out).out;
  }
  return text;
}

Result<PhraseEntropy> read_phrase(std::string_view text) {
  if (text.size() > kPhraseTextBytesMax) {
    return fail(Code::invalid_input, "that is too long for 24 words");
  }
  SecretBytes typed = SecretBytes::copy_of(as_bytes(text));
  lower(typed.expose());
  const auto words = split(as_text(std::as_const(typed).expose()));
  Key<struct PhraseBitsTag, kPhraseBytes> bits;
  for (std::size_t i = 0; i < words.size() && i < kPhraseWords; ++i) {
    const auto index = find_word(words[i]);
    if (!index) return unknown_word(i, words[i]);
    put_index(bits.expose(), i, *index);
  }
  if (words.size() != kPhraseWords) {
    return fail(Code::invalid_input,
                "there are " + std::to_string(words.size()) + " words, and it takes 24");
  }
  const ByteView entropy = std::as_const(bits).expose().first(PhraseEntropy::kSize);
  if (checksum_of(entropy) != std::as_const(bits).expose().back()) {
    return fail(Code::invalid_input,
                "the words do not belong together: one is wrong or two are swapped");
  }
  return PhraseEntropy::from(entropy);
}

RecoveryKey recovery_key_of(const PhraseEntropy& entropy) {
  return crypto::derive_key<RecoveryKey>(entropy.expose(), {},
                                         {as_bytes("amanat/recovery-key/v1")});
}

crypto::Signer phrase_signer_of(const PhraseEntropy& entropy) {
  return crypto::Signer(crypto::derive_key<crypto::SigningSeed>(
      entropy.expose(), {}, {as_bytes("amanat/phrase-key/v1")}));
}

}  // namespace amanat::seal
