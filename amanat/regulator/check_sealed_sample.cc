#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "amanat/regulator/checks.h"
#include "amanat/seal/pack.h"

namespace amanat::regulator {
namespace {

// The chi-squared statistic of 4,096 uniform bytes has mean 255 and deviation 22.6; 500 is beyond
// what chance gives in 10^15 leaves, and far below text, images or zeros.
constexpr double kChiSquaredMax = 500.0;

double chi_squared(ByteView bytes) {
  std::array<double, 256> counts{};
  for (const std::uint8_t byte : bytes) counts[byte] += 1.0;
  const double expected = static_cast<double>(bytes.size()) / 256.0;
  double sum = 0.0;
  for (const double count : counts) sum += (count - expected) * (count - expected) / expected;
  return sum;
}

bool leads_to_pack(const api::LeafAnswers::Answer& answer, std::uint64_t leaf,
                   const seal::Object& object) {
  const merkle::Root root{.leaves = std::uint64_t{object.frames} * 16 + 1,
                          .hash = merkle::Hash::from(object.pack.bytes()).value()};
  return !answer.missing
         && merkle::verify_inclusion(merkle::hash_leaf(answer.leaf), leaf, answer.path, root);
}

std::optional<std::string> problem_of_header(ByteView leaf, const seal::Object& object) {
  const auto header = seal::PackHeader::parse(leaf);
  if (!header) return header.error().message;
  if (header->frames != object.frames || header->compartment != object.compartment
      || header->generation != object.generation) {
    return "its header says other than what was signed";
  }
  return {};
}

}  // namespace

Finding check_sealed_sample(const Case& judged) {
  Finding finding;
  finding.check = "sealed-sample";
  std::uint64_t headers = 0;
  std::uint64_t leaves = 0;
  std::uint64_t missing = 0;
  std::uint64_t violating = 0;
  std::uint64_t random = 0;
  const auto look = [&](const DrawnLeaf& drawn) {
    const seal::Object& object = judged.objects.at(drawn.probe.position).opened->object();
    const auto found = judged.answers.leaves.find({drawn.index, drawn.leaf});
    // What does not lead to the pack id is for storage-challenge to refute.
    if (found == judged.answers.leaves.end()
        || !leads_to_pack(found->second.answer, drawn.leaf, object)) {
      ++missing;
      return;
    }
    const ByteView leaf = found->second.answer.leaf;
    std::optional<std::string> problem;
    if (drawn.leaf == std::uint64_t{object.frames} * seal::kFrameLeaves) {
      ++headers;
      problem = problem_of_header(leaf, object);
    } else {
      ++leaves;
      if (chi_squared(leaf) > kChiSquaredMax) problem = "its bytes do not look random";
    }
    if (!problem) return;
    ++violating;
    finding.exchanges.push_back(found->second.exchange);
    refute(finding, fmt::format("object {}: {}", drawn.index, *problem), drawn.index);
  };
  for (const DrawnLeaf& drawn : judged.header_leaves()) look(drawn);
  for (const DrawnLeaf& drawn : judged.drawn_leaves()) {
    look(drawn);
    random += drawn.probe.random ? 1U : 0U;
  }
  finding.sample = Sample{.population = judged.log.objects().size(),
                          .examined = random - std::min(random, missing),
                          .violating = violating,
                          .whole = false,
                          .of = "leaves"};
  settle(judged, finding, Verdict::consistent_with, missing,
         fmt::format("{} pack headers have the form that was signed, {} leaves look random",
                     headers, leaves));
  if (finding.verdict == Verdict::consistent_with && headers + leaves == 0) {
    finding.verdict = Verdict::not_examined;
    finding.reason = judged.objects.empty() ? "nothing was stored"
                                            : "no object of the sample could be looked into: they "
                                              "are erased, or were not opened";
  }
  return finding;
}

}  // namespace amanat::regulator
