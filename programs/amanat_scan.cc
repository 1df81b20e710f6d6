// The commands about threats: scan, watch, compile-threats.

#include <algorithm>
#include <array>
#include <csignal>
#include <ctime>
#include <poll.h>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "amanat/indicator/load.h"
#include "amanat/phone/device_check.h"
#include "amanat/phone/home.h"
#include "amanat/phone/politeness.h"
#include "amanat/phone/quarantine_threat.h"
#include "amanat/phone/repeat.h"
#include "amanat/phone/scan_command.h"
#include "amanat/phone/threat_database.h"
#include "amanat/phone/watch_command.h"
#include "programs/amanat_command.h"

namespace amanat::command {
namespace {

volatile std::sig_atomic_t stop_asked = 0;

/// From now on SIGINT and SIGTERM end the work in hand; a second one ends the program.
void stop_when_asked() {
  struct sigaction action{};
  action.sa_handler = [](int) { stop_asked = 1; };
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
}

bool should_stop() { return stop_asked != 0; }

/// Returns early when a signal comes.
void sleep_for(std::chrono::milliseconds time) {
  if (should_stop()) return;
  ::poll(nullptr, 0, static_cast<int>(time.count()));
}

/// What scanning needs besides the examiner; lives as long as the scans.
struct ScanWorld {
  std::optional<phone::VerdictCache> cache;
  std::optional<phone::Pacer> pacer;
  phone::ScanOptions options;
};

scan::Stop stop_of(const Command& command) {
  return command.options.all_match ? scan::Stop::end : scan::Stop::first_threat;
}

void prepare(const Command& command, ScanWorld& world) {
  world.cache = open_verdicts(command);
  if (world.cache) world.options.cache = &*world.cache;
  if (command.options.gentle) {
    world.pacer.emplace(phone::Pace{},
                        phone::Pacer::World{.sleep = sleep_for, .should_stop = should_stop});
    world.options.pacer = &*world.pacer;
  }
  world.options.stop = stop_of(command);
  world.options.put_away = put_away_by(command);
  world.options.should_stop = should_stop;
}

std::vector<std::filesystem::path> paths_of(const std::vector<std::string>& texts) {
  return {texts.begin(), texts.end()};
}

/// What lists of indicators say about the same paths.
struct DeviceAnswer {
  indicator::Loaded lists;
  phone::DeviceReport report;

  bool is_complete() const {
    return std::ranges::none_of(lists.lists,
                                [](const auto& list) { return list.failure.has_value(); });
  }
};

Result<DeviceAnswer> check_with_indicators(Command& command, scan::Examiner& examiner) {
  auto loaded = indicator::load_indicators(paths_of(command.options.indicators));
  if (!loaded) return carry(loaded, "reading lists of indicators");
  auto report =
      phone::check_device(paths_of(command.options.paths), loaded->indicators, command.progress,
                          {.read_package = [&](const phone::OpenFile& file) {
                            return examiner.read_app_file(file.descriptor());
                          }});
  if (!report) return carry(report);
  return DeviceAnswer{std::move(*loaded), std::move(*report)};
}

int fail_scan(Command& command, const Error& error) {
  command.fail_with(error);
  return kWrongUse;
}

/// One scan from the beginning: a database that was replaced since the last one is used.
int scan_once(Command& command) {
  auto examiner = start_examiner(command);
  if (!examiner) return fail_scan(command, examiner.error());
  ScanWorld world;
  prepare(command, world);
  auto report = phone::scan_paths(**examiner, paths_of(command.options.paths), world.options,
                                  command.clock, command.progress);
  if (!report) return fail_scan(command, report.error());
  // Where nothing was examined nothing has grown.
  if (world.cache && report->files != report->unchanged_files) {
    (void)world.cache->expire(command.clock.now());
  }
  auto text = phone::report_text(*report, (*examiner)->database(), command.options.explain);
  bool is_found = report->has_threats();
  bool is_complete = report->is_complete();
  if (!command.options.indicators.empty() && !should_stop()) {
    auto device = check_with_indicators(command, **examiner);
    if (!device) return fail_scan(command, device.error());
    auto more = phone::report_text(device->report, device->lists);
    text.lines.insert(text.lines.end(), more.lines.begin(), more.lines.end());
    text.json.emplace_back("device", std::move(more.json));
    is_found = is_found || !device->report.findings.empty();
    is_complete = is_complete && device->is_complete();
  }
  const int code = command.end(text, is_found);
  return code == kDone && !is_complete ? kWrongUse : code;
}

/// clamscan's codes: 0 nothing found, 1 a threat, 2 a problem.
int run_scan(Command& command) {
  stop_when_asked();
  if (command.options.every.empty()) return scan_once(command);
  auto interval = phone::parse_interval(command.options.every);
  if (!interval) return fail_scan(command, interval.error());
  int code = kDone;
  phone::repeat_every(*interval, command.clock,
                      {.act =
                           [&] {
                             if (should_stop()) return false;
                             code = scan_once(command);
                             return !should_stop();
                           },
                       .sleep = sleep_for});
  return code;
}

int run_watch(Command& command) {
  stop_when_asked();
  auto examiner = start_examiner(command);
  if (!examiner) return fail_scan(command, examiner.error());
  ScanWorld world;
  prepare(command, world);
  const auto tell = [&](const phone::ScannedFile& file) {
    if (command.options.json) {
      fmt::print("{}\n", json::to_text(phone::finding_json(file)));
    } else {
      command.say(phone::finding_line(file));
    }
    std::fflush(stdout);
  };
  const auto on_start = [&](const phone::Watch& watch) {
    command.say(fmt::format("Watching by {}.", watch.source()));
    std::fflush(stdout);
  };
  auto report = phone::watch_folders(**examiner,
                                     {.folders = paths_of(command.options.paths),
                                      .home = command.home(),
                                      .scan = world.options,
                                      .watch = {},
                                      .on_start = on_start,
                                      .on_finding = tell},
                                     command.clock);
  if (!report) return fail_scan(command, report.error());
  return command.end(phone::report_text(*report), report->threats != 0);
}

int run_compile_threats(Command& command) {
  auto database = scan::Database::compile(command.options.folder);
  if (!database) return command.fail_with(database.error());
  if (auto saved = database->save(command.options.destination); !saved) {
    return command.fail_with(saved.error());
  }
  return command.end(phone::report_text(*database), false);
}

constexpr auto kCommands = std::to_array<Verb>({{"scan", run_scan},
                                                {"watch", run_watch},
                                                {"quarantine", run_quarantine},
                                                {"compile-threats", run_compile_threats}});

void add_threat_options(CLI::App& command, Options& options) {
  command.add_option("--database,--db", options.database,
                     "a compiled database, or a folder of signature files");
  command.add_flag("--gentle", options.gentle, "give way to everything else on this machine");
  command.add_flag("--no-cache", options.no_cache, "examine everything, known or not");
  add_quarantine_flags(command, options);
}

// A home that cannot be made is no reason not to scan: then nothing is remembered.
std::optional<phone::VerdictCache> open_cache(const Command& command) {
  if (!phone::Home::make_folders(command.home())) return {};
  auto cache = phone::VerdictCache::open(command.home() / "verdicts.db");
  return cache ? std::optional(std::move(*cache)) : std::nullopt;
}

}  // namespace

Result<scan::Database> open_threats(const Command& command) {
  const std::filesystem::path named = command.options.database;
  if (named.empty()) return phone::load_threats(command.home());
  if (std::filesystem::is_directory(named)) return scan::Database::compile(named);
  auto cache = open_cache(command);
  return phone::open_named_threats(named, cache ? &*cache : nullptr, command.clock);
}

std::optional<phone::VerdictCache> open_verdicts(const Command& command) {
  if (command.options.no_cache) return {};
  return open_cache(command);
}

Result<std::unique_ptr<scan::Examiner>> start_examiner(const Command& command, bool when_needed) {
  if (command.options.gentle) phone::be_gentle();  // a worker inherits it
  auto database = open_threats(command);
  if (!database) return carry(database);
  scan::WorkerOptions options;
  options.stop = stop_of(command);
  options.when_needed = when_needed;
  return scan::examine_in_worker(std::move(*database), options);
}

phone::PutThreatAway put_away_by(const Command& command) {
  if (!command.options.quarantine && !command.options.quarantine_stalkerware) return {};
  const phone::ThreatPolicy policy{.home = command.home(),
                                   .stalkerware_too = command.options.quarantine_stalkerware};
  return [policy, &command](const std::filesystem::path& path, const phone::FileStamp& examined,
                            const scan::Verdict& verdict) {
    return phone::put_threat_away(policy, path, examined, verdict, command.clock.now());
  };
}

void add_quarantine_flags(CLI::App& command, Options& options) {
  command.add_flag("--quarantine", options.quarantine,
                   "put threats away: sealed, and to be given back (amanat quarantine)");
  command.add_flag("--quarantine-stalkerware", options.quarantine_stalkerware,
                   "stalkerware too, although who installed it may be alerted");
}

void add_scan_commands(CLI::App& app, Options& options) {
  auto* scan = app.add_subcommand("scan", "Look for threats; exit 0 none, 1 found, 2 problems");
  scan->add_option("path", options.paths)->required();
  add_threat_options(*scan, options);
  scan->add_option("--indicators", options.indicators,
                   "lists of spyware and stalkerware, files or folders: compared with apps, "
                   "messages, browsing histories and files")
      ->expected(1);
  scan->add_flag("--all-match", options.all_match, "tell every threat of a file, not the first");
  scan->add_flag("--explain", options.explain, "what threats can do to you, and what to do");
  scan->add_option("--every", options.every, "again and again: 30m, 24h, 7d");
  auto* watch = app.add_subcommand("watch", "Examine files as they arrive, until interrupted");
  watch->add_option("folder", options.paths)->required();
  add_threat_options(*watch, options);
  add_quarantine_command(app, options);
  auto* compile = app.add_subcommand("compile-threats",
                                     "Make one mapped database of a folder of signature files");
  compile->add_option("folder", options.folder)->required();
  compile->add_option("database", options.destination, "the file to write")->required();
}

std::span<const Verb> scan_commands() { return kCommands; }

}  // namespace amanat::command
