#include "amanat/threat/signature_delta.h"

#include <algorithm>

#include "amanat/threat/inventory.h"

namespace amanat::threat {
namespace {

bool any_size_is_in(const std::vector<std::uint32_t>& sizes, const SizeSet& seen) {
  return std::ranges::any_of(sizes, [&](std::uint32_t size) { return seen.may_contain(size); });
}

bool any_holds(const std::vector<Scope>& scopes, const ObjectsMet& met) {
  return std::ranges::any_of(scopes, [&](const Scope& scope) { return scope.may_hold(met); });
}

}  // namespace

bool Scope::may_hold(const ObjectsMet& met) const {
  if (target != 0 && !met.has_target(target)) return false;
  if (container != 0 && !met.has_container(container)) return false;
  return !asks_size || met.sizes.may_contain_between(size[0], size[1]);
}

bool SignatureDelta::is_empty() const {
  return !everything && !fewer_allowed && !any_section && !imports && sizes.empty()
         && section_sizes.empty() && digests.empty() && bodies.empty() && members.empty();
}

bool SignatureDelta::could_match(const ObjectsMet& met, const crypto::Hash& digest) const {
  if (everything || (fewer_allowed && met.was_allowed)) return true;
  // Digests of what lies inside are not kept.
  if (!digests.empty()
      && (met.containers != 0
          || std::ranges::binary_search(digests, first_eight(digest.bytes())))) {
    return true;
  }
  if (imports && met.has_target(static_cast<std::uint8_t>(signature::Target::pe))) return true;
  if (any_section && !met.sections.empty()) return true;
  if (any_size_is_in(sizes, met.sizes) || any_size_is_in(section_sizes, met.sections)) return true;
  if (any_holds(bodies, met)) return true;
  return met.containers != 0 && any_holds(members, met);
}

}  // namespace amanat::threat
