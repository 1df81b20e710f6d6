#include "amanat/phone/home.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <string>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace amanat::phone {
namespace {

namespace fs = std::filesystem;

/// Closes on every way out.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  int number() const { return number_; }
  int release() { return std::exchange(number_, -1); }

 private:
  int number_;
};

std::unexpected<Error> fail_by_system(std::string_view doing) {
  const Code code = errno == ENOENT ? Code::not_found : Code::unavailable;
  std::string message(doing);
  message += ": ";
  message += std::strerror(errno);  // NOLINT(concurrency-mt-unsafe): glibc's is
  if (errno == ENOSPC) message += "; free some space and try again";
  return fail(code, std::move(message));
}

Result<> write_all(int file, ByteView bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(file, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return fail_by_system("writing a private file");
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return {};
}

Result<> sync_folder(const fs::path& folder) {
  // A bare name like words.txt lies in the working folder.
  const char* name = folder.empty() ? "." : folder.c_str();
  const Descriptor opened(::open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (opened.number() < 0 || ::fsync(opened.number()) != 0) {
    return fail_by_system("syncing a folder");
  }
  return {};
}

}  // namespace

Result<> Home::make_folders(const fs::path& folder) {
  std::error_code problem;
  fs::create_directories(folder, problem);
  if (problem) return fail(Code::unavailable, "making the home folder: " + problem.message());
  if (::chmod(folder.c_str(), 0700) != 0)
    return fail_by_system("closing the home folder to others");
  for (const std::string_view name : {"keys", "outbox", "evidence", "threats"}) {
    if (::mkdir((folder / name).c_str(), 0700) != 0 && errno != EEXIST) {
      return fail_by_system("making the home folder");
    }
  }
  return {};
}

Result<Home> Home::open(const fs::path& folder) {
  if (auto made = make_folders(folder); !made) return carry(made);
  Descriptor lock(::open((folder / "lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (lock.number() < 0) return fail_by_system("opening the lock");
  if (::flock(lock.number(), LOCK_EX | LOCK_NB) != 0) {
    return fail(Code::unavailable, "another amanat command is at work here: wait until it is done");
  }
  return Home(fs::absolute(folder), lock.release());
}

Home::Home(Home&& other) noexcept
    : folder_(std::move(other.folder_)), lock_(std::exchange(other.lock_, -1)) {}

Home::~Home() {
  if (lock_ >= 0) ::close(lock_);
}

Result<> write_private_file(const fs::path& path, ByteView bytes) {
  fs::path making = path;
  making += ".making";
  {
    const Descriptor file(
        ::open(making.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (file.number() < 0) return fail_by_system("making a private file");
    if (auto done = write_all(file.number(), bytes); !done) return carry(done);
    if (::fsync(file.number()) != 0) return fail_by_system("syncing a private file");
  }
  if (::rename(making.c_str(), path.c_str()) != 0) return fail_by_system("placing a private file");
  return sync_folder(path.parent_path());
}

Result<SecretBytes> read_private_file(const fs::path& path, std::size_t size_max) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.number() < 0) return fail_by_system("opening a private file");
  struct stat facts{};
  if (::fstat(file.number(), &facts) != 0) return fail_by_system("reading a private file");
  if (std::cmp_greater(facts.st_size, size_max)) {
    return fail(Code::invalid_input, "a private file is larger than it can be");
  }
  SecretBytes bytes(static_cast<std::size_t>(facts.st_size));
  ByteSpan left = bytes.expose();
  while (!left.empty()) {
    const ssize_t count = ::read(file.number(), left.data(), left.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return fail_by_system("reading a private file");
    left = left.subspan(static_cast<std::size_t>(count));
  }
  return bytes;
}

Result<> destroy_private_file(const fs::path& path) {
  {
    const Descriptor file(::open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NOFOLLOW));
    if (file.number() < 0 && errno == ENOENT) return {};
    struct stat facts{};
    if (file.number() < 0 || ::fstat(file.number(), &facts) != 0) {
      return fail_by_system("destroying a key");
    }
    static constexpr std::array<std::uint8_t, 4096> kZeros{};
    for (off_t left = facts.st_size; left > 0; left -= static_cast<off_t>(kZeros.size())) {
      const auto size = std::min(static_cast<std::size_t>(left), kZeros.size());
      if (auto done = write_all(file.number(), ByteView(kZeros).first(size)); !done) {
        return carry(done);
      }
    }
    if (::fsync(file.number()) != 0) return fail_by_system("destroying a key");
  }
  if (::unlink(path.c_str()) != 0) return fail_by_system("destroying a key");
  return sync_folder(path.parent_path());
}

}  // namespace amanat::phone
