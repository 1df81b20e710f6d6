// amanat: the phone's side as one command.

#include <span>
#include <string>
#include <string_view>

#include <CLI/CLI.hpp>

#include "amanat/scan/examiner.h"
#include "programs/amanat_command.h"

using namespace amanat;
using namespace amanat::command;

namespace {

constexpr std::string_view kExitCodes =
    "Exit codes: 0 done; 1 done, and something needs attention: a threat, damage, an unreadable "
    "file; 2 wrong use or input; 3 denied; 4 the custodian is away; 5 forged or corrupt, with the "
    "evidence kept.";

int run(const CLI::App& app, const Options& options) {
  Command command(options);
  for (const auto verbs : {vault_commands(), scan_commands()}) {
    for (const Verb& verb : verbs) {
      if (app.got_subcommand(std::string(verb.name))) return verb.run(command);
    }
  }
  return kWrongUse;
}

}  // namespace

int main(int argc, char** argv) {
  // A worker of the scanner: this program again, confined (amanat/scan/examiner.h).
  const std::span arguments(argv, static_cast<std::size_t>(argc));
  if (argc > 1 && std::string_view(arguments[1]) == scan::kExamineCommand) {
    return scan::serve_examiner();
  }
  Options options;
  CLI::App app("Keeps a phone's data with a custodian that cannot read it.");
  app.footer(std::string(kExitCodes));
  app.require_subcommand(1);
  app.add_option("--home", options.home, "the phone's folder; default $AMANAT_HOME");
  app.add_flag("--json", options.json, "one JSON object at the end, progress as JSON lines");
  app.add_flag("--quiet", options.quiet, "say nothing that is not asked for");
  app.fallthrough();  // these may stand after the command
  add_vault_commands(app, options);
  add_scan_commands(app, options);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kDone : kWrongUse;
  }
  return run(app, options);
}
