#include "amanat/sandbox/service.h"

#include <sys/socket.h>
#include <utility>

#include "amanat/sandbox/link.h"
#include "amanat/sandbox/worker.h"

namespace amanat::sandbox {
namespace {

bool is_link(int descriptor) {
  int type = 0;
  socklen_t size = sizeof(type);
  return ::getsockopt(descriptor, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_SEQPACKET;
}

}  // namespace

Result<Service> Service::accept() {
  if (!is_link(kLinkDescriptor)) {
    return fail(Code::invalid_input, "a worker is started by the program that it works for");
  }
  Descriptor link(kLinkDescriptor);
  auto message = receive_message(link.number(), kDescriptorsMax);
  if (!message) return carry(message, "starting as a worker");
  if (!*message) return fail(Code::unavailable, "the program that started this worker is gone");
  auto limits = decode_limits((*message)->body);
  if (!limits) return carry(limits, "starting as a worker");
  return Service(std::move(link), *limits, std::move((*message)->files));
}

Result<Confinement> Service::confine() {
  std::vector<int> keep{link_.number()};
  for (const Descriptor& descriptor : handed_) keep.push_back(descriptor.number());
  const Confinement confinement = confine_for_good(limits_, keep);
  const auto sent = send_message(link_.number(), 0, encode_confinement(confinement));
  if (!sent) return carry(sent, "saying what is in force");
  return confinement;
}

int Service::serve(const Handler& handler) {
  for (;;) {
    auto message = receive_message(link_.number(), kDescriptorsMax);
    if (!message) return 1;
    if (!*message) return 0;  // the caller needs no more
    const Bytes answer = handler({(*message)->body, (*message)->files});
    if (!send_message(link_.number(), (*message)->number, answer)) return 1;
  }
}

}  // namespace amanat::sandbox
