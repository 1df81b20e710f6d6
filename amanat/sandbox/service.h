#pragma once

// The worker's side: a process that was started by Worker::start and answers its requests.
//
//   // first thing in main, when the hidden argument says so
//   auto service = sandbox::Service::accept();
//   if (!service) return 1;
//   Database database = open(service->handed());      // may still read files
//   if (!service->confine()) return 1;                // from here on it may not
//   return service->serve([&](const sandbox::Received& request) { return examine(request); });

#include <functional>
#include <vector>

#include "amanat/bytes/bytes.h"
#include "amanat/error/error.h"
#include "amanat/sandbox/confinement.h"
#include "amanat/sandbox/descriptor.h"

namespace amanat::sandbox {

/// A request as the worker sees it; borrowed during the call.
struct Received {
  ByteView body;
  std::vector<Descriptor>& files;  // open for reading as the caller opened them; may be taken
};

/// Makes the answer to one request: at most kMessageBytesMax bytes.
using Handler = std::function<Bytes(const Received& request)>;

class Service {
 public:
  /// Takes the link that Worker::start left and receives its start message.
  ///
  ///   fails   invalid_input when this process was not started by Worker::start
  static Result<Service> accept();

  /// The descriptors that were handed over for the worker's life, in order; may be taken.
  std::vector<Descriptor>& handed() { return handed_; }

  /// Confines this process for good and tells the caller what is in force. Closes every descriptor
  /// that was not handed over; what is mapped stays mapped.
  Result<Confinement> confine();

  /// Answers requests until the caller hangs up, and returns the exit status for main.
  int serve(const Handler& handler);

 private:
  Service(Descriptor link, Limits limits, std::vector<Descriptor> handed)
      : link_(std::move(link)), limits_(limits), handed_(std::move(handed)) {}

  Descriptor link_;
  Limits limits_;
  std::vector<Descriptor> handed_;
};

}  // namespace amanat::sandbox
