// Reads the body language in the engine's own order, since its oddities come from that order:
// modifiers rewrite the text, short exact gaps become ?? bytes, the text is cut into parts, and
// each part is read for itself.

#include <algorithm>

#include "amanat/signature/body.h"
#include "amanat/signature/fields.h"
#include "amanat/signature/pattern_text.h"

namespace amanat::signature {
namespace {

using Text = std::string_view;

/// The matching parenthesis of the one before `text`, and how deep others nest inside.
struct Block {
  Text inside;
  Text behind;
};
std::optional<Block> find_block_end(Text text, std::size_t& nesting) {
  std::size_t level = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '(') {
      ++level;
      ++nesting;
    } else if (text[i] == ')') {
      if (level == 0) return Block{text.substr(0, i), text.substr(i + 1)};
      --level;
    }
  }
  return std::nullopt;
}

// ---- bytes ------------------------------------------------------------------------------------

std::optional<MaskedByte> parse_byte(char first, char second) {
  if (first == '?' && second == '?') return MaskedByte{0, 0};
  const auto high = digit_of(first);
  const auto low = digit_of(second);
  if (high && second == '?') return MaskedByte{static_cast<std::uint8_t>(*high << 4), 0xf0};
  if (first == '?' && low) return MaskedByte{*low, 0x0f};
  if (!high || !low) return std::nullopt;
  return MaskedByte{static_cast<std::uint8_t>(*high << 4 | *low), 0xff};
}

bool is_letter(std::uint8_t byte) {
  return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
}

MaskedByte fold(MaskedByte byte) {
  if (byte.mask != 0xff || !is_letter(byte.value)) return byte;
  return {static_cast<std::uint8_t>(byte.value & 0xdf), 0xdf};
}

bool is_whole(MaskedByte byte) { return byte.mask == 0xff || byte.mask == 0xdf; }

std::optional<Run> parse_run(Text hex, bool nocase) {
  if (hex.empty() || hex.size() % 2 != 0) return std::nullopt;
  Run run;
  run.reserve(hex.size() / 2);
  for (std::size_t i = 0; i < hex.size(); i += 2) {
    const auto byte = parse_byte(hex[i], hex[i + 1]);
    if (!byte) return std::nullopt;
    run.push_back(nocase ? fold(*byte) : *byte);
  }
  return run;
}

// ---- alternatives -----------------------------------------------------------------------------

/// Multiplies alternatives out: 41(42|43)|44 is 4142, 4143 and 44. `Sink` gets them in order.
class Expansion {
 public:
  explicit Expansion(bool nocase) : nocase_(nocase) {}

  // Appends to `out` each way to read `text`, in front of which stands `prefix`.
  Parsed<std::vector<Run>> expand(Text text) {
    std::vector<std::string> words;
    if (auto done = expand_choices(text, words); !done) return std::unexpected(done.error());
    std::vector<Run> runs;
    for (const std::string& word : words) {
      auto run = parse_run(word, nocase_);
      if (!run) return refuse(Reason::malformed, "an alternative");
      if (std::ranges::find(runs, *run) == runs.end()) runs.push_back(std::move(*run));
    }
    return runs;
  }

 private:
  Parsed<bool> expand_choices(Text text, std::vector<std::string>& out) {
    std::size_t level = 0;
    std::size_t start = 0;
    for (std::size_t i = 0; i <= text.size(); ++i) {
      const bool ends = i == text.size();
      if (!ends && text[i] == '(') ++level;
      if (!ends && text[i] == ')') {
        if (level == 0) return refuse(Reason::malformed, "parentheses");
        --level;
      }
      if (!ends && (text[i] != '|' || level > 0)) continue;
      if (auto done = expand_sequence(text.substr(start, i - start), out); !done) return done;
      start = i + 1;
    }
    return true;
  }

  Parsed<bool> expand_sequence(Text text, std::vector<std::string>& out) {
    std::vector<std::string> words{""};
    while (!text.empty()) {
      const std::size_t open = text.find('(');
      for (std::string& word : words) word += text.substr(0, open);
      if (!spend(words)) return refuse(Reason::too_costly, "too many alternatives");
      if (open == Text::npos) break;
      if (open > 0 && text[open - 1] == '!') {
        return refuse(Reason::malformed, "a negation inside alternatives");
      }
      std::size_t nesting = 0;
      const auto block = find_block_end(text.substr(open + 1), nesting);
      if (!block) return refuse(Reason::malformed, "parentheses");
      std::vector<std::string> inner;
      if (auto done = expand_choices(block->inside, inner); !done) return done;
      std::vector<std::string> joined;
      for (const std::string& word : words) {
        for (const std::string& tail : inner) joined.push_back(word + tail);
        if (!spend(joined)) return refuse(Reason::too_costly, "too many alternatives");
      }
      words = std::move(joined);
      text = block->behind;
    }
    out.insert(out.end(), words.begin(), words.end());
    if (!spend(out)) return refuse(Reason::too_costly, "too many alternatives");
    return true;
  }

  static bool spend(const std::vector<std::string>& words) {
    std::size_t size = 0;
    for (const std::string& word : words) size += word.size() / 2;
    return words.size() <= kChoicesMax && size <= kChoicesBytesMax;
  }

  bool nocase_;
};

// Without modifiers, alternatives of one length and without wildcards are plain: only these may be
// negated.
bool are_plain(Text inside) {
  if (inside.find_first_of("?(") != Text::npos) return false;
  const auto words = split(inside, '|');
  return std::ranges::all_of(words, [&](Text word) { return word.size() == words[0].size(); });
}

Parsed<Alternatives> parse_alternatives(Text inside, bool negated, bool has_modifiers,
                                        bool nocase) {
  if (negated && (has_modifiers || !are_plain(inside))) {
    return refuse(Reason::malformed, "a negation of alternatives of several lengths");
  }
  auto choices = Expansion(nocase).expand(inside);
  if (!choices) return std::unexpected(choices.error());
  return Alternatives{negated, std::move(*choices)};
}

// ---- one part ---------------------------------------------------------------------------------

std::optional<Boundary::Kind> boundary_of(Text inside) {
  if (inside == "B") return Boundary::Kind::word;
  if (inside == "L") return Boundary::Kind::line;
  if (inside == "W") return Boundary::Kind::not_alphanum;
  return std::nullopt;
}

class PartParser {
 public:
  PartParser(bool has_modifiers, bool nocase) : has_modifiers_(has_modifiers), nocase_(nocase) {}

  Parsed<Part> parse(Text text) {
    if (text.size() / 2 < 2) return refuse(Reason::too_short, "a part");
    auto middle = take_neighbours(text);
    if (!middle) return std::unexpected(middle.error());
    if (auto done = parse_elements(*middle); !done) return std::unexpected(done.error());
    if (!has_anchor()) return refuse(Reason::too_short, "no two whole bytes side by side");
    return std::move(part_);
  }

 private:
  // Takes "aa[x-y]" off the front and "[x-y]aa" off the end.
  Parsed<Text> take_neighbours(Text text) {
    for (int i = 0; i < 2; ++i) {
      const std::size_t open = text.find('[');
      if (open == Text::npos) break;
      const std::size_t close = text.find(']', open);
      if (close == Text::npos) return refuse(Reason::malformed, "a neighbour without its end");
      const Text left = text.substr(0, open);
      const Text right = text.substr(close + 1);
      auto near = parse_near(text.substr(open + 1, close - open - 1));
      if (!near) return std::unexpected(near.error());
      const bool is_front = left.size() == 2;
      if ((is_front && i > 0) || (!is_front && right.size() != 2)) {
        return refuse(Reason::malformed, "a neighbour of more than one byte");
      }
      const Text digits = is_front ? left : right;
      const auto byte = parse_byte(digits[0], digits[1]);
      if (!byte) return refuse(Reason::malformed, "a neighbour");
      near->byte = nocase_ ? fold(*byte) : *byte;
      if (byte->mask != 0) (is_front ? part_.before : part_.after) = *near;
      text = is_front ? right : left;
      if (!is_front) break;
    }
    return text;
  }

  static Parsed<Near> parse_near(Text text) {
    const std::size_t dash = text.find('-');
    const auto min = parse_number<std::uint32_t>(text.substr(0, dash));
    const auto max = dash == Text::npos ? min : parse_number<std::uint32_t>(text.substr(dash + 1));
    if (!min || !max || *min > *max || *max > kNearMax) {
      return refuse(Reason::malformed, "the distance of a neighbour");
    }
    return Near{.byte = {}, .min = *min, .max = *max};
  }

  Parsed<bool> parse_elements(Text text) {
    const char* const front = text.data();
    while (!text.empty()) {
      const std::size_t open = text.find('(');
      const bool negated = open != Text::npos && open > 0 && text[open - 1] == '!';
      const Text bytes = text.substr(0, negated ? open - 1 : open);
      if (!bytes.empty()) {
        auto run = parse_run(bytes, nocase_);
        if (!run) return refuse(Reason::malformed, "bytes");
        part_.elements.emplace_back(std::move(*run));
      }
      if (open == Text::npos) break;
      std::size_t nesting = 0;
      const auto block = find_block_end(text.substr(open + 1), nesting);
      if (!block || block->inside.empty() || nesting > kNestingMax) {
        return refuse(Reason::malformed, "parentheses");
      }
      const bool is_first = text.data() + open == front;
      if (auto done = add_block(*block, negated, is_first); !done) return done;
      text = block->behind;
    }
    return true;
  }

  Parsed<bool> add_block(const Block& block, bool negated, bool is_first) {
    if (const auto kind = boundary_of(block.inside)) {
      const Boundary boundary{*kind, negated};
      if (block.behind.empty()) {
        part_.right = boundary;
      } else if (is_first) {
        part_.left = boundary;
      } else {
        part_.elements.emplace_back(boundary);
      }
      return true;
    }
    auto alternatives = parse_alternatives(block.inside, negated, has_modifiers_, nocase_);
    if (!alternatives) return std::unexpected(alternatives.error());
    for (const Run& choice : alternatives->choices) choices_bytes_ += choice.size();
    if (choices_bytes_ > kChoicesBytesMax) return refuse(Reason::too_costly, "alternatives");
    part_.elements.emplace_back(std::move(*alternatives));
    return true;
  }

  // The engine searches for two bytes; without them it has nothing to go by.
  bool has_anchor() const {
    for (const Element& element : part_.elements) {
      const auto* const run = std::get_if<Run>(&element);
      if (run == nullptr) continue;
      for (std::size_t i = 1; i < run->size(); ++i) {
        if (is_whole((*run)[i - 1]) && is_whole((*run)[i])) return true;
      }
    }
    return false;
  }

  bool has_modifiers_;
  bool nocase_;
  std::size_t choices_bytes_ = 0;
  Part part_;
};

bool looks_at_letters_beside(const Part& part) {
  const auto is_it = [](const std::optional<Boundary>& boundary) {
    return boundary && boundary->kind == Boundary::Kind::not_alphanum;
  };
  return is_it(part.left) || is_it(part.right);
}

Parsed<Pattern> parse_pattern(Text text, bool wide, bool has_modifiers, bool nocase) {
  if (text.size() > kPatternTextMax) return refuse(Reason::too_costly, "the pattern");
  const auto written = write_out_gaps(std::string(text));
  if (!written) return std::unexpected(written.error());
  auto cut = cut_into_parts(*written);
  if (!cut) return std::unexpected(cut.error());
  Pattern pattern{.parts = {}, .gaps = std::move(cut->gaps)};
  std::size_t alternatives = 0;
  std::size_t varying = 0;
  std::size_t choices_bytes = 0;
  for (const Text part_text : cut->parts) {
    auto part = PartParser(has_modifiers, nocase).parse(part_text);
    if (!part) return std::unexpected(part.error());
    for (const Element& element : part->elements) {
      const auto* const found = std::get_if<Alternatives>(&element);
      alternatives += found != nullptr ? 1 : 0;
      varying += found != nullptr && is_varying(*found) ? 1 : 0;
      if (found == nullptr) continue;
      for (const Run& choice : found->choices) choices_bytes += choice.size();
    }
    if (alternatives > kAlternativesMax || varying > kVaryingMax) {
      return refuse(Reason::too_costly, "too many alternatives");
    }
    pattern.parts.push_back(std::move(*part));
  }
  // Alternatives in alternatives grow when they are multiplied out, gaps a little; what was read
  // has a spelling that can be read again.
  constexpr std::size_t kSurelyFits = kPatternTextMax / 4;
  if (text.size() + 3 * choices_bytes > kSurelyFits && print(pattern).size() > kPatternTextMax) {
    return refuse(Reason::too_costly, "the pattern, its alternatives written out");
  }
  pattern.wide = wide && std::ranges::any_of(pattern.parts, looks_at_letters_beside);
  return pattern;
}

}  // namespace

Parsed<std::vector<Pattern>> parse_patterns(std::string_view text, Modifiers modifiers) {
  if (text.size() > kPatternTextMax) return refuse(Reason::too_costly, "the pattern");
  const bool any = modifiers != Modifiers{};
  std::string narrow(text);
  if (modifiers.fullword) narrow = "(W)" + near_to_gap(narrow) + "(W)";
  std::vector<Pattern> variants;
  if (modifiers.wide) {
    const auto wide = widen(near_to_gap(narrow));
    if (!wide) return std::unexpected(wide.error());
    auto pattern = parse_pattern(*wide, true, any, modifiers.nocase);
    if (!pattern) return std::unexpected(pattern.error());
    variants.push_back(std::move(*pattern));
  }
  if (!modifiers.wide || modifiers.ascii) {
    auto pattern = parse_pattern(narrow, false, any, modifiers.nocase);
    if (!pattern) return std::unexpected(pattern.error());
    variants.push_back(std::move(*pattern));
  }
  return variants;
}

}  // namespace amanat::signature
