// amanat: the phone's side as one command.

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <unistd.h>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "amanat/clock/clock.h"
#include "amanat/codec/json.h"
#include "amanat/phone/check.h"
#include "amanat/phone/consent_flow.h"
#include "amanat/phone/enroll.h"
#include "amanat/phone/log_command.h"
#include "amanat/phone/protect.h"
#include "amanat/phone/recover.h"
#include "amanat/phone/report_text.h"
#include "amanat/phone/restore.h"
#include "amanat/phone/scan_command.h"
#include "amanat/phone/session_refresh.h"
#include "amanat/phone/status.h"
#include "amanat/phone/threat_database.h"
#include "amanat/phone/withdraw.h"
#include "amanat/phone/wording.h"
#include "amanat/scan/examiner.h"

namespace {

using namespace amanat;
using phone::Session;

// As promised in --help.
constexpr int kDone = 0;
constexpr int kAttention = 1;
constexpr int kWrongUse = 2;
constexpr int kDenied = 3;
constexpr int kUnavailable = 4;
constexpr int kDamaged = 5;

constexpr std::string_view kExitCodes =
    "Exit codes: 0 done; 1 done, and something needs attention: a threat, damage, an unreadable "
    "file; 2 wrong use or input; 3 denied; 4 the custodian is away; 5 forged or corrupt, with the "
    "evidence kept.";

struct Options {
  std::string home;
  bool json = false;
  bool quiet = false;

  std::string address, words, words_out, token;  // enroll, recover, withdraw
  std::string grant, language = "en", age;       // consent
  std::vector<std::string> paths;                // protect, scan
  bool cross_file_systems = false;               // protect
  std::string folder;                            // compile-threats
  std::string destination, only, pattern;        // restore
  bool overwrite = false, verify = false;        // restore
  std::string category;                          // withdraw
  bool gentle = false;                           // scan, protect
  bool all_match = false;                        // scan
  bool now = false, cancel = false;              // withdraw
  bool all = false;                              // check
  std::string bundle, export_folder, database;   // check, log, scan
};

int exit_code_of(Code code) {
  switch (code) {
    case Code::invalid_input:
    case Code::not_found:
    case Code::conflict: return kWrongUse;
    case Code::denied: return kDenied;
    case Code::unavailable: return kUnavailable;
    case Code::forged:
    case Code::stale:
    case Code::corrupt: return kDamaged;
  }
  return kDamaged;
}

/// What every command needs: where it works, how it speaks.
struct Command {
  const Options& options;
  SystemClock clock;
  phone::StdioTerminal terminal;
  phone::Progress progress;

  explicit Command(const Options& given)
      : options(given),
        terminal(given.quiet || given.json),
        progress({.style = style_of(given),
                  .width = phone::StdioTerminal().width(),
                  .write = [](std::string_view bytes) {
                    std::fwrite(bytes.data(), 1, bytes.size(), stderr);
                    std::fflush(stderr);
                  }}) {}

  static phone::ProgressStyle style_of(const Options& options) {
    if (options.quiet) return phone::ProgressStyle::quiet;
    if (options.json) return phone::ProgressStyle::json;
    return ::isatty(STDERR_FILENO) == 1 ? phone::ProgressStyle::bar : phone::ProgressStyle::lines;
  }

  std::filesystem::path home() const {
    if (!options.home.empty()) return options.home;
    if (const char* folder = std::getenv("AMANAT_HOME")) return folder;
    const char* user = std::getenv("HOME");
    return std::filesystem::path(user == nullptr ? "." : user) / ".local/share/amanat";
  }

  /// Opens the phone, ends what earlier commands left to be ended, and takes over what other
  /// devices did.
  Result<Session> open_session() {
    auto session = Session::open(home(), clock);
    if (!session) return session;
    auto refreshed = phone::refresh_session(*session);
    // What needs the custodian says itself that it is away.
    if (!refreshed && refreshed.error().code == Code::unavailable) return session;
    if (!refreshed) return carry(refreshed);
    for (const auto category : refreshed->withdrawn_elsewhere) {
      say(fmt::format("Another device withdrew the consent for {}.", consent::name_of(category)));
    }
    for (const auto category : refreshed->given_elsewhere) {
      say(fmt::format("Another device gave a consent for {}.", consent::name_of(category)));
    }
    for (const auto category : refreshed->completed) {
      say(fmt::format("The withdrawal of {} is complete.", consent::name_of(category)));
    }
    for (const auto category : refreshed->withdraw_again) {
      say(fmt::format(
          "A recovery with older words took back what withdrew {0}: to withdraw it after all, run "
          "amanat withdraw {0}.",
          consent::name_of(category)));
    }
    return session;
  }

  void say(std::string_view text) {
    progress.clear();
    terminal.say(text);
  }

  /// Ends a command: its report as lines or as one JSON object.
  int end(const phone::ReportText& report, bool needs_attention) {
    progress.clear();
    if (options.json) {
      fmt::print("{}\n", json::to_text(report.json));
    } else {
      for (const std::string& line : report.lines) terminal.say(line);
    }
    return needs_attention ? kAttention : kDone;
  }

  int fail_with(const Error& error) {
    progress.clear();
    if (options.json) {
      fmt::print("{}\n", json::to_text(json::Object{{"error", name_of(error.code)},
                                                    {"message", phone::printable(error.message)}}));
    }
    fmt::print(stderr, "amanat: {}\n", phone::printable(error.message));
    return exit_code_of(error.code);
  }
};

std::optional<std::filesystem::path> path_or_none(const std::string& text) {
  if (text.empty()) return std::nullopt;
  return std::filesystem::path(text);
}

int run_enroll(Command& command) {
  phone::EnrollOptions options{.address = command.options.address,
                               .home = command.home(),
                               .words_out = path_or_none(command.options.words_out),
                               .token = {}};
  if (!command.options.token.empty()) options.token = command.options.token;
  auto report = phone::enroll(options, command.terminal, command.clock);
  if (!report) return command.fail_with(report.error());
  return command.end(phone::report_text(*report), false);
}

int run_recover(Command& command) {
  auto report = phone::recover({.address = command.options.address,
                                .home = command.home(),
                                .words = path_or_none(command.options.words)},
                               command.terminal, command.clock);
  if (!report) return command.fail_with(report.error());
  return command.end(phone::report_text(*report), false);
}

/// "photos,contacts" as a set; says which word is none.
Result<consent::CategorySet> read_categories(const std::string& text) {
  consent::CategorySet categories;
  std::string_view left = text;
  while (!left.empty()) {
    const std::size_t comma = left.find(',');
    const std::string_view word = left.substr(0, comma);
    const auto category = consent::category_from_name(word);
    if (!category) {
      return fail(Code::invalid_input, fmt::format("{} is no category: see amanat consent --help",
                                                   phone::printable(word)));
    }
    categories.insert(*category);
    left.remove_prefix(comma == std::string_view::npos ? left.size() : comma + 1);
  }
  return categories;
}

Result<consent::Category> read_category(const std::string& text) {
  const auto category = consent::category_from_name(text);
  if (category) return *category;
  return fail(Code::invalid_input,
              fmt::format("{} is no category: see amanat consent --help", phone::printable(text)));
}

int run_consent(Command& command) {
  phone::ConsentOptions options{.grant = {}, .language = command.options.language};
  if (!command.options.grant.empty()) {
    auto categories = read_categories(command.options.grant);
    if (!categories) return command.fail_with(categories.error());
    options.grant = *categories;
  }
  if (command.options.age == "under") options.age_class = consent::AgeClass::under_age;
  if (command.options.age == "of-age") options.age_class = consent::AgeClass::of_age;
  auto session = command.open_session();
  if (!session) return command.fail_with(session.error());
  auto report = phone::ask_consent(*session, options, command.terminal);
  if (!report) return command.fail_with(report.error());
  return command.end(phone::report_text(*report), false);
}

/// The database that is named, compiled or not, or the phone's own.
Result<scan::Database> open_threats(const Command& command) {
  const std::filesystem::path named = command.options.database;
  if (named.empty()) return phone::load_threats(command.home());
  if (std::filesystem::is_directory(named)) return scan::Database::compile(named);
  return scan::Database::open(named);
}

int run_protect(Command& command) {
  auto session = command.open_session();
  if (!session) return command.fail_with(session.error());
  auto database = open_threats(command);
  if (!database) return command.fail_with(database.error());
  auto examiner = scan::examine_in_worker(std::move(*database),
                                          {.limits = {}, .is_gentle = command.options.gentle});
  if (!examiner) return command.fail_with(examiner.error());
  int worst = kDone;
  for (const std::string& path : command.options.paths) {
    auto report = phone::protect(*session,
                                 {.folder = path,
                                  .cross_file_systems = command.options.cross_file_systems,
                                  .examiner = examiner->get()},
                                 command.progress);
    if (!report) return command.fail_with(report.error());
    worst = std::max(worst, command.end(phone::report_text(*report), report->needs_attention()));
  }
  return worst;
}

int run_restore(Command& command) {
  phone::RestoreOptions options{.destination = command.options.destination,
                                .only = {},
                                .pattern = {},
                                .overwrite = command.options.overwrite,
                                .verify = command.options.verify};
  if (!command.options.only.empty()) {
    auto category = read_category(command.options.only);
    if (!category) return command.fail_with(category.error());
    options.only = *category;
  }
  if (!command.options.pattern.empty()) options.pattern = command.options.pattern;
  auto session = command.open_session();
  if (!session) return command.fail_with(session.error());
  auto report = phone::restore(*session, options, command.progress);
  if (!report) return command.fail_with(report.error());
  return command.end(phone::report_text(*report), report->needs_attention());
}

int run_withdraw(Command& command) {
  auto category = read_category(command.options.category);
  if (!category) return command.fail_with(category.error());
  auto session = command.open_session();
  if (!session) return command.fail_with(session.error());
  auto report = command.options.cancel
                    ? phone::cancel_withdrawal(*session, *category)
                    : phone::withdraw(*session,
                                      {.category = *category,
                                       .now = command.options.now,
                                       .words = path_or_none(command.options.words),
                                       .words_out = path_or_none(command.options.words_out)},
                                      command.terminal);
  if (!report) return command.fail_with(report.error());
  return command.end(phone::report_text(*report, command.options.cancel), false);
}

int run_status(Command& command) {
  auto session = command.open_session();
  if (!session) return command.fail_with(session.error());
  auto report = phone::read_status(*session);
  if (!report) return command.fail_with(report.error());
  return command.end(phone::report_text(*report), false);
}

int run_check(Command& command) {
  auto session = command.open_session();
  if (!session) return command.fail_with(session.error());
  auto report = phone::check(
      *session, {.all = command.options.all, .bundle = path_or_none(command.options.bundle)},
      command.progress);
  if (!report) return command.fail_with(report.error());
  return command.end(phone::report_text(*report), report->needs_attention());
}

/// clamscan's codes: 0 nothing found, 1 a threat, 2 a problem.
int run_scan(Command& command) {
  auto database = open_threats(command);
  if (!database) {
    command.fail_with(database.error());
    return kWrongUse;
  }
  auto examiner = scan::examine_in_worker(
      std::move(*database),
      {.limits = {},
       .stop = command.options.all_match ? scan::Stop::end : scan::Stop::first_threat,
       .is_gentle = command.options.gentle});
  if (!examiner) {
    command.fail_with(examiner.error());
    return kWrongUse;
  }
  std::vector<std::filesystem::path> paths(command.options.paths.begin(),
                                           command.options.paths.end());
  auto report = phone::scan_paths(**examiner, paths, command.progress);
  if (!report) {
    command.fail_with(report.error());
    return kWrongUse;
  }
  const int code =
      command.end(phone::report_text(*report, (*examiner)->database()), report->has_threats());
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

int run_log(Command& command) {
  auto session = command.open_session();
  if (!session) return command.fail_with(session.error());
  auto events = phone::list_log(session->records());
  if (!events) return command.fail_with(events.error());
  std::uint64_t exported = 0;
  if (!command.options.export_folder.empty()) {
    auto count = phone::export_proofs(session->records(), command.options.export_folder);
    if (!count) return command.fail_with(count.error());
    exported = *count;
  }
  return command.end(phone::report_text(*events, exported), false);
}

void add_ways_in_and_out(CLI::App& app, Options& options) {
  auto* enroll = app.add_subcommand("enroll", "Make a vault at a custodian, and 24 words");
  enroll->add_option("address", options.address, "https://host:port#sha256=<policy hash>")
      ->required();
  enroll->add_option("--words-out", options.words_out,
                     "write the words into this file instead of showing them");
  enroll->add_option("--token", options.token, "what the custodian asks of new accounts");

  auto* recover = app.add_subcommand("recover", "Bring a vault to a new phone, with its words");
  recover->add_option("address", options.address, "https://host:port#sha256=<policy hash>")
      ->required();
  recover->add_option("--words", options.words, "a file with the words; - for standard input");

  auto* withdraw = app.add_subcommand("withdraw", "Take a consent back: its data closes for good");
  withdraw->add_option("category", options.category)->required();
  withdraw->add_flag("--now", options.now, "at once and for good, with the present words");
  withdraw->add_flag("--cancel", options.cancel, "within 72 h: change your mind");
  withdraw->add_option("--words", options.words, "a file with the present words");
  withdraw->add_option("--words-out", options.words_out, "a file for the new words");
}

void add_data(CLI::App& app, Options& options) {
  auto* consent = app.add_subcommand("consent", "Read what is asked, and answer for each category");
  consent->add_option("--grant", options.grant,
                      "exactly these, for scripts: photos,videos,audio,contacts,messages,call-log,"
                      "calendar,location,health,email,documents,apps,app-data,browsing,"
                      "diagnostics,other");
  consent->add_option("--language", options.language)->capture_default_str();
  consent->add_option("--age", options.age, "under or of-age, where the law asks")
      ->check(CLI::IsMember({"under", "of-age"}));

  auto* protect = app.add_subcommand("protect", "Seal what a consent covers, and send it");
  protect->add_option("folder", options.paths)->required();
  protect->add_flag("--cross-file-systems", options.cross_file_systems,
                    "follow into other file systems");

  auto* restore = app.add_subcommand("restore", "Bring everything back, or a part");
  restore->add_option("destination", options.destination)->required();
  restore->add_option("--only", options.only, "one category");
  restore->add_option("--path", options.pattern, "a pattern: DCIM, '*.jpg'");
  restore->add_flag("--overwrite", options.overwrite, "replace files that are there and differ");
  restore->add_flag("--verify", options.verify, "look into files that are there, not at times");
}

void add_insight(CLI::App& app, Options& options) {
  app.add_subcommand("status", "What is kept, what stays here and why");
  auto* check = app.add_subcommand("check", "Check what the custodian keeps and what it signed");
  check->add_flag("--all", options.all, "read and open every pack");
  check->add_option("--bundle", options.bundle, "write what a verifier may see");
  auto* scan = app.add_subcommand("scan", "Look for threats; exit 0 none, 1 found, 2 problems");
  scan->add_option("path", options.paths)->required();
  scan->add_option("--database,--db", options.database,
                   "a compiled database, or a folder of signature files");
  scan->add_flag("--gentle", options.gentle, "give way to everything else on this machine");
  scan->add_flag("--all-match", options.all_match, "tell every threat of a file, not the first");
  auto* compile = app.add_subcommand("compile-threats",
                                     "Make one mapped database of a folder of signature files");
  compile->add_option("folder", options.folder)->required();
  compile->add_option("database", options.destination, "the file to write")->required();
  auto* log = app.add_subcommand("log", "What this phone had logged");
  log->add_option("--export", options.export_folder, "write a proof of each entry here");
}

int run(CLI::App& app, const Options& options) {
  Command command(options);
  if (app.got_subcommand("enroll")) return run_enroll(command);
  if (app.got_subcommand("consent")) return run_consent(command);
  if (app.got_subcommand("protect")) return run_protect(command);
  if (app.got_subcommand("restore")) return run_restore(command);
  if (app.got_subcommand("withdraw")) return run_withdraw(command);
  if (app.got_subcommand("recover")) return run_recover(command);
  if (app.got_subcommand("status")) return run_status(command);
  if (app.got_subcommand("check")) return run_check(command);
  if (app.got_subcommand("scan")) return run_scan(command);
  if (app.got_subcommand("compile-threats")) return run_compile_threats(command);
  return run_log(command);
}

}  // namespace

int main(int argc, char** argv) {
  // A worker of the scanner: this program again, confined (amanat/scan/examiner.h).
  const std::span arguments(argv, static_cast<std::size_t>(argc));
  if (argc > 1 && std::string_view(arguments[1]) == scan::kExamineCommand) {
    return scan::serve_examiner(argc > 2 && std::string_view(arguments[2]) == "gentle");
  }
  Options options;
  CLI::App app("Keeps a phone's data with a custodian that cannot read it.");
  app.footer(std::string(kExitCodes));
  app.require_subcommand(1);
  app.add_option("--home", options.home, "the phone's folder; default $AMANAT_HOME");
  app.add_flag("--json", options.json, "one JSON object at the end, progress as JSON lines");
  app.add_flag("--quiet", options.quiet, "say nothing that is not asked for");
  app.fallthrough();  // these may stand after the command
  add_ways_in_and_out(app, options);
  add_data(app, options);
  add_insight(app, options);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kDone : kWrongUse;
  }
  return run(app, options);
}
