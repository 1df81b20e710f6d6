#include "amanat/sandbox/landlock.h"

#include <cstddef>
#include <sys/syscall.h>
#include <unistd.h>

#include "amanat/sandbox/descriptor.h"

namespace amanat::sandbox {
namespace {

// The numbers are the same on every architecture; libc has no functions, older headers no names.
constexpr long kCreateRuleset = 444;
constexpr long kRestrictSelf = 446;
constexpr std::uint32_t kAskVersion = 1;

// struct landlock_ruleset_attr, as far as version 6 goes (Linux 6.12). A kernel refuses a structure
// or bits that are newer than itself, so both are cut to its version.
struct RulesetAttributes {
  std::uint64_t handled_access_fs = 0;
  std::uint64_t handled_access_net = 0;  // from version 4
  std::uint64_t scoped = 0;              // from version 6
};

RulesetAttributes everything(long version) {
  RulesetAttributes all;
  int file_rights = 13;                // version 1: execute ... make_sym
  if (version >= 2) file_rights = 14;  // refer
  if (version >= 3) file_rights = 15;  // truncate
  if (version >= 5) file_rights = 16;  // ioctl on devices
  all.handled_access_fs = (std::uint64_t{1} << file_rights) - 1;
  if (version >= 4) all.handled_access_net = 0b11;  // bind and connect of TCP
  if (version >= 6) all.scoped = 0b11;              // abstract sockets and signals of others
  return all;
}

std::size_t size_for(long version) {
  if (version >= 6) return sizeof(RulesetAttributes);
  if (version >= 4) return offsetof(RulesetAttributes, scoped);
  return offsetof(RulesetAttributes, handled_access_net);
}

}  // namespace

std::uint32_t deny_files_and_network() {
  const long version = ::syscall(kCreateRuleset, nullptr, 0, kAskVersion);
  if (version < 1) return 0;
  const RulesetAttributes all = everything(version);
  const Descriptor ruleset(
      static_cast<int>(::syscall(kCreateRuleset, &all, size_for(version), 0U)));
  if (!ruleset.is_open()) return 0;
  if (::syscall(kRestrictSelf, ruleset.number(), 0U) != 0) return 0;
  return static_cast<std::uint32_t>(version);
}

}  // namespace amanat::sandbox
