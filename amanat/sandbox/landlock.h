#pragma once

#include <cstdint>

namespace amanat::sandbox {

/// Takes from this process, and what it starts, all access to files by name and, where the kernel
/// can, to TCP and to other processes' sockets and signals (Landlock without a rule that allows).
///
/// Returns the version of the kernel's interface, or 0 when there is no Landlock; needs
/// no_new_privs.
std::uint32_t deny_files_and_network();

}  // namespace amanat::sandbox
