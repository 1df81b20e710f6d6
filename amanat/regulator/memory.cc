#include "amanat/regulator/memory.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "amanat/note/note.h"

namespace amanat::regulator {
namespace {

constexpr mode_t kOwnerOnly = 0600;

/// Closes when it goes.
class File {
 public:
  explicit File(int descriptor) : descriptor_(descriptor) {}
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  int get() const { return descriptor_; }

 private:
  int descriptor_;
};

std::unexpected<Error> failed(std::string_view doing) {
  return fail(Code::unavailable, std::string(doing) + ": " + std::strerror(errno));
}

Result<> make_folder(const std::filesystem::path& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) return fail(Code::unavailable, "creating the state folder: " + error.message());
  return {};
}

Result<> write_all(int descriptor, ByteView content) {
  while (!content.empty()) {
    const ssize_t count = ::write(descriptor, content.data(), content.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return failed("writing a file");
    content = content.subspan(static_cast<std::size_t>(count));
  }
  return {};
}

std::filesystem::path checkpoint_path(const std::filesystem::path& folder,
                                      const api::PolicyHash& policy) {
  return folder / "checkpoints" / policy.hex();
}

}  // namespace

Result<Bytes> read_file(const std::filesystem::path& path, std::size_t size_max) {
  const File file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0 && errno == ENOENT) return fail(Code::not_found, "there is no such file");
  if (file.get() < 0) return failed("opening a file");
  struct stat status{};
  if (::fstat(file.get(), &status) != 0) return failed("looking at a file");
  if (!S_ISREG(status.st_mode) || static_cast<std::uint64_t>(status.st_size) > size_max) {
    return fail(Code::invalid_input, "it is no file, or too long");
  }
  Bytes content(static_cast<std::size_t>(status.st_size));
  std::size_t used = 0;
  while (used < content.size()) {
    const ssize_t count = ::read(file.get(), content.data() + used, content.size() - used);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return failed("reading a file");
    if (count == 0) break;
    used += static_cast<std::size_t>(count);
  }
  content.resize(used);
  return content;
}

Result<> write_file(const std::filesystem::path& path, ByteView content) {
  const std::filesystem::path beside = path.string() + ".new";
  {
    const File file(::open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, kOwnerOnly));
    if (file.get() < 0) return failed("creating a file");
    if (auto written = write_all(file.get(), content); !written) return written;
    if (::fsync(file.get()) != 0) return failed("writing a file");
  }
  if (::rename(beside.c_str(), path.c_str()) != 0) return failed("renaming a file");
  return {};
}

Result<crypto::Signer> open_auditor_key(const std::filesystem::path& folder) {
  const auto path = folder / "auditor.seed";
  auto kept = read_file(path, crypto::SigningSeed::kSize);
  if (kept) {
    auto seed = crypto::SigningSeed::from(*kept);
    wipe(*kept);
    if (!seed) return carry(seed, "the auditor's key");
    return crypto::Signer(*std::move(seed));
  }
  if (kept.error().code != Code::not_found) return carry(kept, "the auditor's key");
  if (auto made = make_folder(folder); !made) return carry(made);
  auto signer = crypto::Signer::random();
  auto written = write_file(path, signer.seed().expose());
  if (!written) return carry(written, "the auditor's key");
  return signer;
}

Result<std::optional<std::string>> recall_checkpoint(const std::filesystem::path& folder,
                                                     const api::PolicyHash& policy) {
  const auto note = read_file(checkpoint_path(folder, policy), note::kNoteBytesMax);
  if (!note && note.error().code == Code::not_found) return std::nullopt;
  if (!note) return carry(note, "the remembered checkpoint");
  return std::string(as_text(*note));
}

Result<> remember_checkpoint(const std::filesystem::path& folder, const api::PolicyHash& policy,
                             std::string_view note) {
  if (auto made = make_folder(folder / "checkpoints"); !made) return made;
  return write_file(checkpoint_path(folder, policy), as_bytes(note));
}

}  // namespace amanat::regulator
