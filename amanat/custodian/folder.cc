#include "amanat/custodian/folder.h"

#include <cerrno>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

#include "amanat/crypto/crypto.h"

namespace amanat::custodian {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kFileBytesMax = std::size_t{1} << 20;

/// A file descriptor that closes itself.
class File {
 public:
  File(const fs::path& path, int flags) : descriptor_(::open(path.c_str(), flags, 0600)) {}
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  int get() const { return descriptor_; }
  bool is_open() const { return descriptor_ >= 0; }
  int release() { return std::exchange(descriptor_, -1); }

 private:
  int descriptor_;
};

Result<> make_folder(const fs::path& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (!error) fs::permissions(path, fs::perms::owner_all, error);
  if (error) return fail(Code::unavailable, "the data folder cannot be made: " + error.message());
  return {};
}

Result<> sync_folder(const fs::path& path) {
  const File folder(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (!folder.is_open() || ::fsync(folder.get()) != 0) {
    return fail(Code::unavailable, "the data folder cannot be written");
  }
  return {};
}

bool write_all(int file, ByteView bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(file, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return true;
}

/// Says why the system would not write, in its own words: "No space left on device".
std::unexpected<Error> fail_to_write(std::string_view what) {
  const std::string why = std::generic_category().message(errno);
  return fail(Code::unavailable, std::string(what) + " cannot be written: " + why);
}

/// Replaces a file so that after a crash either the old or the new one is there, whole.
Result<> write_file(const fs::path& path, ByteView bytes) {
  const fs::path part = path.string() + ".part";
  {
    const File file(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC);
    if (!file.is_open() || !write_all(file.get(), bytes) || ::fsync(file.get()) != 0) {
      return fail_to_write(path.filename().string());
    }
  }
  if (::rename(part.c_str(), path.c_str()) != 0) {
    return fail_to_write(path.filename().string());
  }
  return sync_folder(path.parent_path());
}

Result<SecretBytes> read_file(const fs::path& path) {
  const File file(path, O_RDONLY | O_CLOEXEC);
  struct stat status{};
  if (!file.is_open() || ::fstat(file.get(), &status) != 0) {
    return fail(Code::not_found, path.filename().string() + " is not there");
  }
  if (status.st_size < 0 || std::cmp_greater(status.st_size, kFileBytesMax)) {
    return fail(Code::corrupt, path.filename().string() + " is too big");
  }
  SecretBytes bytes(static_cast<std::size_t>(status.st_size));
  ByteSpan left = bytes.expose();
  while (!left.empty()) {
    const ssize_t got = ::read(file.get(), left.data(), left.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return fail(Code::unavailable, path.filename().string() + " cannot be read");
    left = left.subspan(static_cast<std::size_t>(got));
  }
  return bytes;
}

Result<std::string> read_text(const fs::path& path) {
  const auto bytes = read_file(path);
  if (!bytes) return carry(bytes);
  return std::string(as_text(bytes->expose()));
}

Result<crypto::SigningSeed> read_seed(const fs::path& path) {
  const auto bytes = read_file(path);
  if (!bytes) return fail(Code::corrupt, bytes.error().message);
  auto seed = crypto::SigningSeed::from(bytes->expose());
  if (!seed) return fail(Code::corrupt, path.filename().string() + " is no key");
  return seed;
}

std::string default_origin() {
  return "amanat.local/" + to_hex(crypto::random_id<Id<struct OriginTag, 8>>().bytes());
}

Result<> check_settings(const Settings& settings, const api::Policy& policy) {
  if (settings.origin && *settings.origin != policy.origin) {
    return fail(Code::invalid_input,
                "this folder holds the log " + policy.origin + ": its origin cannot change");
  }
  if (settings.region && tlog::name_of(*settings.region) != policy.region) {
    return fail(Code::invalid_input, "this folder was declared to be in region " + policy.region
                                         + ": start a new one for another region");
  }
  return {};
}

}  // namespace

Folder::Folder(Folder&& other) noexcept
    : path_(std::move(other.path_)), lock_(std::exchange(other.lock_, -1)) {}

Folder::~Folder() {
  if (lock_ >= 0) ::close(lock_);
}

Result<Folder> Folder::open(const fs::path& path) {
  if (auto made = make_folder(path); !made) return carry(made);
  if (auto made = make_folder(path / "keys"); !made) return carry(made);
  File lock(path / "lock", O_RDWR | O_CREAT | O_CLOEXEC);
  if (!lock.is_open()) return fail(Code::unavailable, "the data folder cannot be written");
  if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
    return fail(Code::unavailable, "another process serves this data folder: stop it first");
  }
  return Folder(path, lock.release());
}

Result<Identity> Folder::open_identity(const Settings& settings, Instant now) {
  std::error_code error;
  if (!fs::exists(path_ / "policy.json", error)) {
    if (fs::exists(database(), error)) {
      return fail(Code::corrupt, "policy.json is missing, but there are records");
    }
    if (auto is_new = check_new(); !is_new) return carry(is_new);
    if (auto made = make_identity(settings, now); !made) return carry(made, "making keys");
  }
  auto identity = read_identity();
  if (!identity) return carry(identity, "reading the keys");
  if (auto same = check_settings(settings, identity->policy); !same) return carry(same);
  return identity;
}

// Founding another log here would sign a second history, and take the packs for orphans.
Result<> Folder::check_new() const {
  std::error_code error;
  bool used = fs::exists(path_ / "address", error);
  if (!error && fs::exists(packs(), error)) {
    for (fs::directory_iterator entry(packs(), error), end; !error && entry != end;
         entry.increment(error)) {
      if (entry->path().filename() != "incoming") used = true;
    }
  }
  if (error) return fail(Code::unavailable, "the data folder cannot be read: " + error.message());
  if (!used) return {};
  return fail(Code::corrupt,
              "the records are missing, but this custodian was in use: bring custodian.db back");
}

// Without policy.json nobody has seen these keys, so what a broken start left is written over.
Result<> Folder::make_identity(const Settings& settings, Instant now) {
  const std::string origin = settings.origin.value_or(default_origin());
  const auto log_signer = crypto::Signer::random();
  const auto answer_signer = crypto::Signer::random();
  const auto authority = api::make_authority("Amanat custodian " + origin.substr(0, 40), now);
  if (!authority) return carry(authority);

  const api::Policy policy{
      .origin = origin,
      .log_key = note::VerifierKey::ed25519(origin, log_signer.public_key().bytes()),
      .answer_key = answer_signer.public_key(),
      .certificate_authority = authority->certificate_pem,
      .region = std::string(tlog::name_of(settings.region.value_or(tlog::Region::none))),
      .witnesses = {},
      .quorum = 0,
      .previous = {}};
  const std::string policy_json = api::to_text(policy);
  if (auto valid = api::parse_policy(policy_json); !valid) return carry(valid, "the policy");

  const fs::path keys = path_ / "keys";
  auto done = write_file(keys / "log.seed", log_signer.seed().expose());
  if (done) done = write_file(keys / "answer.seed", answer_signer.seed().expose());
  if (done) done = write_file(keys / "ca.pem", as_bytes(authority->certificate_pem));
  if (done) done = write_file(keys / "ca.key", authority->private_key_pem.expose());
  if (done) done = write_file(path_ / "policy.json", as_bytes(policy_json));
  return done;
}

Result<Identity> Folder::read_identity() {
  const fs::path keys = path_ / "keys";
  auto policy_json = read_text(path_ / "policy.json");
  if (!policy_json) return carry(policy_json);
  auto policy = api::parse_policy(*policy_json);
  if (!policy) return fail(Code::corrupt, "policy.json: " + policy.error().message);
  auto log_seed = read_seed(keys / "log.seed");
  if (!log_seed) return carry(log_seed);
  auto answer_seed = read_seed(keys / "answer.seed");
  if (!answer_seed) return carry(answer_seed);
  auto authority = read_text(keys / "ca.pem");
  auto authority_key = read_file(keys / "ca.key");
  if (!authority || !authority_key) return fail(Code::corrupt, "the CA's key is not there");

  const crypto::Signer log_signer(log_seed->duplicate());
  crypto::Signer answer_signer(*std::move(answer_seed));
  if (note::VerifierKey::ed25519(policy->origin, log_signer.public_key().bytes()).to_text()
          != policy->log_key.to_text()
      || answer_signer.public_key() != policy->answer_key
      || *authority != policy->certificate_authority) {
    return fail(Code::corrupt, "the keys are not those of policy.json");
  }
  const auto hash = api::hash_of_policy(*policy_json);
  return Identity{.log_seed = *std::move(log_seed),
                  .answer_signer = std::move(answer_signer),
                  .authority = {.certificate_pem = *std::move(authority),
                                .private_key_pem = *std::move(authority_key)},
                  .policy_json = *std::move(policy_json),
                  .policy = *std::move(policy),
                  .policy_hash = hash};
}

Result<> Folder::write_address(std::string_view address) {
  return write_file(path_ / "address", as_bytes(std::string(address) + "\n"));
}

Result<std::string> read_address(const fs::path& path) {
  auto text = read_text(path / "address");
  if (!text) return fail(Code::not_found, "no custodian has been served from this folder yet");
  while (text->ends_with('\n')) text->pop_back();
  return text;
}

}  // namespace amanat::custodian
