#include "amanat/signature/reasons.h"

#include <array>

namespace amanat::signature {
namespace {
constexpr auto kDescriptions = std::to_array<std::string_view>({
    "the line breaks the grammar",
    "a comment or an empty line",
    "the line is too long",
    "a part of the pattern is too short to search for",
    "the pattern would cost too much to search for",
    "for newer engines only",
    "for older engines only",
    "unknown target type",
    "unknown condition",
    "unknown type of file",
    "nothing here evaluates this",
});
static_assert(kDescriptions.size() == kReasonCount);
}  // namespace

std::string_view describe(Reason reason) {
  return kDescriptions.at(static_cast<std::size_t>(reason));
}

}  // namespace amanat::signature
