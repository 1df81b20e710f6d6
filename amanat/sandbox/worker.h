#pragma once

// The caller's side of a worker process: starts it, asks it, replaces it when it dies.
//
// One worker answers one request at a time and belongs to one thread: the thread that starts it has
// to outlive it, because the kernel ends a worker together with that thread. Several workers work
// side by side.

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <vector>

#include "amanat/bytes/bytes.h"
#include "amanat/error/error.h"
#include "amanat/sandbox/confinement.h"
#include "amanat/sandbox/descriptor.h"

namespace amanat::sandbox {

inline constexpr std::size_t kMessageBytesMax = 96 * 1024;  // of a request or an answer
inline constexpr std::size_t kDescriptorsMax = 16;          // handed over with one message

/// How to start a worker.
struct Launch {
  std::filesystem::path program = "/proc/self/exe";  // this program, even when its file is replaced
  std::vector<std::string> arguments;                // by which its main knows that it is a worker
  std::vector<int> handed;  // for its life, in order; borrowed, open as long as the Worker lives
  Limits limits;
  std::chrono::milliseconds start_time_max = std::chrono::seconds(30);
  std::uint32_t requests_max = 4'000;  // then a fresh one takes over
  bool without_seccomp = false;        // start also where the kernel has no seccomp
  bool show_errors = false;            // it writes to our standard error instead of nowhere
};

/// How a request ended. All but `answered` mean that the worker is gone.
enum class End : std::uint8_t {
  answered,
  crashed,        // by a signal or an exit, or it answered something that is no answer
  forbidden,      // it tried what the sandbox does not allow
  out_of_memory,  // it met its limit, or the system's
  out_of_time,    // it met a limit of time, and was ended
  file_changed,   // a file it was shown became shorter while it was read
};

/// "answered", "crashed", ...
std::string_view name_of(End end);
/// In words, to follow "could not be examined: ": "the program that examines it crashed".
std::string_view explain(End end);

struct Outcome {
  End end = End::crashed;
  Bytes answer;  // when answered
};

/// Borrowed during the call.
struct Request {
  ByteView body;                                           // at most kMessageBytesMax
  std::span<const int> files = {};                         // opened for reading; at most 16
  std::optional<std::chrono::milliseconds> time_max = {};  // instead of the limit
};

class Worker {
 public:
  /// Starts a worker and waits until it is confined.
  ///
  ///   fails   unavailable when it does not start, denied when it cannot be confined
  ///           invalid_input when a file to hand over is open for writing too
  static Result<Worker> start(Launch launch);

  Worker(Worker&& other) noexcept;
  Worker& operator=(Worker&& other) noexcept;
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;
  ~Worker();  // ends the process

  /// Asks and waits for the answer or the worker's end. A worker that is gone, by an earlier
  /// request or by itself, is replaced first.
  ///
  ///   fails   invalid_input when the request is too large, or a file is open for writing too
  ///           as `start` when no worker can be had
  Result<Outcome> ask(const Request& request);

  /// What holds the present worker, or held the last one.
  const Confinement& confinement() const { return confinement_; }
  /// How many processes there have been, to show in reports.
  std::uint64_t started() const { return started_; }

 private:
  explicit Worker(Launch launch) : launch_(std::move(launch)) {}
  bool is_running() const { return process_ > 0; }
  Result<> spawn();
  Result<> introduce();
  Outcome await(std::uint64_t number, std::chrono::milliseconds time_max);
  End end_process(bool overdue);

  Launch launch_;
  Descriptor link_;
  pid_t process_ = 0;
  Confinement confinement_;
  std::uint64_t number_ = 0;    // of the latest message, which its answer has to carry
  std::uint32_t requests_ = 0;  // put to the present process
  std::uint64_t started_ = 0;
};

}  // namespace amanat::sandbox
