// amanatd: the custodian as a daemon.

#include <csignal>
#include <cstdio>
#include <fstream>
#include <string>
#include <sys/resource.h>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <pthread.h>

#include "amanat/clock/clock.h"
#include "amanat/custodian/auditor_records.h"
#include "amanat/custodian/custodian.h"
#include "amanat/custodian/folder.h"
#include "amanat/custodian/schema.h"

namespace {

using namespace amanat;
using custodian::Custodian;

// As promised in --help.
constexpr int kDone = 0;
constexpr int kAttention = 1;
constexpr int kWrongUse = 2;
constexpr int kDenied = 3;
constexpr int kUnavailable = 4;
constexpr int kDamaged = 5;

constexpr std::string_view kExitCodes =
    "Exit codes: 0 done; 1 check found damage; 2 wrong use; 4 the folder, disk or port cannot be "
    "had; 5 the store contradicts itself.";

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

int report(const Error& error) {
  fmt::print(stderr, "amanatd: {}\n", error.message);
  return exit_code_of(error.code);
}

struct Options {
  std::string data = "var/custodian";
  std::string listen = "127.0.0.1:8443";
  std::vector<std::string> hosts;
  std::string region, maker, origin, token_file;
  std::uint64_t quota_gb = 64;
  double erase_days = 7;
  std::vector<std::string> auditors;
  std::string auditor;
};

/// The first line of a file that only its owner should be able to read.
Result<std::string> read_token(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  if (!std::getline(file, line) || line.empty()) {
    return fail(Code::invalid_input, "the token file is empty or cannot be read");
  }
  return line;
}

Result<custodian::Settings> read_settings(const Options& options) {
  custodian::Settings settings;
  settings.folder = options.data;
  if (!options.origin.empty()) settings.origin = options.origin;
  if (!options.maker.empty()) settings.maker = options.maker;
  if (!options.region.empty()) {
    settings.region = tlog::region_from_name(options.region);
    if (!settings.region) return fail(Code::invalid_input, "the region is not in the registry");
  }
  if (!options.token_file.empty()) {
    auto token = read_token(options.token_file);
    if (!token) return carry(token);
    settings.token = *std::move(token);
  }
  settings.quota_bytes = options.quota_gb << 30U;
  settings.erase_within = std::chrono::hours(static_cast<std::int64_t>(options.erase_days * 24));
  return settings;
}

/// host:port, where an IPv6 address stands in brackets.
Result<custodian::ServeOptions> read_listen(const Options& options) {
  custodian::ServeOptions serve;
  const auto colon = options.listen.rfind(':');
  const std::string port = colon == std::string::npos ? "" : options.listen.substr(colon + 1);
  const bool is_number = !port.empty() && port.size() <= 5
                         && port.find_first_not_of("0123456789") == std::string::npos;
  if (!is_number || std::stoul(port) > 65'535) {
    return fail(Code::invalid_input, "--listen takes address:port, like 127.0.0.1:8443");
  }
  serve.address = options.listen.substr(0, colon);
  if (serve.address.starts_with('[') && serve.address.ends_with(']')) {
    serve.address = serve.address.substr(1, serve.address.size() - 2);
  }
  serve.port = static_cast<std::uint16_t>(std::stoul(port));
  serve.hosts = options.hosts;
  return serve;
}

/// A log that cannot be written stops nobody's work.
void log_line(const std::string& line) {
  [[maybe_unused]] const auto written = std::fwrite(line.data(), 1, line.size(), stderr);
}

void log_access(const api::AccessRecord& record) {
  log_line(fmt::format(R"({{"method":"{}","route":"{}","status":{},"received":{},"sent":{},)"
                       R"("ms":{}}})"
                       "\n",
                       api::name_of(record.method), record.route, record.status, record.received,
                       record.sent, record.duration.count() / 1000));
}

void log_sweep(const custodian::SweepReport& report) {
  if (!report.failures.empty()) {
    log_line(fmt::format(R"({{"sweep":"failed","code":"{}","failures":{}}})"
                         "\n",
                         name_of(report.failures.front().code), report.failures.size()));
  }
  if (report.uncommitted + report.keyrings + report.erased + report.orphans + report.left == 0) {
    return;
  }
  log_line(fmt::format(
      R"({{"sweep":"done","uncommitted":{},"keyrings":{},"erased":{},"orphans":{},"left":{}}})"
      "\n",
      report.uncommitted, report.keyrings, report.erased, report.orphans, report.left));
}

/// Each connection and each reader takes descriptors: as many as we may have.
void raise_file_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

/// Signals that end the process are waited for, never handled at a random moment.
sigset_t block_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);  // whoever read our log may be gone
  return signals;
}

int serve(const Options& options) {
  const sigset_t signals = block_signals();
  raise_file_limit();
  auto settings = read_settings(options);
  if (!settings) return report(settings.error());
  auto listen = read_listen(options);
  if (!listen) return report(listen.error());
  listen->access_log = log_access;
  listen->sweep_log = log_sweep;

  const SystemClock clock;
  auto opened = Custodian::open(*std::move(settings), clock);
  if (!opened) return report(opened.error());
  for (const std::string& text : options.auditors) {
    const auto key = custodian::parse_auditor_key(text);
    if (!key) return report(key.error());
    if (auto added = (*opened)->add_auditor(*key); !added) return report(added.error());
  }
  auto serving = custodian::serve(**opened, *std::move(listen));
  if (!serving) return report(serving.error());
  fmt::print("{}\nlistening on {}\n", api::to_text((*serving)->address()), options.listen);
  std::fflush(stdout);

  int signal = 0;
  sigwait(&signals, &signal);
  (*serving)->stop(std::chrono::seconds(10));
  return kDone;
}

int print_address(const Options& options) {
  const auto address = custodian::read_address(options.data);
  if (!address) return report(address.error());
  fmt::print("{}\n", *address);
  return kDone;
}

/// Beside a running server: SQLite lets the two take turns.
Result<store::Database> open_records(const Options& options) {
  const std::filesystem::path path = std::filesystem::path(options.data) / "custodian.db";
  std::error_code error;
  if (!std::filesystem::exists(path, error)) {
    return fail(Code::not_found, "there is no custodian in this folder: start it once");
  }
  return store::Database::open(path, {.migrations = custodian::schema()});
}

int add_auditor(const Options& options) {
  const auto key = custodian::parse_auditor_key(options.auditor);
  if (!key) return report(key.error());
  auto database = open_records(options);
  if (!database) return report(database.error());
  auto added = custodian::insert_auditor(*database, *key, SystemClock().now());
  if (!added) return report(added.error());
  return kDone;
}

int list_auditors(const Options& options) {
  auto database = open_records(options);
  if (!database) return report(database.error());
  const auto keys = custodian::list_auditors(*database);
  if (!keys) return report(keys.error());
  for (const auto& key : *keys) fmt::print("{}\n", key.hex());
  return kDone;
}

int check(const Options& options) {
  const SystemClock clock;
  custodian::Settings settings;
  settings.folder = options.data;
  settings.only_look = true;
  auto opened = Custodian::open(std::move(settings), clock);
  if (!opened) return report(opened.error());
  const auto found = custodian::check_store(**opened);
  if (!found) return report(found.error());
  for (const std::string& problem : found->problems) fmt::print("damaged: {}\n", problem);
  fmt::print("{} entries in the log, {} packs read, {} problems\n", found->entries, found->packs,
             found->problems.size());
  return found->problems.empty() ? kDone : kAttention;
}

void add_serve(CLI::App& app, Options& options) {
  auto* command = app.add_subcommand("serve", "Serve phones and verifiers until SIGTERM or SIGINT");
  command->add_option("--listen", options.listen, "address:port")->capture_default_str();
  command->add_option("--host", options.hosts,
                      "a name phones reach us by; the first is in the enrol address");
  command->add_option("--region", options.region, "where the data lies; fixed at the first start");
  command->add_option("--maker", options.maker, "the name in the notices");
  command->add_option("--origin", options.origin, "name of the log; fixed at the first start");
  command->add_option("--token-file", options.token_file,
                      "a file with the token that opening an account needs");
  command->add_option("--quota-gb", options.quota_gb, "space of one account, in GiB")
      ->capture_default_str()
      ->check(CLI::Range(1, 1 << 20));
  command
      ->add_option("--erase-days", options.erase_days,
                   "erase within this many days after a withdrawal has waited")
      ->capture_default_str()
      ->check(CLI::Range(0.0, 365.0));
  command->add_option("--auditor", options.auditors, "public key that may ask for openings");
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app("Keeps what phones seal, refuses what no consent covers, and logs every step.");
  app.footer(std::string(kExitCodes));
  app.require_subcommand(1);
  app.add_option("--data", options.data, "data folder")->capture_default_str();
  app.fallthrough();  // --data may stand after the command
  add_serve(app, options);
  app.add_subcommand("address", "Print the address that phones enrol with");
  auto* auditor = app.add_subcommand("auditor", "Who may ask for openings");
  auditor->require_subcommand(1);
  auditor->add_subcommand("add", "Let this key ask; works while serving")
      ->add_option("key", options.auditor, "Ed25519 public key, hex or base64")
      ->required();
  auditor->add_subcommand("list", "Print the keys");
  app.add_subcommand("check", "Read everything that is stored and compare it with the log");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kDone : kWrongUse;
  }

  if (app.got_subcommand("serve")) return serve(options);
  if (app.got_subcommand("address")) return print_address(options);
  if (app.got_subcommand("check")) return check(options);
  return auditor->got_subcommand("add") ? add_auditor(options) : list_auditors(options);
}
