#pragma once

// Errors say what the caller can do about them, and messages grow outward:
// "restoring phone: reading manifest 9f2c: signature does not match".
//
// A bad message from outside is an `Error`. A broken promise inside meets `ensure`, which says
// where and stops the process.

#include <cstdint>
#include <expected>
#include <optional>
#include <source_location>
#include <string>
#include <string_view>
#include <utility>

namespace amanat {

/// What the caller can do about a failure. The names travel on the wire (docs/api.md, Errors).
enum class Code : std::uint8_t {
  invalid_input,  // the request is malformed: fix it
  forged,         // a signature, tag or proof does not hold: keep the evidence
  denied,         // consent or policy says no: ask the person
  not_found,      // nothing has this name
  conflict,       // someone wrote first: read again, then decide
  unavailable,    // the other side is away: try later
  stale,          // expired, or older than what was seen: fetch a newer one
  corrupt,        // our own storage disagrees with itself: stop writing
};

/// The code's name as it travels on the wire: `invalid_input`, `forged`, ...
std::string_view name_of(Code code);

/// The code with this name; nothing when no code has it.
std::optional<Code> code_from_name(std::string_view name);

/// What went wrong. The message is lower case, has no full stop, and never holds a secret or
/// personal data, so that it can be logged anywhere.
struct Error {
  Code code = Code::invalid_input;
  std::string message;

  friend bool operator==(const Error&, const Error&) = default;
};

/// A value or the reason why there is none. Ignoring one is a compile error.
template <class T = void>
class [[nodiscard]] Result : public std::expected<T, Error> {
 public:
  using std::expected<T, Error>::expected;
};

/// Makes the failure that a function returns: `return fail(Code::not_found, "no such pack")`.
[[nodiscard]] inline std::unexpected<Error> fail(Code code, std::string message) {
  return std::unexpected<Error>(Error{code, std::move(message)});
}

/// Passes the failure of `result` up, saying what was being done: the code stays, the message
/// becomes "<doing>: <message>".
template <class T>
[[nodiscard]] std::unexpected<Error> carry(const Result<T>& result, std::string_view doing) {
  std::string message(doing);
  message += ": ";
  message += result.error().message;
  return std::unexpected<Error>(Error{result.error().code, std::move(message)});
}

/// Passes the failure of `result` up as it is.
template <class T>
[[nodiscard]] std::unexpected<Error> carry(const Result<T>& result) {
  return std::unexpected<Error>(result.error());
}

/// Stops the process when a promise made inside this program is broken.
///
///   promise   what must hold, as a sentence: "a pack stays within its quota"
void ensure(bool holds, std::string_view promise,
            std::source_location where = std::source_location::current());

}  // namespace amanat
