#include "amanat/threat/regex.h"

#define PCRE2_CODE_UNIT_WIDTH 8  // NOLINT: the library asks for it
#include <pcre2.h>

namespace amanat::threat {

struct CompiledRegex::State {
  pcre2_code* code = nullptr;
  pcre2_match_data* data = nullptr;
  pcre2_match_context* limits = nullptr;

  State() = default;
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() {
    pcre2_match_context_free(limits);
    pcre2_match_data_free(data);
    pcre2_code_free(code);
  }
};

namespace {
std::uint32_t options_of(const signature::Regex::Flags& flags) {
  std::uint32_t options = PCRE2_NEVER_UTF | PCRE2_NEVER_BACKSLASH_C;
  if (flags.caseless) options |= PCRE2_CASELESS;
  if (flags.dotall) options |= PCRE2_DOTALL;
  if (flags.multiline) options |= PCRE2_MULTILINE;
  if (flags.extended) options |= PCRE2_EXTENDED;
  if (flags.anchored) options |= PCRE2_ANCHORED;
  if (flags.dollar_endonly) options |= PCRE2_DOLLAR_ENDONLY;
  if (flags.ungreedy) options |= PCRE2_UNGREEDY;
  return options;
}
}  // namespace

CompiledRegex::CompiledRegex(std::unique_ptr<State> state) : state_(std::move(state)) {}
CompiledRegex::CompiledRegex(CompiledRegex&&) noexcept = default;
CompiledRegex& CompiledRegex::operator=(CompiledRegex&&) noexcept = default;
CompiledRegex::~CompiledRegex() = default;

Result<CompiledRegex> CompiledRegex::compile(std::string_view expression,
                                             const signature::Regex::Flags& flags) {
  auto state = std::make_unique<State>();
  int error = 0;
  std::size_t where = 0;
  state->code = pcre2_compile(reinterpret_cast<PCRE2_SPTR>(expression.data()), expression.size(),
                              options_of(flags), &error, &where, nullptr);
  if (state->code == nullptr) {
    return fail(Code::invalid_input, "the regular expression is not understood");
  }
  state->data = pcre2_match_data_create(1, nullptr);
  state->limits = pcre2_match_context_create(nullptr);
  ensure(state->data != nullptr && state->limits != nullptr, "there is memory for an expression");
  pcre2_set_match_limit(state->limits, kRegexMatchLimit);
  pcre2_set_depth_limit(state->limits, kRegexDepthLimit);
  return CompiledRegex(std::move(state));
}

Result<std::optional<CompiledRegex::Span>> CompiledRegex::find(ByteView text, std::uint64_t from,
                                                               bool anchored) const {
  if (from > text.size()) return std::nullopt;
  const int found = pcre2_match(state_->code, text.data(), text.size(), from,
                                anchored ? PCRE2_ANCHORED : 0U, state_->data, state_->limits);
  if (found == PCRE2_ERROR_NOMATCH) return std::nullopt;
  if (found < 0) return fail(Code::unavailable, "the regular expression reached its limit");
  const std::size_t* ends = pcre2_get_ovector_pointer(state_->data);
  return Span{ends[0], ends[1]};
}

}  // namespace amanat::threat
