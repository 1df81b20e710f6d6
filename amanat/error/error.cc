#include "amanat/error/error.h"

#include <array>
#include <cstdio>
#include <cstdlib>

namespace amanat {
namespace {
constexpr auto kNames =
    std::to_array<std::string_view>({"invalid_input", "forged", "denied", "not_found", "conflict",
                                     "unavailable", "stale", "corrupt"});
}  // namespace

std::string_view name_of(Code code) { return kNames.at(static_cast<std::size_t>(code)); }

std::optional<Code> code_from_name(std::string_view name) {
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (kNames.at(i) == name) return static_cast<Code>(i);
  }
  return std::nullopt;
}

void ensure(bool holds, std::string_view promise, std::source_location where) {
  if (holds) return;
  std::fprintf(stderr, "%s:%u: broken promise: %.*s\n", where.file_name(),
               static_cast<unsigned>(where.line()), static_cast<int>(promise.size()),
               promise.data());
  std::abort();
}

}  // namespace amanat
