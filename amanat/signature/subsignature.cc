#include <algorithm>

#include "amanat/signature/fields.h"
#include "amanat/signature/logical_parts.h"

namespace amanat::signature {
namespace {

using Form = ByteCompare::Form;

std::unexpected<Refusal> malformed(std::string_view detail) {
  return refuse(Reason::malformed, detail);
}

// ---- macro: ${min-max}group$ ------------------------------------------------------------------

Parsed<Subsignature> parse_macro(std::string_view text, std::uint32_t index) {
  const std::size_t dash = text.find('-');
  const std::size_t close = text.find('}');
  if (!text.starts_with("${") || !text.ends_with('$') || dash == std::string_view::npos
      || close == std::string_view::npos || dash > close || close + 1 >= text.size()) {
    return malformed("a macro");
  }
  const auto min = parse_number<std::uint32_t>(text.substr(2, dash - 2));
  const auto max = parse_number<std::uint32_t>(text.substr(dash + 1, close - dash - 1));
  const auto group = parse_number<std::uint32_t>(text.substr(close + 1, text.size() - close - 2));
  if (!min || !max || !group || *group >= kMacroGroups) return malformed("a macro");
  if (index == 0) return malformed("a macro with nothing before it");
  return Macro{.min = *min, .max = *max, .group = *group};
}

// ---- regular expression: [offset:]trigger/expression/flags ------------------------------------

Parsed<Regex::Flags> parse_flags(std::string_view text) {
  Regex::Flags flags;
  for (const char c : text) {
    switch (c) {
      case 'g': flags.global = true; break;
      case 'r': flags.rolling = true; break;
      case 'e': flags.encompass = true; break;
      case 'i': flags.caseless = true; break;
      case 's': flags.dotall = true; break;
      case 'm': flags.multiline = true; break;
      case 'x': flags.extended = true; break;
      case 'A': flags.anchored = true; break;
      case 'E': flags.dollar_endonly = true; break;
      case 'U': flags.ungreedy = true; break;
      default: return malformed("a flag of a regular expression");
    }
  }
  return flags;
}

Parsed<Subsignature> parse_regex(std::string_view text, std::uint32_t index, Target target) {
  const auto fields = split_outside_slashes(text, ':', 0);
  if (fields.size() > 2) return malformed("a regular expression's fields");
  Regex regex;
  if (fields.size() == 2) {
    const auto offset = parse_offset(fields[0], target);
    if (!offset) return std::unexpected(offset.error());
    regex.offset = *offset;
  }
  const std::string_view rest = fields.back();
  const std::size_t first = rest.find('/');
  const std::size_t last = rest.rfind('/');
  if (first == last || first + 1 == last) return malformed("a regular expression's slashes");
  const auto trigger = parse_expression(rest.substr(0, first));
  if (!trigger) return std::unexpected(trigger.error());
  if (highest_id(*trigger) >= index)
    return malformed("a trigger that is not before its expression");
  regex.trigger = *trigger;
  regex.expression = rest.substr(first + 1, last - first - 1);
  if (regex.expression.size() > kRegexBytesMax) {
    return refuse(Reason::too_costly, "a regular expression");
  }
  const auto flags = parse_flags(rest.substr(last + 1));
  if (!flags) return std::unexpected(flags.error());
  regex.flags = *flags;
  return regex;
}

std::string print(const Regex::Flags& flags) {
  std::string out;
  const auto add = [&](bool is_set, char c) {
    if (is_set) out += c;
  };
  add(flags.global, 'g');
  add(flags.rolling, 'r');
  add(flags.encompass, 'e');
  add(flags.caseless, 'i');
  add(flags.dotall, 's');
  add(flags.multiline, 'm');
  add(flags.extended, 'x');
  add(flags.anchored, 'A');
  add(flags.dollar_endonly, 'E');
  add(flags.ungreedy, 'U');
  return out;
}

// ---- byte comparison: id(place#[form][order][e]n#test[,test]) ---------------------------------

std::optional<std::int64_t> parse_distance(std::string_view place) {
  if (place.empty() || place.starts_with('0')) return 0;
  const bool back = place.starts_with("<<");
  if (!back && !place.starts_with(">>")) return std::nullopt;
  const auto distance = parse_c_number(place.substr(2));
  if (!distance) return std::nullopt;
  return back ? -*distance : *distance;
}

/// The middle field: how the number is written.
Parsed<bool> set_form(ByteCompare& compare, std::string_view text) {
  std::optional<Form> form;
  std::optional<bool> little;
  const auto set = [](auto& target, auto value) {
    const bool fits = !target || *target == value;
    target = value;
    return fits;
  };
  std::size_t i = 0;
  for (; i < text.size() && (text[i] < '0' || text[i] > '9'); ++i) {
    bool fits = true;
    switch (text[i]) {
      case 'h': fits = set(form, Form::hex); break;
      case 'i': fits = set(form, Form::binary); break;
      case 'a': fits = set(form, Form::automatic); break;
      case 'd': fits = set(form, Form::decimal) && set(little, false); break;
      case 'l': fits = set(little, true); break;
      case 'b': fits = set(little, false); break;
      case 'e': compare.exact = true; break;
      default: fits = false;
    }
    if (!fits) return malformed("the form of a byte comparison");
  }
  const auto size = parse_c_number(text.substr(i));
  if (!form || !little || !size || *size <= 0) return malformed("the form of a byte comparison");
  constexpr std::int64_t kBinaryMax = 8;
  const bool is_power = *size <= kBinaryMax && kBinaryMax % *size == 0;
  if ((*form == Form::binary && !is_power) || (*form == Form::hex && *size > kByteCompareHexMax)) {
    return malformed("the size of a byte comparison");
  }
  if (*size > kByteCompareSizeMax) return refuse(Reason::too_costly, "a byte comparison");
  compare.form = *form;
  compare.little_endian = *little;
  compare.size = static_cast<std::uint32_t>(*size);
  return true;
}

Parsed<bool> set_tests(ByteCompare& compare, std::string_view text) {
  const auto tests = split(text, ',');
  if (tests.size() > 2) return malformed("too many tests of a byte comparison");
  for (const std::string_view test : tests) {
    const auto value = test.empty() ? std::nullopt : parse_c_number(test.substr(1));
    constexpr std::string_view kSigns = "=><";
    const std::size_t sign = test.empty() ? std::string_view::npos : kSigns.find(test[0]);
    if (!value || sign == std::string_view::npos) return malformed("a test of a byte comparison");
    compare.tests.push_back({static_cast<Comparison>(sign), *value});
  }
  return true;
}

Parsed<Subsignature> parse_byte_compare(std::string_view text) {
  const std::size_t open = text.find('(');
  const std::size_t close = text.find(')');
  if (close == std::string_view::npos || close < open || close + 1 != text.size()) {
    return malformed("a byte comparison");
  }
  ByteCompare compare;
  const auto reference = parse_number<std::uint32_t>(text.substr(0, open));
  const auto fields = split(text.substr(open + 1, close - open - 1), '#');
  if (!reference || fields.size() != 3) return malformed("a byte comparison");
  compare.reference = *reference;
  const auto offset = parse_distance(fields[0]);
  if (!offset) return malformed("the place of a byte comparison");
  compare.offset = *offset;
  if (auto done = set_form(compare, fields[1]); !done) return std::unexpected(done.error());
  if (auto done = set_tests(compare, fields[2]); !done) return std::unexpected(done.error());
  return compare;
}

// ---- fuzzy image ------------------------------------------------------------------------------

Parsed<Subsignature> parse_fuzzy_image(std::string_view text) {
  const auto fields = split(text, '#');
  if (fields.size() < 2) return malformed("an image's hash");
  const auto hash = parse_hex_array<8>(fields[1]);
  const auto distance = fields.size() > 2 ? parse_number<std::uint32_t>(fields[2]) : 0;
  if (!hash || !distance || fields.size() > 3) return malformed("an image's hash");
  if (*distance != 0) return refuse(Reason::unsupported, "images that are only similar");
  return FuzzyImage{*hash};
}

// ---- body: [offset:]pattern[::modifiers] ------------------------------------------------------

Parsed<Modifiers> parse_modifiers(std::string_view text) {
  Modifiers modifiers;
  for (const char c : text) {
    switch (c) {
      case 'i': modifiers.nocase = true; break;
      case 'w': modifiers.wide = true; break;
      case 'a': modifiers.ascii = true; break;
      case 'f': modifiers.fullword = true; break;
      default: return malformed("a modifier");
    }
  }
  return modifiers;
}

Parsed<Subsignature> parse_body(std::string_view text, Target target) {
  auto fields = split(text, ':');
  // Two patterns run together (one such line is in the official set): the engine takes the first
  // one, bare.
  if (fields.size() > 4) fields.resize(1);
  Body body;
  if (fields.size() % 2 == 0) {
    const auto offset = parse_offset(fields[0], target);
    if (!offset) return std::unexpected(offset.error());
    body.offset = *offset;
    fields.erase(fields.begin());
  }
  if (fields.size() != 1 && (fields.size() != 3 || !fields[1].empty())) {
    return malformed("the fields of a subsignature");
  }
  const auto modifiers = parse_modifiers(fields.size() == 3 ? fields[2] : std::string_view());
  if (!modifiers) return std::unexpected(modifiers.error());
  auto variants = parse_patterns(fields[0], *modifiers);
  if (!variants) return std::unexpected(variants.error());
  body.variants = std::move(*variants);
  return body;
}

bool is_folded(MaskedByte byte) { return byte.mask == 0xdf; }

bool has_folded(const Part& part) {
  if ((part.before && is_folded(part.before->byte))
      || (part.after && is_folded(part.after->byte))) {
    return true;
  }
  return std::ranges::any_of(part.elements, [](const Element& element) {
    if (const auto* const run = std::get_if<Run>(&element)) {
      return std::ranges::any_of(*run, is_folded);
    }
    const auto* const alternatives = std::get_if<Alternatives>(&element);
    return alternatives != nullptr
           && std::ranges::any_of(alternatives->choices, [](const Run& choice) {
                return std::ranges::any_of(choice, is_folded);
              });
  });
}

// ---- printing ---------------------------------------------------------------------------------

std::optional<std::string> print_subsignature(const Body& body) {
  if (body.variants.size() != 1 || body.variants[0].wide) return std::nullopt;
  const Pattern& pattern = body.variants[0];
  const bool is_anywhere = body.offset == Offset{};
  const bool nocase = std::ranges::any_of(pattern.parts, has_folded);
  return (is_anywhere ? "" : print(body.offset) + ':') + print(pattern) + (nocase ? "::i" : "");
}

std::optional<std::string> print_subsignature(const Macro& macro) {
  return "${" + std::to_string(macro.min) + '-' + std::to_string(macro.max) + '}'
         + std::to_string(macro.group) + '$';
}

std::optional<std::string> print_subsignature(const Regex& regex) {
  const bool is_anywhere = regex.offset == Offset{};
  return (is_anywhere ? "" : print(regex.offset) + ':') + print(regex.trigger) + '/'
         + regex.expression + '/' + print(regex.flags);
}

std::optional<std::string> print_subsignature(const ByteCompare& compare) {
  constexpr std::string_view kForms = "hdai";
  constexpr std::string_view kSigns = "=><";
  const bool back = compare.offset < 0;
  std::string out = std::to_string(compare.reference) + (back ? "(<<" : "(>>")
                    + std::to_string(back ? -compare.offset : compare.offset) + '#';
  out += kForms[static_cast<std::size_t>(compare.form)];
  if (compare.form != Form::decimal) out += compare.little_endian ? 'l' : 'b';
  if (compare.exact) out += 'e';
  out += std::to_string(compare.size) + '#';
  for (std::size_t i = 0; i < compare.tests.size(); ++i) {
    if (i > 0) out += ',';
    out += kSigns[static_cast<std::size_t>(compare.tests[i].comparison)];
    out += std::to_string(compare.tests[i].value);
  }
  return out + ')';
}

std::optional<std::string> print_subsignature(const FuzzyImage& image) {
  return "fuzzy_img#" + to_hex(image.hash);
}

}  // namespace

Parsed<Subsignature> parse_subsignature(std::string_view text, std::uint32_t index, Target target) {
  if (text.starts_with('$')) return parse_macro(text, index);
  if (text.find('/') != std::string_view::npos) return parse_regex(text, index, target);
  const std::size_t hash = text.find('#');
  const bool has_two = hash != std::string_view::npos && text.rfind('#') != hash;
  if (has_two && text.find('(') != std::string_view::npos) return parse_byte_compare(text);
  if (text.starts_with("fuzzy_img#")) return parse_fuzzy_image(text);
  return parse_body(text, target);
}

std::optional<std::string> print(const Subsignature& subsignature) {
  return std::visit([](const auto& value) { return print_subsignature(value); }, subsignature);
}

}  // namespace amanat::signature
