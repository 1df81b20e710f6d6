#include "amanat/sandbox/link.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <sys/socket.h>
#include <sys/uio.h>
#include <utility>

#include "amanat/codec/codec.h"
#include "amanat/sandbox/worker.h"

namespace amanat::sandbox {
namespace {

constexpr std::size_t kNumberBytes = sizeof(std::uint64_t);
constexpr std::string_view kStart = "amanat worker 1";

// Room for descriptors beside a message, aligned as the kernel writes it.
struct alignas(cmsghdr) ControlRoom {
  std::array<char, CMSG_SPACE(sizeof(int) * kDescriptorsMax)> bytes{};
};

std::vector<Descriptor> take_files(msghdr& header) {
  std::vector<Descriptor> files;
  for (cmsghdr* part = CMSG_FIRSTHDR(&header); part != nullptr; part = CMSG_NXTHDR(&header, part)) {
    if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS) continue;
    const std::size_t count = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < count; ++i) {
      int number = -1;
      std::memcpy(&number, CMSG_DATA(part) + i * sizeof(int), sizeof(number));
      files.emplace_back(number);
    }
  }
  return files;
}

void put_files(msghdr& header, ControlRoom& room, std::span<const int> files) {
  if (files.empty()) return;
  header.msg_control = room.bytes.data();
  header.msg_controllen = CMSG_SPACE(files.size_bytes());
  cmsghdr* part = CMSG_FIRSTHDR(&header);
  part->cmsg_level = SOL_SOCKET;
  part->cmsg_type = SCM_RIGHTS;
  part->cmsg_len = CMSG_LEN(files.size_bytes());
  std::memcpy(CMSG_DATA(part), files.data(), files.size_bytes());
}

}  // namespace

Result<LinkPair> make_link() {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    return fail(Code::unavailable, "a link to a worker cannot be made");
  }
  return LinkPair{Descriptor(ends[0]), Descriptor(ends[1])};
}

Result<> send_message(int link, std::uint64_t number, ByteView body, std::span<const int> files) {
  ensure(body.size() <= kMessageBytesMax, "a message to or from a worker stays within its limit");
  ensure(files.size() <= kDescriptorsMax, "a message hands over a few descriptors");
  std::array<iovec, 2> parts{
      iovec{&number, sizeof(number)},
      iovec{const_cast<std::uint8_t*>(body.data()), body.size()}};  // sendmsg only reads it
  ControlRoom room;
  msghdr header{};
  header.msg_iov = parts.data();
  header.msg_iovlen = parts.size();
  put_files(header, room, files);
  for (;;) {
    const ssize_t sent = ::sendmsg(link, &header, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && errno == EINTR) continue;
    if (std::cmp_equal(sent, kNumberBytes + body.size())) return {};
    return fail(Code::unavailable, "the other side of a worker's link is gone");
  }
}

Result<std::optional<Message>> receive_message(int link, std::size_t files_max) {
  constexpr std::size_t kRoom = kNumberBytes + kMessageBytesMax;
  const auto room = std::make_unique_for_overwrite<std::uint8_t[]>(kRoom);
  ControlRoom control;
  iovec part{room.get(), kRoom};
  msghdr header{};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  if (files_max > 0) {
    header.msg_control = control.bytes.data();
    header.msg_controllen = CMSG_SPACE(sizeof(int) * std::min(files_max, kDescriptorsMax));
  }
  ssize_t size = -1;
  do {
    size = ::recvmsg(link, &header, MSG_CMSG_CLOEXEC);
  } while (size < 0 && errno == EINTR);
  Message message;
  message.files = take_files(header);
  if (size == 0 || (size < 0 && errno == ECONNRESET)) return std::optional<Message>();
  if (size < 0) return fail(Code::unavailable, "a worker's link cannot be read");
  const auto received = static_cast<std::size_t>(size);
  if ((header.msg_flags & MSG_TRUNC) != 0 || received < kNumberBytes) {
    return fail(Code::invalid_input, "a message to or from a worker has the wrong size");
  }
  std::memcpy(&message.number, room.get(), kNumberBytes);
  message.body.assign(room.get() + kNumberBytes, room.get() + received);
  return std::optional<Message>(std::move(message));
}

Bytes encode_limits(const Limits& limits) {
  codec::Writer writer;
  writer.raw(kStart);
  writer.u64(limits.memory_bytes_max);
  writer.u64(limits.mapped_bytes_max);
  writer.u32(limits.descriptors_max);
  return std::move(writer).take();
}

Result<Limits> decode_limits(ByteView body) {
  codec::Reader reader(body);
  reader.expect(kStart, "the start of a worker");
  Limits limits;
  limits.memory_bytes_max = reader.u64();
  limits.mapped_bytes_max = reader.u64();
  limits.descriptors_max = reader.u32();
  if (auto done = reader.finish("limits of a worker"); !done) return carry(done);
  return limits;
}

Bytes encode_confinement(const Confinement& confinement) {
  codec::Writer writer;
  writer.u32(confinement.landlock_abi);
  for (const bool holds :
       {confinement.seccomp, confinement.no_new_privileges, confinement.no_capabilities,
        confinement.limits, confinement.descriptors_closed, confinement.dies_with_caller}) {
    writer.u8(holds ? 1 : 0);
  }
  return std::move(writer).take();
}

Result<Confinement> decode_confinement(ByteView body) {
  codec::Reader reader(body);
  Confinement confinement;
  confinement.landlock_abi = reader.u32();
  for (bool* holds :
       {&confinement.seccomp, &confinement.no_new_privileges, &confinement.no_capabilities,
        &confinement.limits, &confinement.descriptors_closed, &confinement.dies_with_caller}) {
    const std::uint8_t value = reader.u8();
    if (value > 1) reader.refuse("neither yes nor no");
    *holds = value == 1;
  }
  if (auto done = reader.finish("what confines a worker"); !done) return carry(done);
  return confinement;
}

}  // namespace amanat::sandbox
