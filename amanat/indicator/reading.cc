#include "amanat/indicator/reading.h"

#include <numeric>

#include "amanat/indicator/spelling.h"

namespace amanat::indicator {
namespace {

constexpr std::size_t kWhatBytesMax = 200;

}  // namespace

std::string_view describe(Reason reason) {
  switch (reason) {
    case Reason::malformed: return "not a value of its kind";
    case Reason::several_comparisons: return "a pattern of several comparisons";
    case Reason::other_comparison: return "a comparison other than equality";
    case Reason::unknown_key: return "a thing that cannot be observed here";
    case Reason::other_language: return "a pattern in another language";
    case Reason::revoked: return "revoked by its publisher";
    case Reason::regular_expression: return "a regular expression";
    case Reason::unknown_field: return "a field that is not known";
    case Reason::shared_key: return "a certificate whose key everybody has";
    case Reason::unrecognised: return "no value of any known kind";
    case Reason::too_many: return "more entries than fit";
  }
  return "unknown";
}

std::uint64_t SourceReport::left_count() const {
  return std::accumulate(left.begin(), left.end(), std::uint64_t{0});
}

void Reading::take(Kind kind, std::string_view value, std::string_view collection,
                   std::optional<ThreatClass> threat_class, std::string_view place) {
  using Added = Indicators::Builder::Added;
  const std::uint32_t position = builder_.collection(
      {.name = std::string(collection.empty() ? std::string_view(origin_.collection) : collection),
       .threat_class = threat_class.value_or(origin_.threat_class),
       .source = origin_.source,
       .licence = origin_.licence});
  switch (builder_.add(kind, value, position)) {
    case Added::taken: ++report_.applied; return;
    case Added::malformed: leave(Reason::malformed, place, value); return;
    case Added::shared_key: leave(Reason::shared_key, place, value); return;
    case Added::full: leave(Reason::too_many, place, value); return;
  }
}

void Reading::leave(Reason reason, std::string_view place, std::string_view what) {
  ++report_.left[static_cast<std::size_t>(reason)];
  if (report_.named.size() >= kLeftNamedMax) return;
  report_.named.push_back({.reason = reason,
                           .place = std::string(place),
                           .what = std::string(what.substr(0, kWhatBytesMax))});
}

std::optional<Kind> recognise(std::string_view value) {
  for (const Kind kind : {Kind::file_md5, Kind::file_sha1, Kind::file_sha256, Kind::url,
                          Kind::email, Kind::ip_address, Kind::domain}) {
    if (spell(kind, value)) return kind;
  }
  return std::nullopt;
}

std::string refang(std::string_view value) {
  std::string out;
  out.reserve(value.size());
  for (std::size_t at = 0; at < value.size();) {
    if (value.substr(at).starts_with("[.]") || value.substr(at).starts_with("(.)")) {
      out.push_back('.');
      at += 3;
    } else {
      out.push_back(value[at++]);
    }
  }
  if (out.starts_with("hxxp")) out.replace(0, 4, "http");
  return out;
}

}  // namespace amanat::indicator
