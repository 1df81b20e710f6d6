#pragma once

// What a finding means for the person, in plain words, and what to do safely.
//
// Whoever is watched by somebody close may be in danger when the other notices: removing such an
// app alerts them. So the advice for stalkerware begins with safety and not with removal, as those
// who help say it (Coalition Against Stalkerware, stopstalkerware.org; Echap, echap.eu.org).

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "amanat/indicator/indicator.h"

namespace amanat::indicator {

struct Explanation {
  std::string_view heading;                  // "Stalkerware: somebody may be watching this phone"
  std::string_view what_it_can_do;           // one or two sentences
  std::span<const std::string_view> advice;  // in the order in which to read it
};

/// Lives as long as the program.
const Explanation& explain(ThreatClass threat_class);

/// What one permission lets an app do to the person.
struct Ability {
  std::string_view permission;  // as in a manifest, without "android.permission."
  std::string_view sentence;    // "It can listen through the microphone."
};

/// The abilities that these permissions give, most intrusive first, each once. Permissions without
/// a meaning for privacy are left out. Names may have any prefix: `android.permission.CAMERA`.
std::vector<Ability> abilities_of(std::span<const std::string> permissions);

}  // namespace amanat::indicator
