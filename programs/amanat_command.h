#pragma once

// What the commands of `amanat` share: the options, where they work, how they speak and end.

#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "amanat/clock/clock.h"
#include "amanat/phone/progress.h"
#include "amanat/phone/report_text.h"
#include "amanat/phone/scan_command.h"
#include "amanat/phone/session.h"
#include "amanat/phone/terminal.h"
#include "amanat/scan/examiner.h"

namespace CLI {
class App;
}

namespace amanat::command {

// As promised in --help.
inline constexpr int kDone = 0;
inline constexpr int kAttention = 1;
inline constexpr int kWrongUse = 2;
inline constexpr int kDenied = 3;
inline constexpr int kUnavailable = 4;
inline constexpr int kDamaged = 5;

/// What the command line says; each command reads its own.
struct Options {
  std::string home;
  bool json = false;
  bool quiet = false;

  std::string address, words, words_out, token;             // enroll, recover, withdraw
  std::string grant, language = "en", age;                  // consent
  std::vector<std::string> paths;                           // protect, scan
  bool cross_file_systems = false;                          // protect
  std::string folder;                                       // compile-threats
  std::string destination, only, pattern;                   // restore
  bool overwrite = false, verify = false;                   // restore
  std::string category;                                     // withdraw
  bool gentle = false;                                      // scan, protect
  bool now = false, cancel = false;                         // withdraw
  bool all = false;                                         // check
  bool quarantine = false, quarantine_stalkerware = false;  // scan, watch, protect
  bool no_cache = false, explain = false;                   // scan, watch
  bool all_match = false;                                   // scan
  std::vector<std::string> indicators;                      // scan
  std::string every;                                        // scan
  std::string action, id;                                   // quarantine
  std::string bundle, export_folder, database;              // check, log, scan
};

/// What every command needs.
struct Command {
  const Options& options;
  SystemClock clock;
  phone::StdioTerminal terminal;
  phone::Progress progress;

  explicit Command(const Options& given);

  std::filesystem::path home() const;

  /// Opens the phone, ends what earlier commands left to be ended, and takes over what other
  /// devices did.
  Result<phone::Session> open_session();

  void say(std::string_view text);

  /// Ends a command: its report as lines or as one JSON object.
  int end(const phone::ReportText& report, bool needs_attention);

  int fail_with(const Error& error);
};

/// One command by its name.
struct Verb {
  std::string_view name;
  int (*run)(Command&);
};

void add_vault_commands(CLI::App& app, Options& options);
std::span<const Verb> vault_commands();

void add_scan_commands(CLI::App& app, Options& options);
std::span<const Verb> scan_commands();

void add_quarantine_command(CLI::App& app, Options& options);
int run_quarantine(Command& command);

/// The database that is named, compiled or not, or the phone's own.
Result<scan::Database> open_threats(const Command& command);

/// A worker with that database, which gives way where that is asked for; started when a file has to
/// be examined, or now.
Result<std::unique_ptr<scan::Examiner>> start_examiner(const Command& command,
                                                       bool when_needed = true);

/// What was found earlier; nothing when that is not wanted or cannot be had.
std::optional<phone::VerdictCache> open_verdicts(const Command& command);

void add_quarantine_flags(CLI::App& command, Options& options);
/// What the flags ask for; empty when threats are to stay. Borrows the command.
phone::PutThreatAway put_away_by(const Command& command);

}  // namespace amanat::command
