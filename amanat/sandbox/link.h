#pragma once

// Messages between a worker and its caller: datagrams that keep their borders, in order, with
// descriptors beside them (SOCK_SEQPACKET, SCM_RIGHTS).
//
//   message   number u64 || body, at most kMessageBytesMax
//
// An answer carries the number of its request. Number 0 starts a worker: the start message says the
// limits, its answer what is in force.

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "amanat/bytes/bytes.h"
#include "amanat/error/error.h"
#include "amanat/sandbox/confinement.h"
#include "amanat/sandbox/descriptor.h"

namespace amanat::sandbox {

inline constexpr int kLinkDescriptor = 3;  // where a worker finds its link

struct Message {
  std::uint64_t number = 0;
  Bytes body;
  std::vector<Descriptor> files;
};

struct LinkPair {
  Descriptor ours;
  Descriptor theirs;
};

/// Both ends, closed on exec.
Result<LinkPair> make_link();

/// Sends one message; does not wait for room, since one message is under way at a time.
///
///   fails   unavailable when the other side is gone
Result<> send_message(int link, std::uint64_t number, ByteView body,
                      std::span<const int> files = {});

/// Waits for one message; nothing when the other side has hung up. `files_max` more descriptors are
/// taken, the rest is dropped by the kernel.
///
///   fails   invalid_input when it is longer than it may be or has no number
Result<std::optional<Message>> receive_message(int link, std::size_t files_max);

/// The bodies of the two messages with number 0.
Bytes encode_limits(const Limits& limits);
Result<Limits> decode_limits(ByteView body);
Bytes encode_confinement(const Confinement& confinement);
Result<Confinement> decode_confinement(ByteView body);

}  // namespace amanat::sandbox
