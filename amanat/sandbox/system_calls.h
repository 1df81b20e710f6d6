#pragma once

namespace amanat::sandbox {

/// Whether this program was built with sanitizers, whose reports need some more system calls.
bool has_sanitizers();

/// Restricts this process to the system calls that examining bytes needs (seccomp), for good.
///
///   allowed   messages on open links, private memory, mapping what is open, time, random bytes
///   refused   with EACCES: opening or asking about files, executable memory, asking the system
///   all else  ends the process with SIGSYS: sockets, processes, threads, tracing, changing
///   anything
///
/// False when the kernel has no seccomp; nothing is restricted then.
bool restrict_system_calls();

}  // namespace amanat::sandbox
