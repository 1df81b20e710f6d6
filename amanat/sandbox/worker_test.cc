#include "amanat/sandbox/worker.h"

#include <algorithm>
#include <atomic>
#include <csignal>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <string>
#include <sys/wait.h>
#include <thread>
#include <tuple>
#include <unistd.h>

#include <doctest/doctest.h>

#include "amanat/sandbox/system_calls.h"
#include "amanat/sandbox/test_worker.h"

using namespace amanat;
using namespace amanat::sandbox;

namespace {

// The same file, for reading only.
Descriptor reader_of(const Descriptor& file) {
  const std::string link = "/proc/self/fd/" + std::to_string(file.number());
  return Descriptor(::open(link.c_str(), O_RDONLY | O_CLOEXEC));
}

// A file of this many ones, without a name.
Descriptor file_of_ones(std::size_t size) {
  std::string name = (std::filesystem::temp_directory_path() / "amanat-XXXXXX").string();
  Descriptor file(::mkstemp(name.data()));
  ensure(file.is_open(), "a temporary file can be made");
  ::unlink(name.c_str());
  const Bytes ones(size, 1);
  ensure(::write(file.number(), ones.data(), size) == static_cast<ssize_t>(size),
         "a file is written");
  return file;
}

std::string text_of(const Outcome& outcome) { return std::string(as_text(outcome.answer)); }

Worker start(const Launch& launch = test_launch()) {
  auto worker = Worker::start(launch);
  if (!worker) FAIL(worker.error().message);
  return std::move(*worker);
}

}  // namespace

TEST_CASE("a worker answers, and says what holds it") {
  Worker worker = start();
  CHECK(text_of(ask(worker, "echo")) == "echo");
  CHECK(worker.confinement().seccomp);
  CHECK(worker.confinement().no_new_privileges);
  CHECK(worker.confinement().limits);
  CHECK(worker.confinement().descriptors_closed);
  CHECK(worker.confinement().dies_with_caller);
  MESSAGE("in force here: " << describe(worker.confinement()));
}

TEST_CASE("a worker cannot open, make or look up files: it is refused and goes on") {
  Worker worker = start();
  for (const std::string_view what : {"open", "create", "stat", "unlink", "executable memory"}) {
    CAPTURE(what);
    const Outcome outcome = ask(worker, what);
    CHECK(outcome.end == End::answered);
    CHECK(text_of(outcome) == "refused");
  }
  CHECK(worker.started() == 1);
}

TEST_CASE("a worker that wants network, processes or more rights ends") {
  Worker worker = start();
  for (const std::string_view what : {"socket", "local socket", "execve", "fork", "ptrace", "memfd",
                                      "kill", "setrlimit", "shared memory"}) {
    CAPTURE(what);
    CHECK(ask(worker, what).end == End::forbidden);
    CHECK(text_of(ask(worker, "echo")) == "echo");  // another has taken its place
  }
  CHECK(worker.started() == 10);
}

TEST_CASE("a worker that crashes costs its request one answer") {
  Worker worker = start();
  for (const std::string_view what :
       {"segfault", "trap", "abort", "recurse", "exit", "hang up", "say nothing known"}) {
    CAPTURE(what);
    CHECK(ask(worker, what).end == End::crashed);
    CHECK(ask(worker, "echo").end == End::answered);
  }
}

TEST_CASE("a sanitizer still reports from inside" * doctest::skip(!has_sanitizers())) {
  Worker worker = start();
  CHECK(ask(worker, "overflow").end == End::crashed);
}

TEST_CASE("a worker that allocates without end meets its limit") {
  Launch launch = test_launch();
  // A sanitizer that has no memory for its report says so, or waits for ever for some.
  if (has_sanitizers()) launch.limits.time_max = std::chrono::seconds(2);
  Worker worker = start(launch);
  for (const std::string_view what : {"small pieces", "large pieces"}) {
    CAPTURE(what);
    const End end = ask(worker, what).end;
    CHECK((end == End::out_of_memory
           || (has_sanitizers() && (end == End::crashed || end == End::out_of_time))));
  }
  CHECK(ask(worker, "echo").end == End::answered);
}

TEST_CASE("a worker that does not come back is ended when its time is up") {
  Worker worker = start();
  for (const std::string_view what : {"loop", "sleep"}) {
    CAPTURE(what);
    const auto outcome = worker.ask(
        {.body = as_bytes(what), .files = {}, .time_max = std::chrono::milliseconds(200)});
    REQUIRE(outcome);
    CHECK(outcome->end == End::out_of_time);
  }
  CHECK(ask(worker, "echo").end == End::answered);
}

TEST_CASE("a worker that computes too long is ended, however long it may take") {
  Launch launch = test_launch();
  launch.limits.processor_time_max = std::chrono::milliseconds(300);
  Worker worker = start(launch);
  const auto before = std::chrono::steady_clock::now();
  CHECK(ask(worker, "loop").end == End::out_of_time);
  CHECK(std::chrono::steady_clock::now() - before < std::chrono::seconds(60));
}

TEST_CASE("a file is handed over for one request, and read by mapping it") {
  Worker worker = start();
  const Descriptor file = reader_of(file_of_ones(100'000));
  const int files[] = {file.number()};
  CHECK(text_of(ask(worker, "read", files)) == "100000");
  CHECK(text_of(ask(worker, "read", files)) == "100000");
  const Descriptor empty = reader_of(file_of_ones(0));
  const int none[] = {empty.number()};
  CHECK(text_of(ask(worker, "read", none)) == "0");
}

TEST_CASE("a file that becomes shorter while it is read costs one answer") {
  Worker worker = start();
  auto signs = SharedMemory::make(4096, Writers::all);
  REQUIRE(signs);
  const Descriptor file = file_of_ones(100'000);
  std::thread cutter([&] {
    const volatile std::uint8_t& reading = signs->view()[0];
    while (reading == 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    ensure(::ftruncate(file.number(), 0) == 0, "a file can be cut");
  });
  const Descriptor reader = reader_of(file);
  const int files[] = {reader.number(), signs->descriptor()};
  const Outcome outcome = ask(worker, "read for ever", files);
  cutter.join();
  CHECK(outcome.end == End::file_changed);
  CHECK(explain(outcome.end) == "it became shorter while it was read");
  CHECK(ask(worker, "echo").end == End::answered);
}

TEST_CASE("a worker holds its link and what was handed over, nothing else") {
  const Descriptor file = reader_of(file_of_ones(10));
  const int open_for_others = ::dup(file.number());  // inherited by whatever is started
  Launch launch = test_launch();
  launch.handed = {file.number()};
  Worker worker = start(launch);
  CHECK(text_of(ask(worker, "handed")) == "1");
  const std::string descriptors = text_of(ask(worker, "descriptors"));
  CHECK(std::ranges::count(descriptors, ' ') == 2);
  ::close(open_for_others);
  // Those that take its place are handed the same.
  CHECK(ask(worker, "abort").end == End::crashed);
  CHECK(text_of(ask(worker, "handed")) == "1");
}

TEST_CASE("a file that is open for writing is shown to no worker") {
  const Descriptor file = file_of_ones(10);
  Worker worker = start();
  const int files[] = {file.number()};
  CHECK(worker.ask({.body = as_bytes("read"), .files = files}).error().code == Code::invalid_input);
  const int closed[] = {12'345};
  CHECK(worker.ask({.body = as_bytes("read"), .files = closed}).error().code
        == Code::invalid_input);
  Launch launch = test_launch();
  launch.handed = {file.number()};
  CHECK(Worker::start(launch).error().code == Code::invalid_input);
}

TEST_CASE("a worker ends with its caller, also in the middle of its work") {
  const pid_t caller = ::fork();
  if (caller == 0) {
    auto worker = Worker::start(test_launch());
    if (worker) std::ignore = worker->ask({.body = as_bytes("loop")});
    ::_exit(0);
  }
  // The kernel lists the children of a thread, where it is built to.
  const std::string number = std::to_string(caller);
  const std::string list = "/proc/" + number + "/task/" + number + "/children";
  pid_t worker = 0;
  for (int i = 0; i < 3'000 && worker == 0; ++i) {
    if (!(std::ifstream(list) >> worker)) worker = 0;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  std::this_thread::sleep_for(std::chrono::milliseconds(200));  // mostly, until it loops
  ::kill(caller, SIGKILL);
  ::waitpid(caller, nullptr, 0);
  if (worker == 0) return;
  bool gone = false;
  for (int i = 0; i < 3'000 && !gone; ++i) {
    std::string pid;
    std::string name;
    std::string state;  // Z: ended, and nobody has asked how
    std::ifstream status("/proc/" + std::to_string(worker) + "/stat");
    gone = !(status >> pid >> name >> state) || state == "Z" || state == "X";
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  CHECK(gone);
}

TEST_CASE("a thousand requests, and a fresh worker after as many as were allowed") {
  Launch launch = test_launch();
  launch.requests_max = 400;
  Worker worker = start(launch);
  const auto before = std::chrono::steady_clock::now();
  int answered = 0;
  for (int i = 0; i < 1000; ++i) {
    if (ask(worker, "echo").end == End::answered) ++answered;
  }
  CHECK(answered == 1000);
  CHECK(worker.started() == 3);
  const auto took = std::chrono::steady_clock::now() - before;
  MESSAGE("1,000 requests and 2 starts: "
          << std::chrono::duration_cast<std::chrono::milliseconds>(took).count() << " ms");
}

TEST_CASE("two workers work side by side, and one that dies does not disturb the other") {
  std::atomic<int> answered = 0;
  std::atomic<int> crashed = 0;
  const auto work = [&](bool unruly) {
    Worker worker = start();
    for (int i = 0; i < 100; ++i) {
      if (unruly && i % 25 == 0 && ask(worker, "abort").end == End::crashed) ++crashed;
      if (ask(worker, "echo").end == End::answered) ++answered;
    }
  };
  std::thread calm([&] { work(false); });
  std::thread unruly([&] { work(true); });
  calm.join();
  unruly.join();
  CHECK(answered == 200);
  CHECK(crashed == 4);
}

TEST_CASE("the largest messages pass, larger requests are refused") {
  Worker worker = start();
  CHECK(ask(worker, "largest answer").answer.size() == kMessageBytesMax);
  const Bytes largest(kMessageBytesMax, 'x');
  const auto outcome = worker.ask({.body = largest});
  REQUIRE(outcome);
  CHECK(text_of(*outcome) == "unknown");
  const Bytes larger(kMessageBytesMax + 1, 'x');
  CHECK(worker.ask({.body = larger}).error().code == Code::invalid_input);
}

TEST_CASE("a program that is no worker does not become one") {
  Launch launch;
  launch.program = "/no/such/program";
  CHECK(Worker::start(launch).error().code == Code::unavailable);
  launch.program = "/bin/true";
  CHECK(Worker::start(launch).error().code == Code::unavailable);
  CHECK_FALSE(Service::accept());
}

TEST_CASE("what is missing from a sandbox is said") {
  Confinement confinement;
  CHECK(
      describe(confinement).starts_with("nothing; missing: seccomp, landlock, no new privileges"));
  confinement.seccomp = true;
  confinement.landlock_abi = 3;
  CHECK(describe(confinement).starts_with("seccomp, landlock 3; missing: no new privileges"));
}
