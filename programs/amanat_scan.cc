// The commands about threats.

#include <array>

#include <CLI/CLI.hpp>

#include "amanat/phone/politeness.h"
#include "amanat/phone/scan_command.h"
#include "amanat/phone/threat_database.h"
#include "programs/amanat_command.h"

namespace amanat::command {
namespace {

/// clamscan's codes: 0 nothing found, 1 a threat, 2 a problem.
int run_scan(Command& command) {
  auto examiner = start_examiner(command);
  if (!examiner) {
    command.fail_with(examiner.error());
    return kWrongUse;
  }
  std::vector<std::filesystem::path> paths(command.options.paths.begin(),
                                           command.options.paths.end());
  auto report = phone::scan_paths(**examiner, paths, {}, command.clock, command.progress);
  if (!report) {
    command.fail_with(report.error());
    return kWrongUse;
  }
  const int code = command.end(phone::report_text(*report, (*examiner)->database(), false),
                               report->has_threats());
  return code == kDone && !report->is_complete() ? kWrongUse : code;
}

int run_compile_threats(Command& command) {
  auto database = scan::Database::compile(command.options.folder);
  if (!database) return command.fail_with(database.error());
  if (auto saved = database->save(command.options.destination); !saved) {
    return command.fail_with(saved.error());
  }
  return command.end(phone::report_text(*database), false);
}

constexpr auto kCommands =
    std::to_array<Verb>({{"scan", run_scan}, {"compile-threats", run_compile_threats}});

}  // namespace

Result<scan::Database> open_threats(const Command& command) {
  const std::filesystem::path named = command.options.database;
  if (named.empty()) return phone::load_threats(command.home());
  if (std::filesystem::is_directory(named)) return scan::Database::compile(named);
  return scan::Database::open(named);
}

Result<std::unique_ptr<scan::Examiner>> start_examiner(const Command& command) {
  if (command.options.gentle) phone::be_gentle();  // a worker inherits it
  auto database = open_threats(command);
  if (!database) return carry(database);
  return scan::examine_in_worker(std::move(*database), {});
}

void add_scan_commands(CLI::App& app, Options& options) {
  auto* scan = app.add_subcommand("scan", "Look for threats; exit 0 none, 1 found, 2 problems");
  scan->add_option("path", options.paths)->required();
  scan->add_option("--database,--db", options.database,
                   "a compiled database, or a folder of signature files");
  scan->add_flag("--gentle", options.gentle, "give way to everything else on this machine");
  auto* compile = app.add_subcommand("compile-threats",
                                     "Make one mapped database of a folder of signature files");
  compile->add_option("folder", options.folder)->required();
  compile->add_option("database", options.destination, "the file to write")->required();
}

std::span<const Verb> scan_commands() { return kCommands; }

}  // namespace amanat::command
