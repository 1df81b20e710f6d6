#include "amanat/sandbox/test_worker.h"

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <thread>
#include <unistd.h>

#include <doctest/doctest.h>

using namespace amanat;
using namespace amanat::sandbox;

namespace {

Bytes bytes_of(std::string_view text) { return {text.begin(), text.end()}; }

// What a call that should not have worked came to: "refused", or "worked".
Bytes verdict(long result) { return bytes_of(result < 0 ? "refused" : "worked"); }

// A sum that the compiler has to read every byte for.
std::uint64_t sum(ByteView bytes) {
  std::uint64_t total = 0;
  for (const volatile std::uint8_t& byte : bytes) total += byte;
  return total;
}

Bytes read_file(std::vector<Descriptor>& files) {
  auto file = MappedFile::map(files.at(0), 1ULL << 30);
  if (!file) return bytes_of(file.error().message);
  return bytes_of(std::to_string(sum(file->view())));
}

// Says in shared memory that it reads, and reads for as long as it can.
Bytes read_for_ever(std::vector<Descriptor>& files) {
  auto signs = SharedMemory::adopt(std::move(files.at(1)), 4096);
  auto file = MappedFile::map(files.at(0), 1ULL << 30);
  if (!signs || !file) return bytes_of("cannot be mapped");
  signs->fill()[0] = 1;
  for (volatile std::uint64_t total = 0;;) total = total + sum(file->view());
}

Bytes fill_shared(std::vector<Descriptor>& files) {
  auto memory = SharedMemory::adopt(std::move(files.at(0)), 1ULL << 20);
  if (!memory) return bytes_of(memory.error().message);
  for (std::uint8_t& byte : memory->fill()) byte = 7;
  return bytes_of(std::to_string(memory->fill().size()));
}

// Behind the back of SharedMemory: maps memory that is for reading, for writing.
Bytes write_read_only(std::vector<Descriptor>& files) {
  void* start = ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, files.at(0).number(), 0);
  if (start != MAP_FAILED) return bytes_of("worked");
  return verdict(::write(files.at(0).number(), "x", 1));
}

Bytes allocate_without_end(std::size_t piece) {
  std::vector<Bytes> kept;
  for (;;) kept.emplace_back(piece, std::uint8_t{1});
}

int recurse_without_end(int depth) {
  if (depth < 0) return 0;  // never: the stack ends earlier
  volatile char room[1024] = {};
  room[depth % 1024] = 1;
  return recurse_without_end(depth + 1) + room[0];
}

Bytes memory_without_file(int protection, int flags) {
  void* start = ::mmap(nullptr, 4096, protection, flags | MAP_ANONYMOUS, -1, 0);
  return bytes_of(start == MAP_FAILED ? "refused" : "worked");
}

Bytes execute() {
  char program[] = "/bin/true";
  char* const arguments[] = {program, nullptr};
  return verdict(::execve(program, arguments, nullptr));
}

Bytes loop_without_end() {
  for (volatile std::uint64_t i = 0;; i = i + 1) {
  }
}

Bytes sleep_without_end() {
  for (;;) std::this_thread::sleep_for(std::chrono::seconds(1));
}

using Deeds = std::map<std::string, std::function<Bytes(std::vector<Descriptor>&)>, std::less<>>;

const Deeds& deeds() {
  using Files = std::vector<Descriptor>;
  static const Deeds all{
      {"echo", [](Files&) { return bytes_of("echo"); }},
      {"open", [](Files&) { return verdict(::open("/etc/passwd", O_RDONLY | O_CLOEXEC)); }},
      {"create",
       [](Files&) { return verdict(::open("/tmp/amanat-made", O_CREAT | O_WRONLY, 0600)); }},
      {"stat",
       [](Files&) {
         struct stat facts{};
         return verdict(::stat("/etc/passwd", &facts));
       }},
      {"unlink", [](Files&) { return verdict(::unlink("/tmp/amanat-no-such-file")); }},
      {"socket", [](Files&) { return verdict(::socket(AF_INET, SOCK_STREAM, 0)); }},
      {"local socket", [](Files&) { return verdict(::socket(AF_UNIX, SOCK_STREAM, 0)); }},
      {"execve", [](Files&) { return execute(); }},
      {"fork", [](Files&) { return verdict(::syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0)); }},
      {"ptrace", [](Files&) { return verdict(::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr)); }},
      {"memfd", [](Files&) { return verdict(::memfd_create("x", 0)); }},
      {"kill", [](Files&) { return verdict(::kill(::getppid(), 0)); }},
      {"setrlimit",
       [](Files&) {
         const rlimit most{1, 1};
         return verdict(::setrlimit(RLIMIT_CPU, &most));
       }},
      {"executable memory",
       [](Files&) { return memory_without_file(PROT_READ | PROT_EXEC, MAP_PRIVATE); }},
      {"shared memory", [](Files&) { return memory_without_file(PROT_READ, MAP_SHARED); }},
      {"small pieces", [](Files&) { return allocate_without_end(100); }},
      {"large pieces", [](Files&) { return allocate_without_end(8ULL << 20); }},
      {"loop", [](Files&) { return loop_without_end(); }},
      {"sleep", [](Files&) { return sleep_without_end(); }},
      {"recurse", [](Files&) { return bytes_of(std::to_string(recurse_without_end(0))); }},
      {"segfault",
       [](Files&) {
         std::raise(SIGSEGV);
         return Bytes();
       }},
      {"trap",
       [](Files&) {
         __builtin_trap();
         return Bytes();
       }},
      {"abort",
       [](Files&) {
         std::abort();
         return Bytes();
       }},
      {"overflow",
       [](Files&) {
         volatile std::size_t at = 4;
         const std::unique_ptr<char[]> room(new char[4]);
         room[at] = 1;
         return Bytes();
       }},
      {"exit",
       [](Files&) {
         ::_exit(0);
         return Bytes();
       }},
      {"hang up",
       [](Files&) {
         ::close(3);
         return sleep_without_end();
       }},
      {"say nothing known",
       [](Files&) {
         std::ignore = ::write(3, "?", 1);
         return sleep_without_end();
       }},
      {"read", [](Files& files) { return read_file(files); }},
      {"read for ever", [](Files& files) { return read_for_ever(files); }},
      {"fill", [](Files& files) { return fill_shared(files); }},
      {"write read-only", [](Files& files) { return write_read_only(files); }},
      {"descriptors",
       [](Files&) {
         std::string open;
         for (int i = 3; i < 64; ++i)
           if (::lseek(i, 0, SEEK_CUR) >= 0 || errno == ESPIPE) open += std::to_string(i) + " ";
         return bytes_of(open);
       }},
      {"largest answer", [](Files&) { return Bytes(kMessageBytesMax, std::uint8_t{1}); }},
  };
  return all;
}

}  // namespace

TEST_CASE("plays the worker" * doctest::skip()) {
  auto service = Service::accept();
  if (!service) return;  // a person who runs every test, with --no-skip
  const std::size_t handed = service->handed().size();
  deeds();  // made before it is confined, as a database would be
  if (!service->confine()) std::_Exit(1);
  std::_Exit(service->serve([&](const Received& request) {
    if (as_text(request.body) == "handed") return bytes_of(std::to_string(handed));
    const auto deed = deeds().find(as_text(request.body));
    return deed == deeds().end() ? bytes_of("unknown") : deed->second(request.files);
  }));
}
