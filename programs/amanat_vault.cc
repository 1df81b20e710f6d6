// The commands about the vault: getting in and out, keeping, looking.

#include <algorithm>
#include <array>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "amanat/phone/check.h"
#include "amanat/phone/consent_flow.h"
#include "amanat/phone/enroll.h"
#include "amanat/phone/log_command.h"
#include "amanat/phone/protect.h"
#include "amanat/phone/recover.h"
#include "amanat/phone/restore.h"
#include "amanat/phone/status.h"
#include "amanat/phone/withdraw.h"
#include "amanat/phone/wording.h"
#include "programs/amanat_command.h"

namespace amanat::command {
namespace {

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

int run_protect(Command& command) {
  auto session = command.open_session();
  if (!session) return command.fail_with(session.error());
  auto examiner = start_examiner(command);
  if (!examiner) return command.fail_with(examiner.error());
  auto verdicts = open_verdicts(command);
  int worst = kDone;
  for (const std::string& path : command.options.paths) {
    auto report = phone::protect(*session,
                                 {.folder = path,
                                  .cross_file_systems = command.options.cross_file_systems,
                                  .examiner = examiner->get(),
                                  .put_away = put_away_by(command),
                                  .cache = verdicts ? &*verdicts : nullptr},
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
  // What holds a worker only a worker can tell.
  auto examiner = start_examiner(command, false);
  const auto confinement = examiner ? scan::confinement_of(**examiner) : std::nullopt;
  if (confinement) report->sandbox = sandbox::describe(*confinement);
  if (!examiner) report->sandbox = "the scanner does not start: " + examiner.error().message;
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
  add_quarantine_flags(*protect, options);

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
  auto* log = app.add_subcommand("log", "What this phone had logged");
  log->add_option("--export", options.export_folder, "write a proof of each entry here");
}

constexpr auto kCommands = std::to_array<Verb>({{"enroll", run_enroll},
                                                {"consent", run_consent},
                                                {"protect", run_protect},
                                                {"restore", run_restore},
                                                {"withdraw", run_withdraw},
                                                {"recover", run_recover},
                                                {"status", run_status},
                                                {"check", run_check},
                                                {"log", run_log}});

}  // namespace

void add_vault_commands(CLI::App& app, Options& options) {
  add_ways_in_and_out(app, options);
  add_data(app, options);
  add_insight(app, options);
}

std::span<const Verb> vault_commands() { return kCommands; }

}  // namespace amanat::command
