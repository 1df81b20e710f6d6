#include "amanat/sandbox/system_calls.h"

#include <cerrno>
#include <fcntl.h>
#include <memory>
#include <sys/mman.h>
#include <unistd.h>

#include <seccomp.h>

namespace amanat::sandbox {
namespace {

// What libc and the libraries that parse for us call on open descriptors and their own memory.
// 32-bit systems have calls of their own for the same; where one does not exist, its rule is
// skipped.
constexpr int kAllowed[] = {
    SCMP_SYS(read),
    SCMP_SYS(readv),
    SCMP_SYS(pread64),
    SCMP_SYS(write),
    SCMP_SYS(writev),
    SCMP_SYS(lseek),
    SCMP_SYS(_llseek),
    SCMP_SYS(recvmsg),
    SCMP_SYS(sendmsg),
    SCMP_SYS(close),
    SCMP_SYS(munmap),
    SCMP_SYS(mremap),
    SCMP_SYS(madvise),
    SCMP_SYS(brk),
    SCMP_SYS(futex),
    SCMP_SYS(futex_time64),
    SCMP_SYS(clock_gettime),
    SCMP_SYS(clock_gettime64),
    SCMP_SYS(gettimeofday),
    SCMP_SYS(time),
    SCMP_SYS(clock_getres),
    SCMP_SYS(nanosleep),
    SCMP_SYS(clock_nanosleep),
    SCMP_SYS(clock_nanosleep_time64),
    SCMP_SYS(getrandom),
    SCMP_SYS(exit),
    SCMP_SYS(exit_group),
    SCMP_SYS(rt_sigreturn),
    SCMP_SYS(sigreturn),
    SCMP_SYS(restart_syscall),
    SCMP_SYS(rt_sigaction),
    SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(sigaltstack),
    SCMP_SYS(getpid),
    SCMP_SYS(gettid),
    SCMP_SYS(sched_yield),
    SCMP_SYS(sysinfo),
    SCMP_SYS(getrusage),
    SCMP_SYS(sched_getaffinity),
};

// What libraries try, to find a table, a terminal or a hint, and do without.
constexpr int kRefused[] = {
    SCMP_SYS(open),      SCMP_SYS(openat),     SCMP_SYS(openat2),    SCMP_SYS(creat),
    SCMP_SYS(stat),      SCMP_SYS(stat64),     SCMP_SYS(lstat),      SCMP_SYS(lstat64),
    SCMP_SYS(fstat),     SCMP_SYS(fstat64),    SCMP_SYS(fstatat64),  SCMP_SYS(newfstatat),
    SCMP_SYS(statx),     SCMP_SYS(statfs),     SCMP_SYS(fstatfs),    SCMP_SYS(access),
    SCMP_SYS(faccessat), SCMP_SYS(faccessat2), SCMP_SYS(readlink),   SCMP_SYS(readlinkat),
    SCMP_SYS(getcwd),    SCMP_SYS(getdents64), SCMP_SYS(ioctl),      SCMP_SYS(uname),
    SCMP_SYS(prctl),     SCMP_SYS(umask),      SCMP_SYS(membarrier), SCMP_SYS(unlink),
};

// What the runtimes of the sanitizers do besides, at work and when they report.
constexpr int kAllowedToSanitizers[] = {
    SCMP_SYS(getuid), SCMP_SYS(geteuid), SCMP_SYS(getppid), SCMP_SYS(sched_setaffinity),
    SCMP_SYS(pipe),  // by which UBSan asks whether memory can be read
    SCMP_SYS(pipe2),
};

struct Release {
  void operator()(void* filter) const { ::seccomp_release(filter); }
};
using Filter = std::unique_ptr<void, Release>;

template <class... Comparisons>
bool add(const Filter& filter, std::uint32_t action, int call, Comparisons... comparisons) {
  const int done =
      ::seccomp_rule_add(filter.get(), action, call, sizeof...(comparisons), comparisons...);
  // EDOM: this architecture has no such call.
  return done == 0 || done == -EDOM;
}

scmp_arg_cmp bits(unsigned argument, std::uint64_t mask, std::uint64_t value) {
  return {argument, SCMP_CMP_MASKED_EQ, mask, value};
}
scmp_arg_cmp equals(unsigned argument, std::uint64_t value) {
  return {argument, SCMP_CMP_EQ, value, 0};
}

// Memory may be private, or a mapping of what is open; shared memory without a file would count
// towards no limit. Nothing becomes executable: a compiler of regular expressions that asks for it
// is refused and interprets instead.
bool add_memory(const Filter& filter) {
  bool added = true;
  for (const int call : {SCMP_SYS(mmap), SCMP_SYS(mmap2)}) {
    added = added
            && add(filter, SCMP_ACT_ALLOW, call, bits(2, PROT_EXEC, 0), bits(3, MAP_ANONYMOUS, 0))
            && add(filter, SCMP_ACT_ALLOW, call, bits(2, PROT_EXEC, 0),
                   bits(3, MAP_ANONYMOUS | MAP_SHARED, MAP_ANONYMOUS))
            && add(filter, SCMP_ACT_ERRNO(EACCES), call, bits(2, PROT_EXEC, PROT_EXEC));
  }
  return added && add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), bits(2, PROT_EXEC, 0))
         && add(filter, SCMP_ACT_ERRNO(EACCES), SCMP_SYS(mprotect), bits(2, PROT_EXEC, PROT_EXEC));
}

// abort() signals its own process; seals of shared memory are asked for; limits are read.
bool add_own_affairs(const Filter& filter) {
  const auto self = static_cast<std::uint64_t>(::getpid());
  return add(filter, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), equals(0, self))
         && add(filter, SCMP_ACT_ALLOW, SCMP_SYS(kill), equals(0, self))
         && add(filter, SCMP_ACT_ALLOW, SCMP_SYS(fcntl), equals(1, F_GET_SEALS))
         && add(filter, SCMP_ACT_ALLOW, SCMP_SYS(fcntl64), equals(1, F_GET_SEALS))
         && add(filter, SCMP_ACT_ALLOW, SCMP_SYS(prlimit64), equals(0, 0), equals(2, 0));
}

bool add_all(const Filter& filter) {
  bool added = add_memory(filter) && add_own_affairs(filter);
  for (const int call : kAllowed) added = added && add(filter, SCMP_ACT_ALLOW, call);
  for (const int call : kRefused) added = added && add(filter, SCMP_ACT_ERRNO(EACCES), call);
  if (has_sanitizers()) {
    for (const int call : kAllowedToSanitizers) added = added && add(filter, SCMP_ACT_ALLOW, call);
  }
  return added;
}

}  // namespace

bool has_sanitizers() {
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) \
    || __has_feature(memory_sanitizer) || __has_feature(undefined_behavior_sanitizer)
  return true;
#else
  return false;
#endif
}

bool restrict_system_calls() {
  const Filter filter(::seccomp_init(SCMP_ACT_KILL_PROCESS));
  if (!filter) return false;
  // Calls in the manner of another architecture (32-bit on 64-bit) end the process too. All threads
  // are bound: there is one, and that of a sanitizer.
  if (::seccomp_attr_set(filter.get(), SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS) != 0
      || ::seccomp_attr_set(filter.get(), SCMP_FLTATR_CTL_TSYNC, 1) != 0) {
    return false;
  }
  ::seccomp_attr_set(filter.get(), SCMP_FLTATR_CTL_OPTIMIZE, 2);  // a tree; older libraries cannot
  return add_all(filter) && ::seccomp_load(filter.get()) == 0;
}

}  // namespace amanat::sandbox
