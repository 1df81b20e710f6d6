#include "amanat/regulator/draws.h"

#include <set>

#include "amanat/codec/codec.h"

namespace amanat::regulator {

Draws::Draws(std::string_view checkpoint_body, const api::AuditNonce& nonce)
    : seed_(crypto::sha256(
          {as_bytes("amanat/challenge/v1"), as_bytes(checkpoint_body), nonce.bytes()})) {}

std::uint64_t Draws::draw(std::string_view label, std::uint64_t number, std::uint64_t bound) const {
  codec::Writer writer;
  writer.u64(number);
  const auto hash = crypto::sha256({seed_.bytes(), as_bytes(label), writer.bytes()});
  codec::Reader reader(hash.bytes());
  __extension__ using Wide = unsigned __int128;
  return static_cast<std::uint64_t>((static_cast<Wide>(reader.u64()) * bound) >> 64U);
}

std::vector<Probe> choose_probes(const Draws& draws, std::uint64_t objects, std::uint32_t samples) {
  std::vector<Probe> probes;
  if (objects == 0) return probes;
  std::set<std::uint64_t> drawn;
  for (std::uint64_t k = 0; k < samples && probes.size() < kProbesMax; ++k) {
    const std::uint64_t position = draws.draw("object", k, objects);
    probes.push_back({.number = k, .position = position, .random = true});
    drawn.insert(position);
  }
  if (objects >= kProbeAllBelow) return probes;
  std::uint64_t number = samples;
  for (std::uint64_t position = 0; position < objects; ++position) {
    if (probes.size() >= kProbesMax) break;
    if (drawn.contains(position)) continue;
    probes.push_back({.number = number++, .position = position, .random = false});
  }
  return probes;
}

std::vector<std::uint64_t> choose_some(const Draws& draws, std::string_view label,
                                       std::uint64_t population, std::uint32_t samples) {
  std::set<std::uint64_t> chosen;
  if (population <= samples) {
    for (std::uint64_t i = 0; i < population; ++i) chosen.insert(chosen.end(), i);
  } else {
    for (std::uint64_t k = 0; k < samples; ++k) chosen.insert(draws.draw(label, k, population));
  }
  return {chosen.begin(), chosen.end()};
}

}  // namespace amanat::regulator
