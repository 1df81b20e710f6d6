#include "programs/amanat_command.h"

#include <cstdio>
#include <cstdlib>
#include <unistd.h>

#include <fmt/format.h>

#include "amanat/codec/json.h"
#include "amanat/phone/session_refresh.h"
#include "amanat/phone/wording.h"

namespace amanat::command {
namespace {

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

phone::ProgressStyle style_of(const Options& options) {
  if (options.quiet) return phone::ProgressStyle::quiet;
  if (options.json) return phone::ProgressStyle::json;
  return ::isatty(STDERR_FILENO) == 1 ? phone::ProgressStyle::bar : phone::ProgressStyle::lines;
}

}  // namespace

Command::Command(const Options& given)
    : options(given),
      terminal(given.quiet || given.json),
      progress({.style = style_of(given),
                .width = phone::StdioTerminal().width(),
                .write = [](std::string_view bytes) {
                  std::fwrite(bytes.data(), 1, bytes.size(), stderr);
                  std::fflush(stderr);
                }}) {}

std::filesystem::path Command::home() const {
  if (!options.home.empty()) return options.home;
  if (const char* folder = std::getenv("AMANAT_HOME")) return folder;
  const char* user = std::getenv("HOME");
  return std::filesystem::path(user == nullptr ? "." : user) / ".local/share/amanat";
}

Result<phone::Session> Command::open_session() {
  auto session = phone::Session::open(home(), clock);
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

void Command::say(std::string_view text) {
  progress.clear();
  terminal.say(text);
}

int Command::end(const phone::ReportText& report, bool needs_attention) {
  progress.clear();
  if (options.json) {
    fmt::print("{}\n", json::to_text(report.json));
  } else {
    for (const std::string& line : report.lines) terminal.say(line);
  }
  return needs_attention ? kAttention : kDone;
}

int Command::fail_with(const Error& error) {
  progress.clear();
  if (options.json) {
    fmt::print("{}\n", json::to_text(json::Object{{"error", name_of(error.code)},
                                                  {"message", phone::printable(error.message)}}));
  }
  fmt::print(stderr, "amanat: {}\n", phone::printable(error.message));
  return exit_code_of(error.code);
}

}  // namespace amanat::command
