#pragma once

// What every reader of a list does with what it finds: it takes an entry, or leaves it out with a
// reason. Nothing is dropped in silence: what is left is counted, and the first of each list named.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "amanat/indicator/indicator.h"

namespace amanat::indicator {

inline constexpr std::size_t kLeftNamedMax = 50;  // of one list

/// Why something in a list is not applied.
enum class Reason : std::uint8_t {
  malformed,            // no value of its kind
  several_comparisons,  // a pattern with AND, OR, FOLLOWEDBY or qualifiers
  other_comparison,     // !=, LIKE, MATCHES, IN, ...
  unknown_key,          // an observable that nothing here can show
  other_language,       // a pattern that is not STIX: YARA, Sigma, Snort
  revoked,              // its publisher took it back
  regular_expression,
  unknown_field,  // a field or column that may hold indicators
  shared_key,     // a certificate whose key is published
  unrecognised,   // a line that is no value of any kind
  too_many,
};
inline constexpr std::size_t kReasons = 11;

/// In words for people: "a pattern of several comparisons".
std::string_view describe(Reason reason);

struct LeftOut {
  Reason reason = Reason::malformed;
  std::string place = {};  // "line 12", "indicator--5531..."
  std::string what = {};   // the value or key, cut to 200 bytes
};

/// What came of one list.
struct SourceReport {
  std::string file = {};
  std::string format = {};    // "stix", "apps", "table", "list"
  std::uint64_t applied = 0;  // duplicates within the list included
  std::array<std::uint64_t, kReasons> left{};
  std::vector<LeftOut> named = {};  // the first kLeftNamedMax
  std::optional<Error> failure;     // the list as a whole could not be read

  std::uint64_t left_count() const;
};

/// Who published a list, and what its entries are taken for where they do not say it themselves.
struct Origin {
  std::string source = {};
  std::string licence = {};
  ThreatClass threat_class = ThreatClass::malware;
  std::string collection = {};  // of entries that name none
};

/// One list being read.
class Reading {
 public:
  /// All borrowed.
  Reading(Indicators::Builder& builder, const Origin& origin, SourceReport& report)
      : builder_(builder), origin_(origin), report_(report) {}

  const Origin& origin() const { return origin_; }
  const std::string& file() const { return report_.file; }

  /// Takes a value for a collection of this name (the origin's when empty); or leaves it.
  void take(Kind kind, std::string_view value, std::string_view collection,
            std::optional<ThreatClass> threat_class, std::string_view place);
  void take(Kind kind, std::string_view value, std::string_view collection,
            std::string_view place) {
    take(kind, value, collection, std::nullopt, place);
  }
  void leave(Reason reason, std::string_view place, std::string_view what);

 private:
  Indicators::Builder& builder_;
  const Origin& origin_;
  SourceReport& report_;
};

/// What a value looks like on its own: a digest, URL, e-mail address, IP address or host. Digests
/// are taken for files.
std::optional<Kind> recognise(std::string_view value);

/// `hxxp://evil[.]com` as it was before someone made it harmless to click.
std::string refang(std::string_view value);

}  // namespace amanat::indicator
