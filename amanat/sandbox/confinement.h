#pragma once

// What a worker may use, and what holds it back.

#include <chrono>
#include <cstdint>
#include <span>
#include <string>

#include "amanat/error/error.h"

namespace amanat::sandbox {

/// What a worker may use. Memory is counted over what the program has when it is confined, so that
/// the same numbers do for builds with sanitizers, whose shadow memory takes terabytes of
/// addresses.
struct Limits {
  std::uint64_t memory_bytes_max = 512ULL << 20;                 // allocated, without mapped files
  std::uint64_t mapped_bytes_max = 64ULL << 30;                  // addresses, for mapped files
  std::chrono::milliseconds time_max = std::chrono::minutes(2);  // until the answer to a request
  std::chrono::milliseconds processor_time_max = std::chrono::seconds(100);  // of a request
  std::uint32_t descriptors_max = 64;
};

/// What is in force around a worker, as it says itself before it sees the first foreign byte.
struct Confinement {
  bool seccomp = false;             // system calls outside a list end the process
  std::uint32_t landlock_abi = 0;   // 0: this kernel has none; else files (from 4: network) denied
  bool no_new_privileges = false;   // nothing it could start would gain rights
  bool no_capabilities = false;     // it has no rights of root, by name or by user id
  bool limits = false;              // memory, processor time, descriptors, no core file
  bool descriptors_closed = false;  // it holds the link to its caller and what was handed over
  bool dies_with_caller = false;

  friend bool operator==(const Confinement&, const Confinement&) = default;
};

/// One line for people: "seccomp, landlock 3, no new privileges, ...; missing: ...".
std::string describe(const Confinement& confinement);

/// Exit codes by which a confined process says why it ended.
inline constexpr int kExitOutOfMemory = 81;
inline constexpr int kExitFileChanged = 82;

/// Confines this process for good. It keeps its standard descriptors and those in `keep`; from now
/// on running out of memory ends it, and so does a mapped file that is cut.
///
/// Call it before the first foreign byte, with one thread. After it: no files, no network, no new
/// processes or threads, no executable memory. Opening files is refused with EACCES, because
/// libraries look for tables and go on without them; what no library does by chance ends the
/// process. Layers that the kernel lacks are left out and reported.
///
/// Limits of time are the caller's to watch (worker.h): an rlimit counts the life of a process, and
/// a worker's life is many requests long.
Confinement confine_for_good(const Limits& limits, std::span<const int> keep);

}  // namespace amanat::sandbox
