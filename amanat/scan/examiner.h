#pragma once

// Who examines files: this process, or a worker that can do no harm. What asks need not know.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "amanat/bytes/bytes.h"
#include "amanat/error/error.h"
#include "amanat/indicator/check.h"
#include "amanat/sandbox/confinement.h"
#include "amanat/scan/scan.h"

namespace amanat::scan {

/// Larger files are examined where they lie, by their descriptor.
inline constexpr std::size_t kBufferBytesMax = std::size_t{32} << 20;

class Examiner {
 public:
  Examiner() = default;
  Examiner(const Examiner&) = delete;
  Examiner& operator=(const Examiner&) = delete;
  virtual ~Examiner() = default;

  /// Memory that the examiner can see without a copy: at least `size` bytes, at most
  /// kBufferBytesMax, uninitialised. The next call hands out the same.
  virtual Result<ByteSpan> buffer(std::size_t size) = 0;

  /// Examines bytes, at best those of the buffer: then they are not copied. Others may be copied
  /// over what is in the buffer.
  virtual Verdict examine(ByteView bytes) = 0;

  /// Examines all of a regular file that is open for reading; borrows it.
  virtual Verdict examine_file(int descriptor) = 0;

  /// What an Android package says about itself (app.h); the bytes as for `examine`.
  virtual Result<indicator::App> read_app(ByteView bytes) = 0;
  virtual Result<indicator::App> read_app_file(int descriptor) = 0;

  virtual const Database& database() const = 0;
};

/// In this process: for tests, and where there is nothing to protect. A file that is cut while it
/// is examined ends the process.
std::unique_ptr<Examiner> examine_here(Database database, const Limits& limits, const Clock& clock,
                                       Stop stop = Stop::first_threat);

/// The argument by which a program's main knows that it has to call `serve_examiner`.
inline constexpr std::string_view kExamineCommand = "examine-files";

struct WorkerOptions {
  Limits limits;
  Stop stop = Stop::first_threat;
  std::filesystem::path program = "/proc/self/exe";
  std::vector<std::string> arguments{std::string(kExamineCommand)};
  bool when_needed = false;  // start it for the first file: often there is none to examine
};

/// Starts a worker that has the database and nothing else of this machine. It is as gentle as this
/// process is when it starts one.
///
/// One that is started when needed and does not start examines nothing, and its verdicts say why.
///
///   fails   as sandbox::Worker::start
Result<std::unique_ptr<Examiner>> examine_in_worker(Database database,
                                                    const WorkerOptions& options);

/// The worker's main: answers until the caller hangs up; returns the exit status.
int serve_examiner();

/// What holds the worker of an examiner; nothing for one that works here, or has not started.
std::optional<sandbox::Confinement> confinement_of(const Examiner& examiner);

}  // namespace amanat::scan
