#include "amanat/phone/quarantine.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

#include "amanat/phone/durable.h"
#include "amanat/phone/home.h"

namespace amanat::phone {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kSealed = ".sealed";
constexpr std::string_view kMaking = ".making";

std::string sealed_name(const QuarantineId& id) { return id.hex() + std::string(kSealed); }
std::string restoring_name(const QuarantineId& id) { return ".amanat-restoring-" + id.hex(); }
std::string making_name(const QuarantineId& id) { return id.hex() + std::string(kMaking); }

Result<QuarantineKey> load_key(const fs::path& keys) {
  const fs::path path = keys / "quarantine";
  const auto bytes = read_private_file(path, QuarantineKey::kSize);
  if (bytes) return QuarantineKey::from(bytes->expose());
  if (bytes.error().code != Code::not_found) return carry(bytes, "reading the quarantine's key");
  auto key = crypto::random_key<QuarantineKey>();
  if (auto done = write_private_file(path, key.expose()); !done) {
    return carry(done, "making the quarantine's key");
  }
  return key;
}

/// A name in an open folder: what is checked and what is removed lie in the same place, whatever
/// becomes of the path meanwhile.
struct Place {
  OpenFile folder;
  std::string name;
  fs::path path;  // without links
};

Result<Place> find_place(const fs::path& path) {
  std::error_code problem;
  const fs::path parent = path.parent_path();
  const fs::path folder = fs::canonical(parent.empty() ? fs::path(".") : parent, problem);
  const std::string name = path.filename().string();
  if (name.empty() || name == "." || name == "..") {
    return fail(Code::invalid_input, "a path does not name a file");
  }
  if (problem) return fail(Code::not_found, "the folder of a file is not there");
  auto opened = OpenFile::open_folder(folder.string());
  if (!opened) return carry(opened);
  return Place{std::move(*opened), name, folder / name};
}

std::int64_t nanoseconds(const timespec& time) {
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

timespec time_of(std::int64_t nanoseconds_since_1970) {
  const auto seconds =
      nanoseconds_since_1970 / 1'000'000'000 - (nanoseconds_since_1970 % 1'000'000'000 < 0 ? 1 : 0);
  return {seconds, nanoseconds_since_1970 - seconds * 1'000'000'000};
}

/// Whether the name still is the very file that was sealed.
bool is_still(const Place& place, const FileStamp& sealed) {
  struct stat facts{};
  if (::fstatat(place.folder.descriptor(), place.name.c_str(), &facts, AT_SYMLINK_NOFOLLOW) != 0) {
    return false;
  }
  return S_ISREG(facts.st_mode) && facts.st_dev == sealed.device && facts.st_ino == sealed.inode
         && std::cmp_equal(facts.st_size, sealed.size)
         && nanoseconds(facts.st_mtim) == sealed.mtime_ns
         && nanoseconds(facts.st_ctim) == sealed.ctime_ns;
}

Result<> remove_name(const OpenFile& folder, const std::string& name) {
  if (::unlinkat(folder.descriptor(), name.c_str(), 0) != 0) {
    return fail_by_errno("removing a file");
  }
  return sync(folder.descriptor());
}

/// Gives `from` the name `to` unless something has it.
Result<> place_file(const OpenFile& folder, const std::string& from, const std::string& to) {
  const int at = folder.descriptor();
  if (::renameat2(at, from.c_str(), at, to.c_str(), RENAME_NOREPLACE) == 0) {
    return sync(at);
  }
  if (errno != EINVAL && errno != ENOSYS) return fail_by_errno("naming a file");
  // A file system without that: a second name, which is refused when there is one, then one less.
  if (::linkat(at, from.c_str(), at, to.c_str(), 0) != 0) return fail_by_errno("naming a file");
  return remove_name(folder, from);
}

/// Owner first, because changing it takes rights away; then rights; then times, last of all.
Result<> restore_facts(int file, const QuarantineRecord& record) {
  mode_t mode = record.mode & 07777U;
  if (::fchown(file, record.user, record.group) != 0) {
    mode &= static_cast<mode_t>(~(S_ISUID | S_ISGID));
  }
  const std::array<timespec, 2> times{time_of(record.atime_ns), time_of(record.stamp.mtime_ns)};
  if (::fchmod(file, mode) != 0 || ::futimens(file, times.data()) != 0) {
    return fail_by_errno("restoring permissions and times");
  }
  return {};
}

std::optional<QuarantineId> id_of(const std::string& name) {
  if (!name.ends_with(kSealed)) return std::nullopt;
  const auto id =
      QuarantineId::from_hex(std::string_view(name).substr(0, name.size() - kSealed.size()));
  return id ? std::optional(*id) : std::nullopt;
}

}  // namespace

Result<Quarantine> Quarantine::open(const fs::path& folder, const fs::path& keys, OnStep on_step) {
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) {
    return fail_by_errno("making the quarantine");
  }
  auto opened = OpenFile::open_folder(folder.string());
  if (!opened) return carry(opened, "opening the quarantine");
  // Held as long as the folder is open.
  while (::flock(opened->descriptor(), LOCK_EX) != 0) {
    if (errno != EINTR) return fail_by_errno("waiting for the quarantine");
  }
  auto key = load_key(keys);
  if (!key) return carry(key);
  Quarantine quarantine(folder, std::move(*opened), std::move(*key), std::move(on_step));
  if (auto done = quarantine.settle(); !done) return carry(done, "settling the quarantine");
  return quarantine;
}

void Quarantine::step(std::string_view name) const {
  if (on_step_) on_step_(name);
}

Result<PutAway> Quarantine::put_away(const fs::path& path, const QuarantineReason& reason,
                                     Instant now) {
  auto place = find_place(path);
  if (!place) return carry(place, "putting a file away");
  const auto file = place->folder.open_below(place->name);
  if (!file) return carry(file, "putting a file away");
  struct stat facts{};
  const auto before = file->stamp();
  if (!before || ::fstat(file->descriptor(), &facts) != 0) {
    return fail_by_errno("looking at a file to put away");
  }
  QuarantineRecord record{.path = place->path.string(),
                          .stamp = *before,
                          .mode = facts.st_mode,
                          .user = facts.st_uid,
                          .group = facts.st_gid,
                          .atime_ns = nanoseconds(facts.st_atim),
                          .digest = {},
                          .reason = reason,
                          .when = now};
  if (record.path.size() > kQuarantinePathBytesMax) {
    return fail(Code::invalid_input, "the path of a file to put away is too long");
  }
  for (std::string* text : {&record.reason.signature, &record.reason.source, &record.reason.inside,
                            &record.reason.words}) {
    text->resize(std::min(text->size(), kQuarantineTextBytesMax));
  }

  const auto id = crypto::random_id<QuarantineId>();
  if (auto done = seal_copy(id, file->descriptor(), record); !done) {
    return carry(done, "putting a file away");
  }
  // From here on the copy is durable and known to open. Whatever follows can fail and be repeated.
  step("remove the original");
  if (!is_still(*place, record.stamp)) {
    if (auto undone = remove_name(opened_, sealed_name(id)); !undone) return carry(undone);
    return fail(Code::conflict, "a file changed while it was put away: scan it again");
  }
  if (auto done = remove_name(place->folder, place->name); !done) {
    if (auto undone = remove_name(opened_, sealed_name(id)); !undone) return carry(undone);
    return carry(done, "putting a file away");
  }
  return PutAway{id, facts.st_nlink - 1};
}

Result<> Quarantine::seal_copy(const QuarantineId& id, int from, QuarantineRecord& record) {
  const std::string making = making_name(id);
  step("make the copy");
  const OpenFile copy(::openat(opened_.descriptor(), making.c_str(),
                               O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (copy.descriptor() < 0) return fail_by_errno("making a file of the quarantine");
  auto done = seal_quarantined(key_, id, from, copy.descriptor(), record);
  step("sync the copy");
  if (done) done = sync(copy.descriptor());
  if (done) {
    if (auto opens = open_quarantined(key_, id, copy.descriptor(), -1); !opens) {
      done = carry(opens, "checking the sealed copy");
    }
  }
  step("name the copy");
  if (done) done = place_file(opened_, making, sealed_name(id));
  if (!done) ::unlinkat(opened_.descriptor(), making.c_str(), 0);
  return done;
}

std::vector<QuarantineId> Quarantine::ids() const {
  std::vector<QuarantineId> found;
  std::error_code problem;
  for (const auto& entry : fs::directory_iterator(folder_, problem)) {
    if (const auto id = id_of(entry.path().filename().string())) found.push_back(*id);
  }
  std::ranges::sort(found);
  return found;
}

std::uint64_t Quarantine::count(const fs::path& folder) {
  std::uint64_t count = 0;
  std::error_code problem;
  for (const auto& entry : fs::directory_iterator(folder, problem)) {
    if (id_of(entry.path().filename().string())) ++count;
  }
  return count;
}

Result<OpenFile> Quarantine::open_sealed(const QuarantineId& id) const {
  auto file = opened_.open_below(sealed_name(id));
  if (!file) return carry(file, "opening a file of the quarantine");
  return file;
}

Result<QuarantineList> Quarantine::list() const {
  QuarantineList all;
  for (const QuarantineId& id : ids()) {
    if (auto record = show(id)) {
      all.files.push_back({id, std::move(*record)});
    } else {
      all.damaged.push_back(id);
    }
  }
  std::ranges::sort(all.files, [](const Quarantined& a, const Quarantined& b) {
    return std::pair(a.record.when, a.id) < std::pair(b.record.when, b.id);
  });
  return all;
}

Result<QuarantineRecord> Quarantine::show(const QuarantineId& id) const {
  const auto file = open_sealed(id);
  if (!file) return carry(file);
  return open_quarantine_record(key_, id, file->descriptor());
}

Result<fs::path> Quarantine::restore(const QuarantineId& id,
                                     const std::optional<fs::path>& destination) {
  const auto sealed = open_sealed(id);
  if (!sealed) return carry(sealed, "restoring");
  const auto record = open_quarantine_record(key_, id, sealed->descriptor());
  if (!record) return carry(record, "restoring");
  fs::path target = destination.value_or(fs::path(record->path));
  std::error_code ignored;
  if (destination && fs::is_directory(target, ignored)) {
    target /= fs::path(record->path).filename();
  }
  const auto place = find_place(target);
  if (!place) return carry(place, "restoring");
  if (::faccessat(place->folder.descriptor(), place->name.c_str(), F_OK, AT_SYMLINK_NOFOLLOW)
      == 0) {
    return fail(Code::conflict, "restoring: something is there already: give another place");
  }

  // Nobody but the id's owner has this name; one that is there is of an interrupted restore.
  const std::string making = restoring_name(id);
  ::unlinkat(place->folder.descriptor(), making.c_str(), 0);
  step("make the restored file");
  const OpenFile copy(::openat(place->folder.descriptor(), making.c_str(),
                               O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (copy.descriptor() < 0) return fail_by_errno("restoring: making the file");
  Result<> done;
  if (auto opened = open_quarantined(key_, id, sealed->descriptor(), copy.descriptor()); !opened) {
    done = carry(opened);
  }
  if (done) done = restore_facts(copy.descriptor(), *record);
  step("sync the restored file");
  if (done) done = sync(copy.descriptor());
  step("name the restored file");
  if (done) done = place_file(place->folder, making, place->name);
  if (!done) {
    ::unlinkat(place->folder.descriptor(), making.c_str(), 0);
    return carry(done, "restoring");
  }
  step("forget the sealed copy");
  if (auto forgot = destroy(id); !forgot) return carry(forgot, "restored, and still kept here");
  return place->path;
}

Result<> Quarantine::destroy(const QuarantineId& id) {
  auto done = remove_name(opened_, sealed_name(id));
  if (!done) return carry(done, "removing a file of the quarantine");
  return done;
}

Result<> Quarantine::settle() {
  std::vector<std::string> half_written;
  std::error_code problem;
  for (const auto& entry : fs::directory_iterator(folder_, problem)) {
    std::string name = entry.path().filename().string();
    if (name.ends_with(kMaking)) half_written.push_back(std::move(name));
  }
  if (problem) return fail(Code::unavailable, "the quarantine cannot be read");
  for (const std::string& name : half_written) {
    if (auto done = remove_name(opened_, name); !done) return carry(done);
  }
  for (const QuarantineId& id : ids()) {
    const auto record = show(id);
    if (!record) continue;  // `list` says that it is damaged
    const auto place = find_place(record->path);
    if (!place) continue;
    ::unlinkat(place->folder.descriptor(), restoring_name(id).c_str(), 0);
    if (!is_still(*place, record->stamp)) continue;
    if (auto done = remove_name(place->folder, place->name); !done) return carry(done);
  }
  return {};
}

}  // namespace amanat::phone
