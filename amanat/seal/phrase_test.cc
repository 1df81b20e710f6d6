#include "amanat/seal/phrase.h"

#include <doctest/doctest.h>

#include "amanat/seal/test_world.h"

using namespace amanat;
using namespace amanat::seal;
using namespace amanat::seal::testing;

namespace {

std::string text_of(const PhraseEntropy& entropy) {
  return std::string(as_text(phrase_text(entropy).expose()));
}

std::string message_of(std::string_view text) {
  auto entropy = read_phrase(text);
  REQUIRE(!entropy);
  CHECK(entropy.error().code == Code::invalid_input);
  return entropy.error().message;
}

constexpr std::string_view kZeros =
    "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon "
    "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon "
    "abandon art";

}  // namespace

// The vectors with 256 bits of the python-mnemonic project (vectors.json), which BIP-39 names.
TEST_CASE("phrases are those of BIP-39") {
  struct Case {
    std::string_view entropy;
    std::string_view words;
  };
  const auto cases = std::to_array<Case>({
      {"0000000000000000000000000000000000000000000000000000000000000000", kZeros},
      {"7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f",
       "legal winner thank year wave sausage worth useful legal winner thank year wave sausage "
       "worth useful legal winner thank year wave sausage worth title"},
      {"8080808080808080808080808080808080808080808080808080808080808080",
       "letter advice cage absurd amount doctor acoustic avoid letter advice cage absurd amount "
       "doctor acoustic avoid letter advice cage absurd amount doctor acoustic bless"},
      {"ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
       "zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo "
       "zoo vote"},
      {"68a79eaca2324873eacc50cb9c6eca8cc68ea5d936f98787c60c7ebc74e6ce7c",
       "hamster diagram private dutch cause delay private meat slide toddler razor book happy "
       "fancy gospel tennis maple dilemma loan word shrug inflict delay length"},
      {"f585c11aec520db57dd353c69554b21a89b20fb0650966fa0a9d6f74fd989d8f",
       "void come effort suffer camp survey warrior heavy shoot primary clutch crush open amazing "
       "screen patrol group space point ten exist slush involve unfold"},
  });
  for (const Case& c : cases) {
    CAPTURE(c.entropy);
    const auto entropy = PhraseEntropy::from(from_hex(c.entropy).value()).value();
    CHECK(text_of(entropy) == c.words);
    CHECK(to_hex(read_phrase(c.words)->expose()) == c.entropy);
  }
}

TEST_CASE("upper case, line breaks and extra spaces do not matter") {
  std::string typed = "  \tABANDON\r\n";
  typed += kZeros.substr(8);
  typed += "\n";
  CHECK(read_phrase(typed).has_value());
}

TEST_CASE("a misspelt word is named, with the word that was probably meant") {
  std::string typed(kZeros);
  typed.replace(8, 7, "abandno");
  CHECK(message_of(typed) == "word 2 is not in the list: \"abandno\"; did you mean \"abandon\"?");
  CHECK(nearest_word("hosptal") == "hospital");
  CHECK(nearest_word("zooo") == "zoo");
  CHECK(message_of("\xc3\xa9t\xc3\xa9") == "word 1 is not in the list");
  CHECK(message_of(std::string(33, 'a')) == "word 1 is not in the list");
}

TEST_CASE("too few words, too many and none are counted") {
  CHECK(message_of("") == "there are 0 words, and it takes 24");
  CHECK(message_of(kZeros.substr(8)) == "there are 23 words, and it takes 24");
  CHECK(message_of(std::string(kZeros) + " art") == "there are 25 words, and it takes 24");
  CHECK(message_of(std::string(2000, ' ')) == "that is too long for 24 words");
}

TEST_CASE("a wrong word and two swapped words are seen by the checksum") {
  const auto expected = "the words do not belong together: one is wrong or two are swapped";
  std::string wrong(kZeros);
  wrong.replace(wrong.size() - 3, 3, "zoo");
  CHECK(message_of(wrong) == expected);
  const std::string swapped =
      "winner legal thank year wave sausage worth useful legal winner thank year wave sausage "
      "worth useful legal winner thank year wave sausage worth title";
  CHECK(message_of(swapped) == expected);
}

TEST_CASE("the list is alphabetical and every word is found in it") {
  for (std::size_t i = 0; i < kWordListSize; ++i) {
    CHECK(find_word(word_at(i)) == i);
    if (i > 0) CHECK(word_at(i - 1) < word_at(i));
  }
  CHECK(!find_word("amanat"));
}

TEST_CASE("recovery key and phrase key follow from the words and differ from each other") {
  const auto entropy = key_of<PhraseEntropy>("phrase");
  const auto signer = phrase_signer_of(entropy);
  CHECK(signer.public_key() == phrase_signer_of(entropy).public_key());
  CHECK_FALSE(equal_in_constant_time(recovery_key_of(entropy).expose(), signer.seed().expose()));
}
