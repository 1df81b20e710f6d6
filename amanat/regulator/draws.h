#pragma once

// Which objects and leaves a run asks for. Neither side can choose them: the seed mixes a nonce of
// the verifier, fixed by its hash before, with a checkpoint that the custodian signed after
// (docs/format.md §13).

#include <cstdint>
#include <string_view>
#include <vector>

#include "amanat/api/messages.h"
#include "amanat/crypto/crypto.h"

namespace amanat::regulator {

inline constexpr std::uint32_t kSamplesUsual = 459;       // fewer than 1 % at 99 %
inline constexpr std::uint64_t kProbeAllBelow = 100'000;  // objects
inline constexpr std::size_t kProbesMax = 32'768;         // of one run: 200 MB of evidence

class Draws {
 public:
  /// checkpoint_body: the signed text of C, without its signatures.
  Draws(std::string_view checkpoint_body, const api::AuditNonce& nonce);

  /// A number below `bound`, the same for everyone who knows the seed.
  std::uint64_t draw(std::string_view label, std::uint64_t number, std::uint64_t bound) const;

 private:
  crypto::Hash seed_;
};

/// One probe: its number decides its leaf.
struct Probe {
  std::uint64_t number = 0;
  std::uint64_t position = 0;  // among the object_store entries, in order of the log
  bool random = true;          // drawn, and not added so that every object is probed
};

/// `samples` random draws of `objects`, then, below kProbeAllBelow, the objects not drawn yet in
/// order of the log; their numbers go on from the last random draw. At most kProbesMax.
std::vector<Probe> choose_probes(const Draws& draws, std::uint64_t objects, std::uint32_t samples);

/// At most `samples` of `population` things, ascending: all when there are so few.
std::vector<std::uint64_t> choose_some(const Draws& draws, std::string_view label,
                                       std::uint64_t population, std::uint32_t samples);

}  // namespace amanat::regulator
