// amanat-regulator: asks a custodian, judges its answers, and keeps the evidence.

#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "amanat/clock/clock.h"
#include "amanat/regulator/regulator.h"

namespace {

using namespace amanat;

// As promised in --help.
constexpr int kDone = 0;
constexpr int kRefuted = 1;
constexpr int kWrongUse = 2;
constexpr int kUnanswered = 3;
constexpr int kUnreachable = 4;

constexpr std::string_view kExitCodes =
    "Exit codes: 0 nothing is refuted; 1 something is refuted; 2 wrong use; 3 nothing is refuted, "
    "but something was not answered; 4 the custodian cannot be reached.";

int report_error(const Error& error) {
  fmt::print(stderr, "amanat-regulator: {}\n", error.message);
  const bool is_away = error.code == Code::unavailable || error.code == Code::forged;
  return is_away ? kUnreachable : kWrongUse;
}

struct Options {
  std::string state = "var/regulator";
  std::string address;
  std::vector<std::string> bundles;
  std::string evidence;
  std::string replayed;
  bool json = false;
  std::uint32_t samples = regulator::kSamplesUsual;
};

int print_key(const Options& options) {
  const auto signer = regulator::open_auditor_key(options.state);
  if (!signer) return report_error(signer.error());
  fmt::print("{}\n", signer->public_key().hex());
  return kDone;
}

int print_report(const regulator::Report& report, bool json) {
  if (json) {
    fmt::print("{}\n", json::to_pretty_text(regulator::to_json(report)));
  } else {
    fmt::print("{}", regulator::to_table(report));
  }
  if (report.is_refuted()) return kRefuted;
  return report.is_unanswered() ? kUnanswered : kDone;
}

Result<std::vector<regulator::Bundle>> read_bundles(const std::vector<std::string>& paths) {
  std::vector<regulator::Bundle> bundles;
  for (const std::string& path : paths) {
    const auto bytes = regulator::read_file(path, regulator::kBundleBytesMax);
    if (!bytes) return carry(bytes, "reading a bundle");
    auto bundle = regulator::parse_bundle(as_text(*bytes));
    if (!bundle) return carry(bundle);
    bundles.push_back(*std::move(bundle));
  }
  return bundles;
}

/// A run that refuted nothing becomes the yardstick of the next.
Result<> remember(const Options& options, const regulator::Evidence& evidence,
                  const regulator::Report& report) {
  const bool has_log = report.log_size > 0;
  if (report.is_refuted() || !has_log) return {};
  return regulator::remember_checkpoint(options.state, evidence.pinned, evidence.checkpoint);
}

int verify(const Options& options) {
  auto address = api::parse_enrol_address(options.address);
  if (!address) return report_error(address.error());
  const auto auditor = regulator::open_auditor_key(options.state);
  if (!auditor) return report_error(auditor.error());
  auto bundles = read_bundles(options.bundles);
  if (!bundles) return report_error(bundles.error());
  auto remembered = regulator::recall_checkpoint(options.state, address->policy);
  if (!remembered) return report_error(remembered.error());

  const SystemClock clock;
  const auto evidence = regulator::gather({.address = *std::move(address),
                                           .samples = options.samples,
                                           .remembered = *std::move(remembered),
                                           .bundles = *std::move(bundles)},
                                          *auditor, clock);
  if (!evidence) return report_error(evidence.error());
  // The evidence is kept before anything is said about it.
  if (!options.evidence.empty()) {
    const std::string text = regulator::to_text(*evidence);
    const auto kept = regulator::write_file(options.evidence, as_bytes(text));
    if (!kept) return report_error(kept.error());
  }
  const auto report = regulator::judge(*evidence);
  if (!report) return report_error(report.error());
  if (auto kept = remember(options, *evidence, *report); !kept) return report_error(kept.error());
  return print_report(*report, options.json);
}

int replay(const Options& options) {
  const auto bytes = regulator::read_file(options.replayed, regulator::kEvidenceBytesMax);
  if (!bytes) return report_error(bytes.error());
  const auto evidence = regulator::parse_evidence(as_text(*bytes));
  if (!evidence) return report_error(evidence.error());
  const auto report = regulator::judge(*evidence);
  if (!report) return report_error(report.error());
  return print_report(*report, options.json);
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app("Verifies a custodian from outside, and says what nobody can verify.");
  app.footer(std::string(kExitCodes));
  app.require_subcommand(1);
  const auto add_state = [&options](CLI::App* command) {
    command->add_option("--state", options.state, "folder of the auditor's key and memory")
        ->capture_default_str();
  };
  auto* key = app.add_subcommand("key", "Print the public key to give to `amanatd auditor add`");
  add_state(key);
  auto* verifying = app.add_subcommand("verify", "Ask a custodian and judge its answers");
  add_state(verifying);
  verifying->add_option("address", options.address, "https://host:port#sha256=…")->required();
  verifying->add_option("--bundles", options.bundles, "receipts that phones have handed over");
  verifying->add_option("--evidence", options.evidence, "keep what was seen in this file");
  verifying->add_option("--samples", options.samples, "random draws")
      ->capture_default_str()
      ->check(CLI::Range(std::uint32_t{1}, regulator::kSamplesMax));
  verifying->add_flag("--json", options.json, "for programs");
  auto* replaying = app.add_subcommand("replay", "Judge kept evidence again, offline");
  replaying->add_option("file", options.replayed, "what --evidence wrote")->required();
  replaying->add_flag("--json", options.json, "for programs");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kDone : kWrongUse;
  }
  if (key->parsed()) return print_key(options);
  return verifying->parsed() ? verify(options) : replay(options);
}
