#pragma once

// Perl-compatible regular expressions with limits, over PCRE2.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "amanat/bytes/bytes.h"
#include "amanat/error/error.h"
#include "amanat/signature/logical.h"

namespace amanat::threat {

// ClamAV's own limits.
inline constexpr std::uint32_t kRegexMatchLimit = 100'000;
inline constexpr std::uint32_t kRegexDepthLimit = 2'000;

class CompiledRegex {
 public:
  /// Fails with invalid_input when PCRE2 does not understand it.
  static Result<CompiledRegex> compile(std::string_view expression,
                                       const signature::Regex::Flags& flags);
  CompiledRegex(CompiledRegex&&) noexcept;
  CompiledRegex& operator=(CompiledRegex&&) noexcept;
  CompiledRegex(const CompiledRegex&) = delete;
  CompiledRegex& operator=(const CompiledRegex&) = delete;
  ~CompiledRegex();

  struct Span {
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
  };
  /// The first match that begins at `from` or later, only there when `anchored`. Fails with
  /// unavailable when a limit was reached.
  Result<std::optional<Span>> find(ByteView text, std::uint64_t from, bool anchored) const;

 private:
  struct State;
  explicit CompiledRegex(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace amanat::threat
