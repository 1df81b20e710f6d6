// amanat quarantine: what was taken out of harm's way.

#include <algorithm>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "amanat/phone/home.h"
#include "amanat/phone/quarantine.h"
#include "amanat/phone/wording.h"
#include "programs/amanat_command.h"

namespace amanat::command {
namespace {

constexpr std::size_t kIdDigitsMin = 4;

Result<phone::Quarantine> open_quarantine(const Command& command) {
  const std::filesystem::path home = command.home();
  if (auto made = phone::Home::make_folders(home); !made) return carry(made);
  return phone::Quarantine::open(home / "quarantine", home / "keys");
}

/// The one file whose id begins with what was typed.
Result<phone::QuarantineId> find_id(const phone::Quarantine& quarantine, const std::string& typed) {
  auto list = quarantine.list();
  if (!list) return carry(list);
  std::vector<phone::QuarantineId> ids = list->damaged;
  for (const phone::Quarantined& file : list->files) ids.push_back(file.id);
  std::vector<phone::QuarantineId> found;
  for (const phone::QuarantineId& id : ids) {
    if (typed.size() >= kIdDigitsMin && id.hex().starts_with(typed)) found.push_back(id);
  }
  if (found.empty()) return fail(Code::not_found, "nothing in quarantine has this id");
  if (found.size() > 1) return fail(Code::invalid_input, "several ids begin like this one");
  return found.front();
}

int restore(Command& command, phone::Quarantine& quarantine, const phone::QuarantineId& id) {
  std::optional<std::filesystem::path> place;
  if (!command.options.destination.empty()) place = command.options.destination;
  auto restored = quarantine.restore(id, place);
  if (!restored) return command.fail_with(restored.error());
  const std::string shown = phone::printable(restored->string());
  return command.end(
      {.lines = {"Restored to " + shown + "."}, .json = {{"id", id.hex()}, {"restored", shown}}},
      false);
}

int act_on(Command& command, phone::Quarantine& quarantine, const phone::QuarantineId& id) {
  if (command.options.action == "restore") return restore(command, quarantine, id);
  if (command.options.action == "delete") {
    if (auto done = quarantine.destroy(id); !done) return command.fail_with(done.error());
    return command.end({.lines = {"Deleted for good."}, .json = {{"deleted", id.hex()}}}, false);
  }
  auto record = quarantine.show(id);
  if (!record) return command.fail_with(record.error());
  return command.end(phone::report_text(phone::Quarantined{id, std::move(*record)}), false);
}

}  // namespace

int run_quarantine(Command& command) {
  auto quarantine = open_quarantine(command);
  if (!quarantine) return command.fail_with(quarantine.error());
  if (command.options.action == "list") {
    auto list = quarantine->list();
    if (!list) return command.fail_with(list.error());
    return command.end(phone::report_text(*list), !list->damaged.empty());
  }
  auto id = find_id(*quarantine, command.options.id);
  if (!id) return command.fail_with(id.error());
  return act_on(command, *quarantine, *id);
}

void add_quarantine_command(CLI::App& app, Options& options) {
  auto* quarantine = app.add_subcommand("quarantine", "Files that were taken out of harm's way");
  quarantine->require_subcommand(1);
  const auto add = [&](const std::string& action, const std::string& description) {
    auto* verb = quarantine->add_subcommand(action, description);
    verb->callback([&options, action] { options.action = action; });
    verb->fallthrough();
    return verb;
  };
  add("list", "what is there, oldest first");
  add("show", "why one file is there")->add_option("id", options.id)->required();
  auto* restore = add("restore", "give one file back, bit for bit");
  restore->add_option("id", options.id, "its first digits are enough")->required();
  restore->add_option("--to", options.destination, "another place, or a folder");
  add("delete", "remove one file for good")->add_option("id", options.id)->required();
}

}  // namespace amanat::command
