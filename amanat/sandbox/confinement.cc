#include "amanat/sandbox/confinement.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <limits>
#include <linux/capability.h>
#include <new>
#include <string_view>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <vector>

#include <grp.h>

#include "amanat/sandbox/descriptor.h"
#include "amanat/sandbox/landlock.h"
#include "amanat/sandbox/system_calls.h"

namespace amanat::sandbox {
namespace {

constexpr unsigned kNobody = 65534;
constexpr std::uint64_t kStackBytesMax = 8ULL << 20;

void end_out_of_memory() { ::_exit(kExitOutOfMemory); }
void end_file_changed(int /*signal*/) { ::_exit(kExitFileChanged); }

// Handlers that the program has installed would print, or catch what has to end it.
void settle_signals() {
  for (const int signal : {SIGSEGV, SIGILL, SIGFPE, SIGABRT, SIGTERM, SIGINT, SIGSYS, SIGTRAP}) {
    std::signal(signal, SIG_DFL);
  }
  std::signal(SIGBUS, end_file_changed);
  std::signal(SIGXFSZ, SIG_IGN);  // a library's warning into a log that is a file
  std::signal(SIGPIPE, SIG_IGN);
  std::set_new_handler(end_out_of_memory);
}

bool close_range_of(unsigned first, unsigned last) {
  if (first > last) return true;
  if (::syscall(SYS_close_range, first, last, 0U) == 0) return true;
  // Before Linux 5.9: one by one, as far as descriptors can go.
  rlimit open_files{};
  ::getrlimit(RLIMIT_NOFILE, &open_files);
  const auto end = static_cast<unsigned>(std::min<rlim_t>(open_files.rlim_max, 1U << 20U));
  for (unsigned number = first; number <= last && number < end; ++number) {
    ::close(static_cast<int>(number));
  }
  return true;
}

bool close_all_but(std::span<const int> keep) {
  std::vector<int> kept(keep.begin(), keep.end());
  std::erase_if(kept, [](int descriptor) { return descriptor < 0; });  // taken
  std::ranges::sort(kept);
  unsigned next = STDERR_FILENO + 1;
  bool closed = true;
  for (const int number : kept) {
    const auto here = static_cast<unsigned>(number);
    if (here < next) continue;
    closed = closed && (here == next || close_range_of(next, here - 1));
    next = here + 1;
  }
  return closed && close_range_of(next, ~0U);
}

// The system should rather end a worker than what it works for.
void offer_to_be_ended_first() {
  const Descriptor score(::open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC));
  constexpr std::string_view kFirst = "1000";
  if (score.is_open()) [[maybe_unused]]
    const auto ignored = ::write(score.number(), kFirst.data(), kFirst.size());
}

bool drop_root() {
  if (::geteuid() == 0) {
    // Where this fails (a container that knows no other user), giving up capabilities still counts.
    if (::setgroups(0, nullptr) != 0 || ::setresgid(kNobody, kNobody, kNobody) != 0
        || ::setresuid(kNobody, kNobody, kNobody) != 0) {
      // The confinement says so.
    }
  }
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  std::array<__user_cap_data_struct, 2> none{};
  return ::syscall(SYS_capset, &header, none.data()) == 0 && ::geteuid() != 0;
}

bool die_with_caller() { return ::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) == 0; }

// Pages that the process has now, from /proc/self/statm: all addresses, and private data.
struct MemoryInUse {
  std::uint64_t addresses = 0;
  std::uint64_t data = 0;
};

MemoryInUse memory_in_use() {
  MemoryInUse in_use;
  const Descriptor file(::open("/proc/self/statm", O_RDONLY | O_CLOEXEC));
  std::array<char, 256> text{};
  if (!file.is_open()) return in_use;
  const ssize_t size = ::read(file.number(), text.data(), text.size());
  if (size <= 0) return in_use;
  // size resident shared text lib data dt
  std::array<std::uint64_t, 6> fields{};
  const char* at = text.data();
  const char* end = at + size;
  for (std::uint64_t& field : fields) {
    const auto [next, problem] = std::from_chars(at, end, field);
    if (problem != std::errc()) return in_use;
    at = std::find_if(next, end, [](char c) { return c != ' '; });
  }
  const auto page = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  return {fields[0] * page, fields[5] * page};
}

bool set_limit(__rlimit_resource kind, std::uint64_t most) {
  rlimit limit{};
  if (::getrlimit(kind, &limit) != 0) return false;
  limit.rlim_max = std::min<rlim_t>(limit.rlim_max, most);
  limit.rlim_cur = limit.rlim_max;
  return ::setrlimit(kind, &limit) == 0;
}

bool set_limits(const Limits& limits) {
  const MemoryInUse in_use = memory_in_use();
  const std::uint64_t addresses =
      in_use.addresses + limits.memory_bytes_max + limits.mapped_bytes_max;
  return set_limit(RLIMIT_DATA, in_use.data + limits.memory_bytes_max)
         && set_limit(RLIMIT_AS, addresses) && set_limit(RLIMIT_STACK, kStackBytesMax)
         && set_limit(RLIMIT_NOFILE, limits.descriptors_max) && set_limit(RLIMIT_CORE, 0)
         && set_limit(RLIMIT_FSIZE, 0) && set_limit(RLIMIT_NPROC, 0) && set_limit(RLIMIT_MEMLOCK, 0)
         && set_limit(RLIMIT_MSGQUEUE, 0);
}

}  // namespace

Confinement confine_for_good(const Limits& limits, std::span<const int> keep) {
  Confinement confinement;
  settle_signals();
  confinement.descriptors_closed = close_all_but(keep);
  offer_to_be_ended_first();
  confinement.limits = set_limits(limits);
  confinement.no_capabilities = drop_root();
  // Changing the user forgets who to die with, so this comes after.
  confinement.dies_with_caller = die_with_caller();
  ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);  // no other process of this user looks into its memory
  confinement.no_new_privileges = ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
  confinement.landlock_abi = deny_files_and_network();
  confinement.seccomp = restrict_system_calls();
  return confinement;
}

std::string describe(const Confinement& confinement) {
  struct Layer {
    bool holds;
    std::string name;
  };
  const std::array<Layer, 7> layers{{
      {confinement.seccomp, "seccomp"},
      {confinement.landlock_abi > 0, confinement.landlock_abi > 0
                                         ? "landlock " + std::to_string(confinement.landlock_abi)
                                         : "landlock"},
      {confinement.no_new_privileges, "no new privileges"},
      {confinement.no_capabilities, "no rights of root"},
      {confinement.limits, "limits"},
      {confinement.descriptors_closed, "closed descriptors"},
      {confinement.dies_with_caller, "ends with its caller"},
  }};
  std::string present;
  std::string missing;
  for (const Layer& layer : layers) {
    std::string& list = layer.holds ? present : missing;
    if (!list.empty()) list += ", ";
    list += layer.name;
  }
  if (present.empty()) present = "nothing";
  return missing.empty() ? present : present + "; missing: " + missing;
}

}  // namespace amanat::sandbox
