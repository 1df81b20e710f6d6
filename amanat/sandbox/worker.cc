#include "amanat/sandbox/worker.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <ctime>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <utility>

#include "amanat/sandbox/link.h"
#include "amanat/sandbox/system_calls.h"

namespace amanat::sandbox {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::array<std::string_view, 6> kNames{"answered",      "crashed",     "forbidden",
                                                 "out_of_memory", "out_of_time", "file_changed"};
constexpr std::array<std::string_view, 6> kExplanations{
    "it was examined",
    "the program that examines it crashed",
    "the program that examines it tried what it may not do",
    "it takes too much memory",
    "it takes too much time",
    "it became shorter while it was read"};

constexpr milliseconds kLastBreath{2'000};  // from closing its link to having ended
constexpr milliseconds kAtOnce{20};         // within which most requests are answered

/// Descriptors and environment for a process to be: nothing of ours but the link.
class SpawnActions {
 public:
  SpawnActions() { ::posix_spawn_file_actions_init(&actions_); }
  SpawnActions(const SpawnActions&) = delete;
  SpawnActions& operator=(const SpawnActions&) = delete;
  ~SpawnActions() { ::posix_spawn_file_actions_destroy(&actions_); }

  bool place_link(int link) {
    return ::posix_spawn_file_actions_adddup2(&actions_, link, kLinkDescriptor) == 0;
  }
  bool silence(int descriptor) {
    return ::posix_spawn_file_actions_addopen(&actions_, descriptor, "/dev/null", O_RDWR, 0) == 0;
  }
  const posix_spawn_file_actions_t* get() const { return &actions_; }

 private:
  posix_spawn_file_actions_t actions_{};
};

/// What a program needs to start at all; nothing that says who or where its user is.
std::vector<std::string> small_environment() {
  std::vector<std::string> environment{"LC_ALL=C"};
  for (const std::string name :
       {"LD_LIBRARY_PATH", "ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS"}) {
    // NOLINTNEXTLINE(concurrency-mt-unsafe): nobody sets variables here
    const char* value = std::getenv(name.c_str());
    std::string text = value == nullptr ? "" : value;
    // A confined process cannot start a symbolizer, and would wait for it.
    if (has_sanitizers() && name.ends_with("SAN_OPTIONS")) text += ":symbolize=0";
    if (!text.empty()) environment.push_back(name + "=" + text);
  }
  return environment;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> list;
  list.reserve(texts.size() + 1);
  for (std::string& text : texts) list.push_back(text.data());
  list.push_back(nullptr);
  return list;
}

/// What a worker is shown it may read. A descriptor that also writes would let it change the file
/// by mapping it; memory of SharedMemory says by its seals who writes.
bool may_be_shown(int descriptor) {
  const int flags = ::fcntl(descriptor, F_GETFL);
  if (flags < 0) return false;
  if ((flags & O_ACCMODE) == O_RDONLY) return true;
  const int seals = ::fcntl(descriptor, F_GET_SEALS);
  return seals >= 0 && (seals & F_SEAL_SHRINK) != 0;
}

/// How long a process has computed; nothing when the system does not tell.
std::optional<milliseconds> processor_time(pid_t process) {
  clockid_t clock{};
  timespec time{};
  if (::clock_getcpuclockid(process, &clock) != 0 || ::clock_gettime(clock, &time) != 0) {
    return std::nullopt;
  }
  return milliseconds(time.tv_sec * 1000 + time.tv_nsec / 1'000'000);
}

/// The status of a process that ends by itself within a while.
std::optional<int> wait_a_while(pid_t process) {
  const auto deadline = steady_clock::now() + kLastBreath;
  while (steady_clock::now() < deadline) {
    int status = 0;
    if (::waitpid(process, &status, WNOHANG) == process) return status;
    std::this_thread::sleep_for(milliseconds(1));
  }
  return std::nullopt;
}

std::optional<int> kill_and_wait(pid_t process) {
  ::kill(process, SIGKILL);
  int status = 0;
  while (::waitpid(process, &status, 0) != process) {
    if (errno != EINTR) return std::nullopt;  // somebody else has waited for it
  }
  return status;
}

End end_of(int status) {
  if (WIFSIGNALED(status)) {
    switch (WTERMSIG(status)) {
      case SIGSYS: return End::forbidden;
      case SIGKILL: return End::out_of_memory;  // by the system: we have not killed it
      case SIGBUS: return End::file_changed;
      default: return End::crashed;
    }
  }
  if (WEXITSTATUS(status) == kExitOutOfMemory) return End::out_of_memory;
  if (WEXITSTATUS(status) == kExitFileChanged) return End::file_changed;
  return End::crashed;
}

}  // namespace

std::string_view name_of(End end) { return kNames.at(static_cast<std::size_t>(end)); }
std::string_view explain(End end) { return kExplanations.at(static_cast<std::size_t>(end)); }

Result<Worker> Worker::start(Launch launch) {
  Worker worker(std::move(launch));
  if (auto done = worker.spawn(); !done) return carry(done, "starting a worker");
  return worker;
}

Worker::Worker(Worker&& other) noexcept
    : launch_(std::move(other.launch_)),
      link_(std::move(other.link_)),
      process_(std::exchange(other.process_, 0)),
      confinement_(other.confinement_),
      number_(other.number_),
      requests_(other.requests_),
      started_(other.started_) {}

Worker& Worker::operator=(Worker&& other) noexcept {
  if (this != &other) {
    end_process(true);
    launch_ = std::move(other.launch_);
    link_ = std::move(other.link_);
    process_ = std::exchange(other.process_, 0);
    confinement_ = other.confinement_;
    number_ = other.number_;
    requests_ = other.requests_;
    started_ = other.started_;
  }
  return *this;
}

Worker::~Worker() { end_process(true); }

Result<> Worker::spawn() {
  auto link = make_link();
  if (!link) return carry(link);
  SpawnActions actions;
  // The link goes first: it may lie where a standard descriptor goes.
  bool ready = actions.place_link(link->theirs.number());
  ready = ready && actions.silence(STDIN_FILENO) && actions.silence(STDOUT_FILENO);
  if (!launch_.show_errors) ready = ready && actions.silence(STDERR_FILENO);
  if (!ready) return fail(Code::unavailable, "the system has no memory");

  std::vector<std::string> arguments{launch_.program.string()};
  arguments.insert(arguments.end(), launch_.arguments.begin(), launch_.arguments.end());
  std::vector<std::string> environment = small_environment();
  pid_t process = 0;
  if (::posix_spawn(&process, launch_.program.c_str(), actions.get(), nullptr,
                    pointers(arguments).data(), pointers(environment).data())
      != 0) {
    return fail(Code::unavailable, "its program does not start");
  }
  process_ = process;
  link_ = std::move(link->ours);
  requests_ = 0;
  ++started_;
  // Ours of their end closes here, so that its end of life ends the link.
  link->theirs.close();
  auto done = introduce();
  if (!done) end_process(true);
  return done;
}

Result<> Worker::introduce() {
  if (launch_.handed.size() > kDescriptorsMax
      || !std::ranges::all_of(launch_.handed, may_be_shown)) {
    return fail(Code::invalid_input, "it is handed too much, or what it could write");
  }
  if (auto sent = send_message(link_.number(), 0, encode_limits(launch_.limits), launch_.handed);
      !sent) {
    return carry(sent);
  }
  const Outcome outcome = await(0, launch_.start_time_max);
  if (outcome.end != End::answered) {
    std::string message("it ended before it was ready: ");
    message += name_of(outcome.end);
    return fail(Code::unavailable, std::move(message));
  }
  auto confinement = decode_confinement(outcome.answer);
  if (!confinement) return carry(confinement);
  confinement_ = *confinement;
  if (!confinement_.seccomp && !launch_.without_seccomp) {
    return fail(Code::denied, "this system cannot keep it from files and network (no seccomp)");
  }
  return {};
}

Result<Outcome> Worker::ask(const Request& request) {
  if (request.body.size() > kMessageBytesMax || request.files.size() > kDescriptorsMax) {
    return fail(Code::invalid_input, "a request to a worker is too large");
  }
  if (!std::ranges::all_of(request.files, may_be_shown)) {
    return fail(Code::invalid_input, "a worker would be shown a file that it could write");
  }
  if (is_running() && requests_ >= launch_.requests_max) end_process(true);
  // A worker that ended between two requests is not the fault of the next: one more try.
  for (int tries = 0; tries < 2; ++tries) {
    if (!is_running()) {
      if (auto done = spawn(); !done) return carry(done, "replacing a worker");
    }
    if (send_message(link_.number(), ++number_, request.body, request.files)) {
      ++requests_;
      return await(number_, request.time_max.value_or(launch_.limits.time_max));
    }
    end_process(false);
  }
  return fail(Code::unavailable, "workers end before they are asked");
}

Outcome Worker::await(std::uint64_t number, milliseconds time_max) {
  const auto begin = steady_clock::now();
  const auto deadline = begin + time_max;
  // Most answer at once; how long a worker has computed is asked when one does not. By then it has
  // computed for no longer than we waited.
  std::optional<milliseconds> computed_before;
  for (;;) {
    const auto now = steady_clock::now();
    auto left = std::min(std::chrono::ceil<milliseconds>(deadline - now), kAtOnce);
    if (now - begin >= kAtOnce) {
      const auto waited = std::chrono::floor<milliseconds>(now - begin);
      const auto computed = processor_time(process_);
      if (!computed_before) computed_before = computed.value_or(waited) - waited;
      // A process with one thread computes no longer than it lives: it is enough to look again when
      // what is left of its time could be used up.
      const auto spent = computed.value_or(*computed_before) - *computed_before;
      left = std::min(std::chrono::ceil<milliseconds>(deadline - now),
                      std::max(launch_.limits.processor_time_max - spent, milliseconds(0)));
    }
    if (left <= milliseconds(0)) return {end_process(true), {}};
    pollfd ready{link_.number(), POLLIN, 0};
    const auto wait = std::min<milliseconds>(left, std::chrono::hours(1));
    if (::poll(&ready, 1, static_cast<int>(wait.count())) <= 0) continue;
    auto message = receive_message(link_.number(), 0);
    if (!message) {  // something that is no message
      end_process(true);
      return {End::crashed, {}};
    }
    if (!*message) return {end_process(false), {}};
    if ((*message)->number != number) {
      end_process(true);
      return {End::crashed, {}};
    }
    return {End::answered, std::move((*message)->body)};
  }
}

/// Ends the process and says how it ended. `overdue`: it is alive and has to be killed.
End Worker::end_process(bool overdue) {
  if (!is_running()) return End::crashed;
  const pid_t process = std::exchange(process_, 0);
  link_.close();
  if (!overdue) {
    if (const auto status = wait_a_while(process)) return end_of(*status);
  }
  const auto status = kill_and_wait(process);
  // It may have ended by itself just before.
  if (overdue && status && WIFSIGNALED(*status) && WTERMSIG(*status) == SIGKILL) {
    return End::out_of_time;
  }
  return overdue && status ? end_of(*status) : End::crashed;
}

}  // namespace amanat::sandbox
