#include "amanat/phone/words.h"

#include <string>
#include <vector>

#include "amanat/phone/home.h"

namespace amanat::phone {
namespace {

constexpr int kTypingTriesMax = 3;
constexpr std::size_t kWordsInARow = 4;

std::vector<std::string_view> split_words(std::string_view text) {
  std::vector<std::string_view> words;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    words.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return words;
}

void show_words(std::string_view phrase, Terminal& terminal) {
  terminal.say("");
  terminal.say("These 24 words are the only way back to your data when all your devices are gone.");
  terminal.say("Write them on paper, in this order. Nobody can give them to you again.");
  terminal.say("");
  const std::vector<std::string_view> words = split_words(phrase);
  for (std::size_t row = 0; row < words.size(); row += kWordsInARow) {
    std::string line;
    for (std::size_t i = row; i < std::min(row + kWordsInARow, words.size()); ++i) {
      std::string cell = std::to_string(i + 1);
      cell.insert(0, 4 - cell.size(), ' ');
      cell += ' ';
      cell += words[i];
      cell.resize(16, ' ');
      line += cell;
    }
    terminal.say(line);
    wipe({reinterpret_cast<std::uint8_t*>(line.data()), line.size()});
  }
  terminal.say("");
}

Result<> have_typed_back(std::string_view phrase, Terminal& terminal) {
  for (int tries = 0; tries < kTypingTriesMax; ++tries) {
    const SecretBytes typed = terminal.ask_secret("Type all 24 words back, with spaces between: ");
    if (typed.empty()) break;
    const auto entropy = seal::read_phrase(as_text(typed.expose()));
    if (!entropy) {
      terminal.say(entropy.error().message);
      continue;
    }
    const SecretBytes normal = seal::phrase_text(*entropy);
    if (equal_in_constant_time(normal.expose(), as_bytes(phrase))) return {};
    terminal.say("these are 24 words, but not the ones above: compare them one by one");
  }
  return fail(Code::denied,
              "the words were not typed back: start again, and have pen and paper at hand");
}

}  // namespace

Result<> hand_over_words(const seal::PhraseEntropy& entropy, Terminal& terminal,
                         const std::optional<std::filesystem::path>& out) {
  const SecretBytes phrase = seal::phrase_text(entropy);
  if (out) {
    SecretBytes line(phrase.size() + 1);
    std::copy(phrase.expose().begin(), phrase.expose().end(), line.expose().begin());
    line.expose().back() = '\n';
    if (auto done = write_private_file(*out, line.expose()); !done) {
      return carry(done, "writing the words");
    }
    terminal.say("The 24 words are in " + out->string()
                 + ": move them to paper, and the file off this disk.");
    return {};
  }
  if (!terminal.is_interactive()) {
    return fail(
        Code::denied,
        "the 24 words can only be shown to a person: run this on a terminal, or name a file "
        "for them with --words-out FILE");
  }
  show_words(as_text(phrase.expose()), terminal);
  return have_typed_back(as_text(phrase.expose()), terminal);
}

Result<seal::PhraseEntropy> take_words(Terminal& terminal,
                                       const std::optional<std::filesystem::path>& from) {
  if (from && *from != "-") {
    const auto text = read_private_file(*from, seal::kPhraseTextBytesMax);
    if (!text) return carry(text, "reading the words");
    return seal::read_phrase(as_text(text->expose()));
  }
  const SecretBytes typed = terminal.ask_secret("Your 24 words, with spaces between: ");
  if (typed.empty()) {
    return fail(Code::denied,
                "the 24 words are needed: type them, or name a file with --words FILE");
  }
  return seal::read_phrase(as_text(typed.expose()));
}

}  // namespace amanat::phone
