#include "amanat/scan/examiner.h"

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <optional>
#include <unistd.h>
#include <utility>

#include "amanat/codec/codec.h"
#include "amanat/sandbox/file_view.h"
#include "amanat/sandbox/service.h"
#include "amanat/sandbox/shared_memory.h"
#include "amanat/sandbox/worker.h"
#include "amanat/scan/app.h"

namespace amanat::scan {
namespace {

using sandbox::Descriptor;
using sandbox::SharedMemory;

constexpr std::uint64_t kFileBytesMax = std::uint64_t{1} << 46;

/// What a request asks for.
///
///   struct { uint8 what;                  // 1: a verdict, 2: what a package says about itself
///            uint8 where;                 // 1: the first `size` bytes of the buffer, 2: the file
///            uint64 size;
///            uint32 depth_max; uint64 entries_max; uint64 bytes_max; uint64 object_bytes_max;
///            uint64 ratio_max; uint64 ratio_free_bytes; uint64 memory_bytes_max;
///            uint64 time_max_ms; uint8 stop; } Task;
struct Task {
  enum class What : std::uint8_t { verdict = 1, app = 2 };
  enum class Where : std::uint8_t { buffer = 1, file = 2 };
  What what = What::verdict;
  Where where = Where::buffer;
  std::uint64_t size = 0;
  Limits limits;
  Stop stop = Stop::first_threat;
};

Bytes encode(const Task& task) {
  codec::Writer writer;
  writer.u8(static_cast<std::uint8_t>(task.what));
  writer.u8(static_cast<std::uint8_t>(task.where));
  writer.u64(task.size);
  writer.u32(task.limits.depth_max);
  writer.u64(task.limits.entries_max);
  writer.u64(task.limits.bytes_max);
  writer.u64(task.limits.object_bytes_max);
  writer.u64(task.limits.ratio_max);
  writer.u64(task.limits.ratio_free_bytes);
  writer.u64(task.limits.memory_bytes_max);
  writer.u64(static_cast<std::uint64_t>(task.limits.time_max.count()));
  writer.u8(static_cast<std::uint8_t>(task.stop));
  return std::move(writer).take();
}

Result<Task> parse_task(ByteView bytes) {
  codec::Reader reader(bytes);
  Task task;
  const std::uint8_t what = reader.u8();
  if (what != 1 && what != 2) reader.refuse("what");
  task.what = static_cast<Task::What>(what);
  const std::uint8_t where = reader.u8();
  if (where != 1 && where != 2) reader.refuse("where");
  task.where = static_cast<Task::Where>(where);
  task.size = reader.u64();
  task.limits.depth_max = reader.u32();
  task.limits.entries_max = reader.u64();
  task.limits.bytes_max = reader.u64();
  task.limits.object_bytes_max = reader.u64();
  task.limits.ratio_max = reader.u64();
  task.limits.ratio_free_bytes = reader.u64();
  task.limits.memory_bytes_max = reader.u64();
  task.limits.time_max = std::chrono::milliseconds(static_cast<std::int64_t>(reader.u64()));
  const std::uint8_t stop = reader.u8();
  if (stop != 1 && stop != 2) reader.refuse("stop");
  task.stop = static_cast<Stop>(stop);
  if (auto done = reader.finish("scan task"); !done) return carry(done);
  return task;
}

Verdict not_examined(std::string reason) {
  Verdict verdict;
  verdict.kind = Verdict::Kind::not_examined;
  verdict.reason = std::move(reason);
  return verdict;
}

threat::ReadWindow window_reader(sandbox::FileViewer& viewer, const Descriptor& file) {
  return [&viewer, &file](std::uint64_t begin, std::size_t size) {
    return viewer.read_window(file, begin, size);
  };
}

class HereExaminer final : public Examiner {
 public:
  HereExaminer(Database database, const Limits& limits, const Clock& clock, Stop stop)
      : database_(std::move(database)), limits_(limits), stop_(stop), scanner_(database_, clock) {}

  Result<ByteSpan> buffer(std::size_t size) override {
    ensure(size <= kBufferBytesMax, "only small files are read whole");
    if (size > size_) {
      size_ = std::min(kBufferBytesMax, std::max<std::size_t>(size * 2, 1 << 20));
      memory_ = std::make_unique_for_overwrite<std::uint8_t[]>(size_);
    }
    return ByteSpan(memory_.get(), size);
  }

  Verdict examine(ByteView bytes) override { return scanner_.scan(bytes, limits_, stop_); }

  Verdict examine_file(int descriptor) override {
    Descriptor copy(::fcntl(descriptor, F_DUPFD_CLOEXEC, 0));
    auto file = viewer_.view(copy, kFileBytesMax);
    if (!file) return not_examined(file.error().message);
    const threat::ReadWindow read = window_reader(viewer_, copy);
    return scanner_.scan(*file, limits_, stop_, viewer_.is_mapped() ? &read : nullptr);
  }

  Result<indicator::App> read_app(ByteView bytes) override { return scan::read_app(bytes); }

  Result<indicator::App> read_app_file(int descriptor) override {
    Descriptor copy(::fcntl(descriptor, F_DUPFD_CLOEXEC, 0));
    auto file = viewer_.view(copy, kFileBytesMax);
    if (!file) return carry(file);
    return scan::read_app(*file);
  }

  const Database& database() const override { return database_; }

 private:
  Database database_;
  Limits limits_;
  Stop stop_;
  Scanner scanner_;
  sandbox::FileViewer viewer_;
  std::unique_ptr<std::uint8_t[]> memory_;
  std::size_t size_ = 0;
};

class WorkerExaminer final : public Examiner {
 public:
  WorkerExaminer(Database database, const WorkerOptions& options, std::vector<Descriptor> files,
                 SharedMemory memory, sandbox::Worker worker)
      : database_(std::move(database)),
        limits_(options.limits),
        stop_(options.stop),
        files_(std::move(files)),
        memory_(std::move(memory)),
        worker_(std::move(worker)) {}

  Result<ByteSpan> buffer(std::size_t size) override {
    ensure(size <= memory_.size(), "only small files are read whole");
    return memory_.fill().first(size);
  }

  Verdict examine(ByteView bytes) override {
    if (!show(bytes)) return not_examined("it is too large to be handed over");
    return verdict_of(ask({.what = Task::What::verdict,
                           .where = Task::Where::buffer,
                           .size = bytes.size(),
                           .limits = limits_,
                           .stop = stop_},
                          {}));
  }

  Verdict examine_file(int descriptor) override {
    const std::array files{descriptor};
    return verdict_of(ask({.what = Task::What::verdict,
                           .where = Task::Where::file,
                           .size = 0,
                           .limits = limits_,
                           .stop = stop_},
                          files));
  }

  Result<indicator::App> read_app(ByteView bytes) override {
    if (!show(bytes)) return fail(Code::invalid_input, "it is too large to be handed over");
    return app_of(ask({.what = Task::What::app,
                       .where = Task::Where::buffer,
                       .size = bytes.size(),
                       .limits = limits_,
                       .stop = stop_},
                      {}));
  }

  Result<indicator::App> read_app_file(int descriptor) override {
    const std::array files{descriptor};
    return app_of(ask({.what = Task::What::app,
                       .where = Task::Where::file,
                       .size = 0,
                       .limits = limits_,
                       .stop = stop_},
                      files));
  }

  const Database& database() const override { return database_; }
  const sandbox::Confinement& confinement() const { return worker_.confinement(); }

 private:
  /// Brings bytes into the buffer; false when they do not fit.
  bool show(ByteView bytes) {
    if (bytes.data() == memory_.view().data()) return true;
    if (bytes.size() > memory_.size()) return false;
    std::ranges::copy(bytes, memory_.fill().begin());
    return true;
  }

  Result<Bytes> ask(const Task& task, std::span<const int> files) {
    const Bytes body = encode(task);
    auto outcome = worker_.ask({.body = body, .files = files, .time_max = {}});
    if (!outcome) return carry(outcome);
    if (outcome->end != sandbox::End::answered) {
      return fail(Code::unavailable, std::string(sandbox::explain(outcome->end)));
    }
    return std::move(outcome->answer);
  }

  static Verdict verdict_of(const Result<Bytes>& answer) {
    if (!answer) return not_examined(answer.error().message);
    auto verdict = parse_verdict(*answer);
    if (!verdict) return not_examined("the process that examines it answered nonsense");
    return std::move(*verdict);
  }

  static Result<indicator::App> app_of(const Result<Bytes>& answer) {
    if (!answer) return carry(answer);
    if (answer->empty()) return fail(Code::not_found, "this is no Android package");
    return parse_app(*answer);
  }

  Database database_;
  Limits limits_;
  Stop stop_;
  std::vector<Descriptor> files_;  // of the database; open as long as workers may be started
  SharedMemory memory_;
  sandbox::Worker worker_;
};

Bytes answer_about(const Task& task, Scanner& scanner, ByteView bytes,
                   const threat::ReadWindow* read = nullptr) {
  if (task.what == Task::What::verdict) {
    return encode(scanner.scan(bytes, task.limits, task.stop, read));
  }
  const auto app = read_app(bytes);
  return app ? scan::encode(*app) : Bytes();
}

Bytes answer_task(Scanner& scanner, sandbox::FileViewer& viewer, ByteView buffer,
                  const sandbox::Received& request) {
  auto task = parse_task(request.body);
  if (!task) return encode(not_examined("the request is malformed"));
  if (task->where == Task::Where::buffer) {
    if (task->size > buffer.size()) return encode(not_examined("the request is malformed"));
    return answer_about(*task, scanner, buffer.first(task->size));
  }
  if (request.files.size() != 1) return encode(not_examined("the request is malformed"));
  const Descriptor& descriptor = request.files.front();
  auto file = viewer.view(descriptor, kFileBytesMax);
  if (!file) return encode(not_examined(file.error().message));
  const threat::ReadWindow read = window_reader(viewer, descriptor);
  return answer_about(*task, scanner, *file, viewer.is_mapped() ? &read : nullptr);
}

}  // namespace

std::unique_ptr<Examiner> examine_here(Database database, const Limits& limits, const Clock& clock,
                                       Stop stop) {
  return std::make_unique<HereExaminer>(std::move(database), limits, clock, stop);
}

Result<std::unique_ptr<Examiner>> examine_in_worker(Database database,
                                                    const WorkerOptions& options) {
  auto memory = SharedMemory::make(kBufferBytesMax);
  if (!memory) return carry(memory, "starting the scanner");
  auto files = database.hand_over();
  if (!files) return carry(files, "starting the scanner");
  sandbox::Launch launch{.program = options.program,
                         .arguments = options.arguments,
                         .handed = {memory->descriptor()},
                         .limits = {}};
  for (const Descriptor& file : *files) launch.handed.push_back(file.number());
  launch.limits.memory_bytes_max = options.limits.memory_bytes_max + (512ULL << 20);
  launch.limits.time_max = options.limits.time_max + std::chrono::seconds(30);
  launch.limits.processor_time_max = launch.limits.time_max;
  auto worker = sandbox::Worker::start(std::move(launch));
  if (!worker) return carry(worker, "starting the scanner");
  return std::make_unique<WorkerExaminer>(std::move(database), options, std::move(*files),
                                          std::move(*memory), std::move(*worker));
}

int serve_examiner() {
  auto service = sandbox::Service::accept();
  if (!service || service->handed().size() < 2) return 1;
  std::vector<Descriptor>& handed = service->handed();
  auto memory = SharedMemory::adopt(std::move(handed.front()), kBufferBytesMax);
  auto database = Database::take_over(std::span(handed).subspan(1));
  if (!memory || !database) return 1;
  memory->close_descriptor();
  if (!service->confine()) return 1;
  const SystemClock clock;
  Scanner scanner(*database, clock);
  sandbox::FileViewer viewer;
  return service->serve([&](const sandbox::Received& request) {
    return answer_task(scanner, viewer, memory->view(), request);
  });
}

std::optional<sandbox::Confinement> confinement_of(const Examiner& examiner) {
  const auto* worker = dynamic_cast<const WorkerExaminer*>(&examiner);
  if (worker == nullptr) return {};
  return worker->confinement();
}

}  // namespace amanat::scan
