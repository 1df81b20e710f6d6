#include "amanat/regulator/verdict.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace amanat::regulator {
namespace {
constexpr double kMissed = 0.01;  // 1 - confidence
constexpr std::size_t kKeptEntriesMax = 64;
}  // namespace

std::string_view name_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::verified: return "verified";
    case Verdict::consistent_with: return "consistent with";
    case Verdict::self_reported: return "self-reported";
    case Verdict::refuted: return "refuted";
    case Verdict::unanswered: return "unanswered";
    case Verdict::not_examined: return "not examined";
  }
  return "not examined";
}

std::string in_words(const Sample& sample) {
  if (sample.whole) {
    return fmt::format("{} of all {} {} violate", sample.violating, sample.population, sample.of);
  }
  if (sample.examined == 0) return fmt::format("no {} examined", sample.of);
  if (sample.violating > 0) {
    return fmt::format("{} of {} sampled {} violate", sample.violating, sample.examined, sample.of);
  }
  // A share f of violators stays unseen in n draws with probability (1 - f)^n.
  const double share = 1.0 - std::pow(kMissed, 1.0 / static_cast<double>(sample.examined));
  const double percent = std::ceil(share * 10'000.0 - 1e-9) / 100.0;
  return fmt::format("0 of {} sampled {} violate: fewer than {:.2f} % do, at 99 %", sample.examined,
                     sample.of, percent);
}

void refute(Finding& finding, std::string reason, std::uint64_t entry) {
  if (finding.verdict != Verdict::refuted) finding.reason = std::move(reason);
  finding.verdict = Verdict::refuted;
  if (finding.entries.size() < kKeptEntriesMax
      && std::ranges::find(finding.entries, entry) == finding.entries.end()) {
    finding.entries.push_back(entry);
  }
}

bool Report::is_refuted() const {
  return std::ranges::any_of(findings,
                             [](const Finding& f) { return f.verdict == Verdict::refuted; });
}

bool Report::is_unanswered() const {
  return std::ranges::any_of(findings,
                             [](const Finding& f) { return f.verdict == Verdict::unanswered; });
}

}  // namespace amanat::regulator
