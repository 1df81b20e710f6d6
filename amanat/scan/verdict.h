#pragma once

// What a scan says about one file.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "amanat/bytes/bytes.h"
#include "amanat/error/error.h"
#include "amanat/threat/labels.h"
#include "amanat/threat/objects_met.h"

namespace amanat::scan {

struct Verdict {
  enum class Kind : std::uint8_t {
    clean,              // all of it was looked at, and nothing was found
    threat,             // something was found; the rest was not looked at, unless asked for
    not_fully_scanned,  // a limit, an encryption or damage stood in the way
    not_examined,       // the process that examined it came to an end
  };
  Kind kind = Kind::clean;
  threat::Class threat_class = threat::Class::malware;  // of a threat
  std::string signature;                                // of a threat: "Eicar-Test-Signature"
  std::string source;  // of a threat: the list that has the signature, "clamav/main.ldb"
  std::string inside;  // where in containers: "assets/a.com", "b.zip!/c.txt"; empty for the file
  std::string reason;  // why not clean and no threat, in words without personal data
  std::uint64_t position = 0;  // of a threat found by bytes: where they begin in the object
  /// What lay in the file: from it a new database can tell whether its new signatures could change
  /// this verdict.
  threat::ObjectsMet met;
  /// When all threats were asked for: those behind the first, without others of their own.
  std::vector<Verdict> others{};

  friend bool operator==(const Verdict&, const Verdict&) = default;
};

/// So many threats of one file are told at most.
inline constexpr std::size_t kThreatsMax = 1000;

/// "clean", "threat", "not_fully_scanned", "not_examined".
std::string_view name_of(Verdict::Kind kind);

/// A verdict as a worker answers it.
///
///   struct { uint8 kind; uint8 class; uint64 position; opaque met<0..8192>;
///            opaque signature<0..2^16-1>; opaque source<0..2^16-1>;
///            opaque inside<0..2^16-1>; opaque reason<0..2^16-1>;
///            uint16 count; Verdict others[count]; } Verdict;
Bytes encode(const Verdict& verdict);
/// Fails with invalid_input on everything `encode` cannot have written.
Result<Verdict> parse_verdict(ByteView bytes);

}  // namespace amanat::scan
