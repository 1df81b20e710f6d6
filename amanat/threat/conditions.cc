#include "amanat/threat/conditions.h"

namespace amanat::threat {
namespace {
using signature::ObjectType;

bool is_in(const std::array<std::uint32_t, 2>& range, std::uint64_t value) {
  return range[0] <= value && value <= range[1];
}

bool container_holds(const ConditionsRow& row, const std::vector<ObjectType>& around) {
  const ObjectType container = around.empty() ? ObjectType() : around.back();
  return container.number() == row.container;
}

// ANY asks for no object of its own: the next name is compared with the same object.
// A normal form counts as one object more around it, which has no type that could be asked for.
bool intermediates_hold(const ConditionsRow& row, const ObjectFacts& facts) {
  const std::vector<ObjectType>& around = facts.around;
  const std::size_t count = row.intermediates_count;
  const std::size_t depth = around.size() + (facts.size ? 1 : 0);
  if (count > row.intermediates.size() || count > depth) return false;
  std::size_t left = around.size();
  for (std::size_t i = count; i > 0; --i) {
    const std::uint8_t wanted = row.intermediates.at(i - 1);
    if (wanted == ObjectType().number()) continue;
    if (left == 0 || around[--left].number() != wanted) return false;
  }
  return true;
}
}  // namespace

bool conditions_hold(const ConditionsRow& row, std::uint64_t size, const ObjectFacts& facts) {
  if ((row.asked & kAsksFileSize) != 0 && !is_in(row.file_size, size)
      && !(facts.size && is_in(row.file_size, *facts.size))) {
    return false;
  }
  if ((row.asked & (kAsksEntryPoint | kAsksSections)) != 0) {
    if (facts.executable == nullptr) return false;
    const program::Executable& executable = *facts.executable;
    if ((row.asked & kAsksEntryPoint) != 0 && !is_in(row.entry_point, executable.entry_point)) {
      return false;
    }
    if ((row.asked & kAsksSections) != 0 && !is_in(row.sections, executable.sections.size())) {
      return false;
    }
  }
  if ((row.asked & kAsksContainer) != 0 && !container_holds(row, facts.around)) return false;
  return intermediates_hold(row, facts);
}

signature::Layout layout_of(const program::Executable& executable) {
  signature::Layout layout;
  layout.entry_point = executable.entry_point;
  for (const program::Section& section : executable.sections) {
    layout.sections.push_back({section.raw_offset, section.raw_size});
  }
  layout.version_info.assign(executable.pe.version_info.begin(), executable.pe.version_info.end());
  return layout;
}

}  // namespace amanat::threat
