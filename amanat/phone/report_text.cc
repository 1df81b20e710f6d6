#include "amanat/phone/report_text.h"

#include <fmt/format.h>

#include "amanat/phone/report_parts.h"
#include "amanat/phone/wording.h"

namespace amanat::phone {
namespace {

std::string words_of(consent::CategorySet categories) {
  std::string text;
  for (const consent::Category category : categories) {
    if (!text.empty()) text += ", ";
    text += consent::name_of(category);
  }
  return text.empty() ? "nothing" : text;
}

json::Array names_of(consent::CategorySet categories) {
  json::Array names;
  for (const consent::Category category : categories) {
    names.emplace_back(consent::name_of(category));
  }
  return names;
}

std::string show_left(const LeftThing& thing) {
  return printable(thing.path) + ": " + printable(thing.reason);
}

json::Array json_of(const std::vector<LeftThing>& things) {
  json::Array array;
  for (const LeftThing& thing : things) {
    array.emplace_back(
        json::Object{{"path", printable(thing.path)}, {"reason", printable(thing.reason)}});
  }
  return array;
}

void tell_of_witnesses(ReportText& text, std::uint32_t quorum) {
  if (quorum == 0) {
    text.lines.emplace_back(
        "No witness watches this custodian's log: that it shows everyone the same log is its "
        "word.");
  }
}

}  // namespace

ReportText report_text(const EnrollReport& report) {
  ReportText text;
  text.lines.push_back(fmt::format("Enrolled. The custodian keeps data in: {}.",
                                   report.region.empty() ? "no stated place" : report.region));
  tell_of_witnesses(text, report.quorum);
  text.lines.emplace_back("Next: amanat consent");
  text.json = {{"account", report.account.hex()},
               {"device", report.device.hex()},
               {"policy", report.policy.hex()},
               {"region", report.region},
               {"quorum", report.quorum}};
  return text;
}

ReportText report_text(const RecoverReport& report) {
  ReportText text;
  text.lines.push_back(
      fmt::format("The vault is open on this phone. Consents: {}.", words_of(report.active)));
  if (report.went_back) {
    text.lines.emplace_back(
        "Newer words were waiting to replace these. They are void now; what was sealed or agreed "
        "to "
        "since they were made may be missing.");
  }
  if (!report.waiting.empty()) {
    text.lines.push_back(fmt::format(
        "Withdrawn lately: {}. To keep it after all: amanat withdraw CATEGORY --cancel; to let it "
        "go: amanat withdraw CATEGORY.",
        words_of(report.waiting)));
  }
  if (!report.rollback_excluded) {
    text.lines.emplace_back(
        "No witness vouches for the log: a custodian that shows an older state of the vault cannot "
        "be told from an honest one.");
  }
  text.lines.emplace_back("Next: amanat restore FOLDER");
  text.json = {{"account", report.account.hex()},
               {"device", report.device.hex()},
               {"keyring", report.keyring_version},
               {"consents", names_of(report.active)},
               {"waiting", names_of(report.waiting)},
               {"went_back", report.went_back},
               {"rollback_excluded", report.rollback_excluded}};
  return text;
}

ReportText report_text(const ConsentReport& report) {
  ReportText text;
  text.lines.push_back(fmt::format("Given now: {}.", words_of(report.given)));
  if (!report.refused.empty()) {
    text.lines.push_back(fmt::format("Refused now: {}.", words_of(report.refused)));
  }
  text.lines.push_back(fmt::format("In force: {}.", words_of(report.active)));
  text.json = {{"given", names_of(report.given)},
               {"refused", names_of(report.refused)},
               {"active", names_of(report.active)}};
  return text;
}

ReportText report_text(const WithdrawReport& report, bool is_cancelled) {
  ReportText text;
  const std::string_view name = consent::name_of(report.category);
  if (is_cancelled) {
    text.lines.push_back(fmt::format("The withdrawal of {} is cancelled.", name));
  } else if (report.completed) {
    text.lines.push_back(fmt::format("{} is withdrawn: log entry {}; keyring {} has no key for it.",
                                     name, report.index, report.keyring_version));
  } else {
    text.lines.push_back(fmt::format(
        "{} is withdrawn: log entry {}. It closes for good by the next command after {}; until "
        "then: amanat withdraw --cancel {}.",
        name, report.index, to_iso8601(report.due), name));
  }
  if (report.devices_unconfirmed != 0) {
    text.lines.push_back(
        fmt::format("{} did not confirm yet that the key is gone.",
                    count_in_words(report.devices_unconfirmed, "other device", "other devices")));
  }
  text.json = {{"category", name},
               {"cancelled", is_cancelled},
               {"index", report.index},
               {"keyring", report.keyring_version},
               {"completed", report.completed},
               {"due", report.completed || is_cancelled ? std::string() : to_iso8601(report.due)},
               {"devices_unconfirmed", std::uint64_t{report.devices_unconfirmed}}};
  return text;
}

ReportText report_text(const ProtectReport& report) {
  ReportText text;
  text.lines.push_back(
      fmt::format("{} kept ({}), {} of them unchanged.", files_in_words(report.kept_files),
                  bytes_in_words(report.kept_bytes), files_in_words(report.unchanged_files)));
  if (report.is_committed || report.sent_packs != 0) {
    text.lines.push_back(fmt::format(
        "New: {} sealed, {} sent in {}.", bytes_in_words(report.sealed_bytes),
        bytes_in_words(report.sent_bytes), count_in_words(report.sent_packs, "pack", "packs")));
  } else {
    text.lines.emplace_back(report.unreadable.empty() ? "Nothing had changed, and nothing was sent."
                                                      : "Nothing was sent.");
  }
  if (report.removed_files != 0) {
    text.lines.push_back(
        fmt::format("{} gone from the phone since.", files_in_words(report.removed_files)));
  }
  json::Array refused;
  for (const auto& [categories, left] : report.without_consent) {
    text.lines.push_back(fmt::format("Stays here, {} ({}), {}: {}", files_in_words(left.files),
                                     bytes_in_words(left.bytes), categories, left.reason));
    refused.emplace_back(json::Object{{"categories", categories},
                                      {"files", left.files},
                                      {"bytes", left.bytes},
                                      {"reason", left.reason}});
  }
  if (!report.without_consent.empty()) {
    text.lines.emplace_back("To keep more: amanat consent");
  }
  if (!report.threats.empty()) {
    text.lines.push_back(fmt::format("Set aside as a threat, not sealed, {}:",
                                     files_in_words(report.threats.size())));
    show_some(text, report.threats, show_left);
    if (report.put_away != 0) {
      text.lines.push_back(fmt::format("{} of them put away: amanat quarantine list",
                                       files_in_words(report.put_away)));
    }
  }
  if (!report.unreadable.empty()) {
    text.lines.push_back(
        fmt::format("Not kept this time, {}:", files_in_words(report.unreadable.size())));
    show_some(text, report.unreadable, show_left);
  }
  if (report.not_fully_scanned != 0) {
    text.lines.push_back(fmt::format("{} kept that could not be scanned to the end.",
                                     files_in_words(report.not_fully_scanned)));
  }
  text.json = {
      {"folder", printable(report.root)},      {"kept_files", report.kept_files},
      {"kept_bytes", report.kept_bytes},       {"unchanged_files", report.unchanged_files},
      {"removed_files", report.removed_files}, {"sealed_bytes", report.sealed_bytes},
      {"sent_packs", report.sent_packs},       {"sent_bytes", report.sent_bytes},
      {"committed", report.is_committed},      {"not_fully_scanned", report.not_fully_scanned},
      {"without_consent", std::move(refused)}, {"threats", json_of(report.threats)},
      {"put_away", report.put_away},           {"unreadable", json_of(report.unreadable)}};
  tell_carried(text, report.carried);
  return text;
}

ReportText report_text(const RestoreReport& report) {
  ReportText text;
  text.lines.push_back(fmt::format("{} restored ({}), {} were there already.",
                                   files_in_words(report.files), bytes_in_words(report.bytes),
                                   report.already_there));
  if (report.closed_trees != 0) {
    text.lines.emplace_back("What a withdrawal closed stays closed.");
  }
  json::Array damaged;
  for (const DamagedFile& file : report.damaged) {
    damaged.emplace_back(
        json::Object{{"path", printable(file.path)}, {"reason", printable(file.reason)}});
  }
  if (!report.damaged.empty()) {
    text.lines.push_back(
        fmt::format("Damaged at the custodian, {}; what is lost of them reads as zeros, and what "
                    "stood in their places was kept:",
                    files_in_words(report.damaged.size())));
    show_some(text, report.damaged, [](const DamagedFile& file) {
      return printable(file.path) + ": " + printable(file.reason);
    });
  }
  json::Array unnamed;
  for (const DamagedFile& lost : report.unnamed) {
    unnamed.emplace_back(
        json::Object{{"path", printable(lost.path)}, {"reason", printable(lost.reason)}});
  }
  if (!report.unnamed.empty()) {
    text.lines.emplace_back("Lost at the custodian, and nobody here knows the names:");
    show_some(text, report.unnamed, [](const DamagedFile& lost) {
      return printable(lost.path) + ": " + printable(lost.reason);
    });
  }
  if (!report.in_the_way.empty()) {
    text.lines.push_back(fmt::format("Something else stands there, {}; --overwrite replaces it:",
                                     files_in_words(report.in_the_way.size())));
    show_some(text, report.in_the_way, printable);
  }
  text.json = {{"files", report.files},
               {"bytes", report.bytes},
               {"links", report.links},
               {"folders", report.folders},
               {"already_there", report.already_there},
               {"fetched_bytes", report.fetched_bytes},
               {"closed_trees", report.closed_trees},
               {"in_the_way", texts(report.in_the_way)},
               {"damaged", std::move(damaged)},
               {"unnamed", std::move(unnamed)}};
  return text;
}

ReportText report_text(const CheckReport& report) {
  ReportText text;
  text.lines.push_back(fmt::format("{} hold, in a log of {}; keyring {} is there.",
                                   count_in_words(report.receipts, "receipt", "receipts"),
                                   count_in_words(report.log_size, "entry", "entries"),
                                   report.keyring_version));
  std::string packs = count_in_words(report.packs, "pack", "packs");
  if (report.damaged_packs != 0) packs += fmt::format(", {} of them damaged", report.damaged_packs);
  text.lines.push_back(
      report.bytes_read != 0
          ? fmt::format("{}: {} read{}.", packs, bytes_in_words(report.bytes_read),
                        report.damaged_packs == 0 ? " and opened" : "")
          : fmt::format("{}: {} shown and right.", packs,
                        count_in_words(report.leaves, "random leaf", "random leaves")));
  show_some(text, report.problems, [](const std::string& problem) { return problem; });
  if (!report.damaged_files.empty()) {
    text.lines.push_back(fmt::format("Touched by it, {}; amanat protect stores them again:",
                                     files_in_words(report.damaged_files.size())));
    show_some(text, report.damaged_files, printable);
  }
  text.json = {{"receipts", report.receipts},
               {"log_size", report.log_size},
               {"keyring", report.keyring_version},
               {"packs", report.packs},
               {"damaged_packs", report.damaged_packs},
               {"leaves", report.leaves},
               {"bytes_read", report.bytes_read},
               {"problems", texts(report.problems)},
               {"damaged_files", texts(report.damaged_files)}};
  return text;
}

ReportText report_text(const StatusReport& report) {
  ReportText text;
  text.lines.push_back(fmt::format("Custodian   {} ({})", report.custodian, report.region));
  text.lines.push_back(fmt::format("Policy      {}, {} of {} needed", report.policy_hash,
                                   report.quorum,
                                   count_in_words(report.witnesses, "witness", "witnesses")));
  text.lines.push_back(fmt::format("Vault       keyring {}, {}", report.keyring_version,
                                   count_in_words(report.devices, "device", "devices")));
  text.lines.push_back(
      fmt::format("Kept        {} ({}), last protected {}", files_in_words(report.kept_files),
                  bytes_in_words(report.kept_bytes),
                  report.protected_at ? to_iso8601(*report.protected_at) : std::string("never")));
  for (const std::string& folder : report.folders) {
    text.lines.push_back("Folder      " + printable(folder));
  }
  text.lines.push_back(
      fmt::format("Scanner     {}, version {}",
                  count_in_words(report.threats_signatures, "signature", "signatures"),
                  report.threats_version.substr(0, 16)));
  if (!report.sandbox.empty()) text.lines.push_back("Sandbox     " + printable(report.sandbox));
  if (report.quarantined_files != 0) {
    text.lines.push_back(fmt::format("Quarantine  {}: amanat quarantine list",
                                     files_in_words(report.quarantined_files)));
  }
  json::Array categories;
  for (const CategoryStatus& status : report.categories) {
    const std::string since = status.since ? to_iso8601(*status.since) : std::string();
    text.lines.push_back(fmt::format(
        "  {:<12} {:<10} {:<21} {}", consent::name_of(status.category), status.state, since,
        status.files == 0
            ? std::string()
            : fmt::format("{} ({})", files_in_words(status.files), bytes_in_words(status.bytes))));
    categories.emplace_back(json::Object{{"category", consent::name_of(status.category)},
                                         {"state", status.state},
                                         {"since", since},
                                         {"files", status.files},
                                         {"bytes", status.bytes}});
  }
  json::Array left;
  for (const LeftStatus& status : report.left) {
    text.lines.push_back(fmt::format("Stays here  {} ({}): {}", files_in_words(status.files),
                                     bytes_in_words(status.bytes), printable(status.reason)));
    left.emplace_back(json::Object{
        {"reason", printable(status.reason)}, {"files", status.files}, {"bytes", status.bytes}});
  }
  json::Array withdrawals;
  for (const PendingWithdrawal& withdrawal : report.withdrawals) {
    const std::string due = to_iso8601(withdrawal.logged_at + kWithdrawalWait);
    text.lines.push_back(fmt::format("Withdrawal  {} closes for good after {}",
                                     consent::name_of(withdrawal.category), due));
    withdrawals.emplace_back(
        json::Object{{"category", consent::name_of(withdrawal.category)}, {"due", due}});
  }
  if (report.waiting_packs != 0) {
    text.lines.push_back(
        fmt::format("Waiting     {} of a run that was cut off: amanat protect "
                    "continues it",
                    count_in_words(report.waiting_packs, "pack", "packs")));
  }
  text.json = {{"custodian", report.custodian},
               {"policy", report.policy_hash},
               {"region", report.region},
               {"witnesses", std::uint64_t{report.witnesses}},
               {"quorum", report.quorum},
               {"account", report.account},
               {"keyring", report.keyring_version},
               {"devices", std::uint64_t{report.devices}},
               {"folders", texts(report.folders)},
               {"protected_at", report.protected_at ? json::Value(to_iso8601(*report.protected_at))
                                                    : json::Value()},
               {"kept_files", report.kept_files},
               {"kept_bytes", report.kept_bytes},
               {"categories", std::move(categories)},
               {"stays_on_phone", std::move(left)},
               {"withdrawals", std::move(withdrawals)},
               {"threats_version", report.threats_version},
               {"threats_signatures", report.threats_signatures},
               {"sandbox", printable(report.sandbox)},
               {"quarantined_files", report.quarantined_files},
               {"waiting_packs", report.waiting_packs}};
  return text;
}

ReportText report_text(const std::vector<LoggedEvent>& events, std::uint64_t exported) {
  ReportText text;
  json::Array entries;
  for (const LoggedEvent& event : events) {
    text.lines.push_back(fmt::format("{:>8}  {}  {:<18} {}", event.index, to_iso8601(event.minute),
                                     event.type, event.detail));
    entries.emplace_back(json::Object{{"index", event.index},
                                      {"minute", to_iso8601(event.minute)},
                                      {"type", event.type},
                                      {"detail", event.detail}});
  }
  if (exported != 0) {
    text.lines.push_back(fmt::format("{} written.", count_in_words(exported, "proof", "proofs")));
  }
  text.json = {{"entries", std::move(entries)}, {"exported", exported}};
  return text;
}

}  // namespace amanat::phone
