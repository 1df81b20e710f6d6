#include "amanat/signature/logical.h"

#include "amanat/signature/fields.h"
#include "amanat/signature/logical_parts.h"

namespace amanat::signature {
namespace {

constexpr std::size_t kFieldsBefore = 3;  // the name, the conditions, the expression

Parsed<std::vector<Subsignature>> parse_subsignatures(const std::vector<std::string_view>& fields,
                                                      Target target) {
  std::vector<Subsignature> found;
  for (std::size_t i = kFieldsBefore; i < fields.size(); ++i) {
    auto one = parse_subsignature(fields[i], static_cast<std::uint32_t>(i - kFieldsBefore), target);
    if (!one) return std::unexpected(one.error());
    const auto* const compare = std::get_if<ByteCompare>(&*one);
    if (compare != nullptr && compare->reference >= fields.size() - kFieldsBefore) {
      return refuse(Reason::malformed, "a byte comparison beside nothing");
    }
    found.push_back(std::move(*one));
  }
  return found;
}

}  // namespace

Parsed<Logical> parse_logical(std::string_view line) {
  const auto trimmed = trim_line(line);
  if (!trimmed) return std::unexpected(trimmed.error());
  const auto fields = split_outside_slashes(*trimmed, ';', 2);
  if (fields.size() <= kFieldsBefore) return refuse(Reason::malformed, "the fields");
  if (!is_name(fields[0])) return refuse(Reason::malformed, "the name");
  auto expression = parse_expression(fields[2]);
  if (!expression) return std::unexpected(expression.error());
  const std::size_t count = fields.size() - kFieldsBefore;
  if (count > kSubsignaturesMax || highest_id(*expression) + std::size_t{1} != count) {
    return refuse(Reason::malformed, "the number of subsignatures");
  }
  auto conditions = parse_conditions(fields[1]);
  if (!conditions) return std::unexpected(conditions.error());
  auto subsignatures = parse_subsignatures(fields, conditions->target);
  if (!subsignatures) return std::unexpected(subsignatures.error());
  return Logical{.name{fields[0]},
                 .conditions = std::move(*conditions),
                 .expression = std::move(*expression),
                 .subsignatures = std::move(*subsignatures)};
}

std::optional<std::string> print(const Logical& logical) {
  std::string out =
      logical.name + ';' + print(logical.conditions) + ';' + print(logical.expression);
  for (const Subsignature& subsignature : logical.subsignatures) {
    const auto text = print(subsignature);
    if (!text) return std::nullopt;
    (out += ';') += *text;
  }
  return out;
}

}  // namespace amanat::signature
