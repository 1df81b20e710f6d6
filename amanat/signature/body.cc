#include "amanat/signature/body.h"

#include <algorithm>

#include "amanat/signature/fields.h"

namespace amanat::signature {
namespace {

struct Lengths {
  std::size_t min = 0;
  std::size_t max = 0;
};

Lengths lengths_of(const Element& element) {
  if (const auto* const run = std::get_if<Run>(&element)) return {run->size(), run->size()};
  if (const auto* const boundary = std::get_if<Boundary>(&element)) {
    const bool is_two = boundary->kind == Boundary::Kind::line && !boundary->negated;
    return {1, is_two ? std::size_t{2} : std::size_t{1}};  // LF or CR LF
  }
  const auto& choices = std::get<Alternatives>(element).choices;
  const auto [min, max] = std::ranges::minmax(choices, {}, &Run::size);
  return {min.size(), max.size()};
}

Parsed<Target> parse_target(std::string_view text) {
  const auto number = text.empty() || text == "*" ? 0 : parse_number<std::uint32_t>(text);
  if (!number) return refuse(Reason::malformed, "the target");
  if (*number >= kTargetCount) return refuse(Reason::unknown_target, text);
  return static_cast<Target>(*number);
}

}  // namespace

bool is_varying(const Alternatives& alternatives) {
  return std::ranges::any_of(alternatives.choices, [&](const Run& choice) {
    return choice.size() != alternatives.choices.at(0).size();
  });
}

std::size_t Part::length_min() const {
  std::size_t sum = 0;
  for (const Element& element : elements) sum += lengths_of(element).min;
  return sum;
}

std::size_t Part::length_max() const {
  std::size_t sum = 0;
  for (const Element& element : elements) sum += lengths_of(element).max;
  return sum;
}

Parsed<BodySignature> parse_body_signature(std::string_view line) {
  const auto trimmed = trim_line(line);
  if (!trimmed) return std::unexpected(trimmed.error());
  const auto fields = split(*trimmed, ':');
  if (fields.size() < 4 || fields.size() > 6) return refuse(Reason::malformed, "the fields");
  if (!is_name(fields[0])) return refuse(Reason::malformed, "the name");
  if (const auto levels = parse_levels(fields, 4); !levels) return std::unexpected(levels.error());
  const auto target = parse_target(fields[1]);
  if (!target) return std::unexpected(target.error());
  const auto offset = parse_offset(fields[2], *target);
  if (!offset) return std::unexpected(offset.error());
  auto variants = parse_patterns(fields[3]);
  if (!variants) return std::unexpected(variants.error());
  return BodySignature{.name{fields[0]},
                       .target = *target,
                       .body = {.offset = *offset, .variants = std::move(*variants)}};
}

}  // namespace amanat::signature
