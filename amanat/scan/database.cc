#include <algorithm>
#include <array>
#include <fcntl.h>
#include <fstream>
#include <functional>
#include <iterator>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

#include "amanat/sandbox/mapped_file.h"
#include "amanat/sandbox/shared_memory.h"
#include "amanat/scan/compile.h"
#include "amanat/scan/state.h"

namespace amanat::scan {
namespace {

namespace fs = std::filesystem;
using sandbox::Descriptor;

constexpr std::string_view kRulesSuffix = ".yara";
constexpr std::string_view kCacheSuffix = ".adb";

fs::path rules_path(const fs::path& file) { return file.string() + std::string(kRulesSuffix); }

crypto::Hash version_of(const threat::Version& threats, ByteView rules_file) {
  Bytes all;
  append(all, as_bytes(kEngine));
  append(all, threats.bytes());
  append(all, crypto::sha256(rules_file).bytes());
  return crypto::sha256(all);
}

Result<std::shared_ptr<Database::State>> make_state(threat::Database threats, Bytes rules_file) {
  auto state =
      std::make_shared<Database::State>(Database::State{.threats = std::move(threats),
                                                        .image = {},
                                                        .file = {},
                                                        .rules = {},
                                                        .rules_file = std::move(rules_file),
                                                        .report = {},
                                                        .version = {}});
  if (!state->rules_file.empty()) {
    auto rules = yara::Rules::deserialise(state->rules_file);
    if (!rules) return carry(rules, "loading YARA's rules");
    state->rules = std::move(*rules);
  }
  state->report = report_of(state->threats);
  state->report.rules = state->rules ? state->rules->count() : 0;
  state->version = version_of(state->threats.version(), state->rules_file);
  return state;
}

Result<Bytes> read_all(const Descriptor& file) {
  auto mapped = sandbox::MappedFile::map(file, yara::kRulesFileBytesMax);
  if (!mapped) return carry(mapped);
  return Bytes(mapped->view().begin(), mapped->view().end());
}

Result<Descriptor> open_to_read(const fs::path& path) {
  Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.is_open()) return file;
  if (errno == ENOENT) return fail(Code::not_found, "there is no such threat database");
  return fail(Code::unavailable, "the threat database cannot be opened");
}

Result<Descriptor> copy_of(int descriptor) {
  Descriptor copy(::fcntl(descriptor, F_DUPFD_CLOEXEC, 0));
  if (!copy.is_open()) return fail(Code::unavailable, "no descriptor is left");
  return copy;
}

/// Bytes as a file without a name that nobody can change.
Result<Descriptor> as_file(ByteView bytes) {
  auto memory = sandbox::SharedMemory::make(std::max<std::size_t>(bytes.size(), 1));
  if (!memory) return carry(memory);
  std::ranges::copy(bytes, memory->fill().begin());
  return copy_of(memory->descriptor());
}

Result<> write_whole(const fs::path& path, ByteView bytes) {
  const fs::path temporary = path.string() + ".new";
  Descriptor file(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
  if (!file.is_open()) return fail(Code::unavailable, "the threat database cannot be written");
  // Systems keep a file in pieces as large as those it was written in, and map a whole piece where
  // one byte of it is read: of a large one, most of what it brings into memory is not asked for.
  constexpr std::size_t kPiece = std::size_t{64} << 10U;
  while (!bytes.empty()) {
    const ssize_t count = ::write(file.number(), bytes.data(), std::min(bytes.size(), kPiece));
    if (count <= 0) return fail(Code::unavailable, "the threat database cannot be written");
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
  if (::fsync(file.number()) != 0 || ::rename(temporary.c_str(), path.c_str()) != 0) {
    return fail(Code::unavailable, "the threat database cannot be written");
  }
  return {};
}

Result<std::shared_ptr<Database::State>> open_state(const fs::path& file) {
  auto descriptor = open_to_read(file);
  if (!descriptor) return carry(descriptor);
  Bytes rules_file;
  if (auto rules = open_to_read(rules_path(file))) {
    auto bytes = read_all(*rules);
    if (!bytes) return carry(bytes, "reading YARA's rules");
    rules_file = std::move(*bytes);
  }
  auto threats = threat::Database::of_file(descriptor->number());
  if (!threats) return carry(threats, "opening the threat database");
  auto state = make_state(std::move(*threats), std::move(rules_file));
  if (!state) return carry(state);
  (*state)->file = std::move(*descriptor);
  return state;
}

/// The place, beside a compiled form, of a word about it.
fs::path mark_path(const fs::path& file) { return file.string() + ".checked"; }
fs::path refusal_path(const fs::path& file) { return file.string() + ".refused"; }

/// Says which file was checked: whoever writes to it afterwards changes this.
std::string mark_of(const fs::path& file) {
  struct stat status{};
  if (::stat(file.c_str(), &status) != 0) return {};
  std::string mark;
  for (const auto part :
       {static_cast<std::int64_t>(status.st_ino), static_cast<std::int64_t>(status.st_size),
        static_cast<std::int64_t>(status.st_mtim.tv_sec),
        static_cast<std::int64_t>(status.st_mtim.tv_nsec),
        static_cast<std::int64_t>(status.st_ctim.tv_sec),
        static_cast<std::int64_t>(status.st_ctim.tv_nsec)}) {
    mark += std::to_string(part) + " ";
  }
  return mark;
}

bool is_marked(const fs::path& file) {
  std::ifstream stream(mark_path(file), std::ios::binary);
  const std::string mark(std::istreambuf_iterator<char>(stream), {});
  return !mark.empty() && mark == mark_of(file);
}

/// A compiled form that we kept. Its checksum is compared once, and again after somebody touched
/// the file: whatever is wrong with it, it can be made anew.
Result<std::shared_ptr<Database::State>> open_kept(const fs::path& file) {
  auto state = open_state(file);
  if (!state || is_marked(file)) return state;
  const std::string mark = mark_of(file);
  if (auto whole = (*state)->threats.verify(); !whole) return carry(whole);
  // Without the mark it is compared again the next time, and that is all.
  static_cast<void>(write_whole(mark_path(file), as_bytes(mark)));
  return state;
}

/// The newest form in `cache` that still holds, made of what the folder held before.
Result<std::shared_ptr<Database::State>> open_older(const fs::path& cache, const fs::path& but) {
  std::vector<std::pair<fs::file_time_type, fs::path>> files;
  std::error_code problem;
  for (const auto& entry : fs::directory_iterator(cache, problem)) {
    std::error_code ignored;
    if (entry.path() == but || entry.path().extension() != kCacheSuffix) continue;
    files.emplace_back(entry.last_write_time(ignored), entry.path());
  }
  std::ranges::sort(files, std::greater());
  for (const auto& [written, file] : files) {
    auto state = open_kept(file);
    if (!state) continue;
    (*state)->report.left.push_back(
        {.reason = "damaged lists: the signatures of before are used", .count = 1, .first = {}});
    (*state)->report.is_older = true;
    return state;
  }
  return fail(Code::not_found, "there is no older threat database");
}

/// Removes older forms and what was said of them.
void remove_all_but(const fs::path& cache, const fs::path& file) {
  std::error_code problem;
  for (const auto& entry : fs::directory_iterator(cache, problem)) {
    std::error_code ignored;
    if (entry.path().string().starts_with(file.string())) continue;
    if (entry.is_regular_file(ignored)) fs::remove(entry.path(), ignored);
  }
}

}  // namespace

Database Database::builtin() {
  auto compiled = compile_builtin();
  ensure(compiled.has_value(), "the built-in signature compiles");
  return std::move(*compiled);
}

Result<Database> Database::from_parts(Bytes image, Bytes rules_file, LoadReport report) {
  auto threats = threat::Database::from_image(image);
  if (!threats) return carry(threats);
  auto state = make_state(std::move(*threats), std::move(rules_file));
  if (!state) return carry(state);
  (*state)->image = std::move(image);
  if (report.files != 0) (*state)->report = std::move(report);
  return Database(std::move(*state));
}

Result<Database> Database::open(const fs::path& file) {
  auto state = open_state(file);
  if (!state) return carry(state);
  return Database(std::move(*state));
}

Result<> Database::save(const fs::path& path) const {
  ByteView image = state_->image;
  std::optional<sandbox::MappedFile> mapped;
  if (state_->file) {
    auto whole = sandbox::MappedFile::map(*state_->file, threat::kImageBytesMax);
    if (!whole) return carry(whole);
    mapped = std::move(*whole);
    image = mapped->view();
  }
  std::error_code ignored;
  if (state_->rules_file.empty()) {
    fs::remove(rules_path(path), ignored);
  } else if (auto done = write_whole(rules_path(path), state_->rules_file); !done) {
    return done;
  }
  return write_whole(path, image);
}

Result<std::vector<Descriptor>> Database::hand_over() const {
  std::vector<Descriptor> files;
  auto image = state_->file ? copy_of(state_->file->number()) : as_file(state_->image);
  if (!image) return carry(image);
  files.push_back(std::move(*image));
  if (!state_->rules_file.empty()) {
    auto rules = as_file(state_->rules_file);
    if (!rules) return carry(rules);
    files.push_back(std::move(*rules));
  }
  return files;
}

Result<Database> Database::take_over(std::span<const Descriptor> files) {
  if (files.empty() || files.size() > 2) return fail(Code::invalid_input, "no database");
  Bytes rules_file;
  if (files.size() == 2) {
    auto bytes = read_all(files.back());
    if (!bytes) return carry(bytes);
    rules_file = std::move(*bytes);
  }
  auto threats = threat::Database::of_file(files.front().number());
  if (!threats) return carry(threats);
  auto state = make_state(std::move(*threats), std::move(rules_file));
  if (!state) return carry(state);
  return Database(std::move(*state));
}

Result<Database> Database::compile_into(const fs::path& folder, const fs::path& cache) {
  auto stamp = stamp_of(folder);
  if (!stamp) return carry(stamp);
  Bytes named;
  append(named, as_bytes(kEngine));
  append(named, *stamp);
  const fs::path file =
      cache / (crypto::sha256(named).hex().substr(0, 32) + std::string(kCacheSuffix));
  if (auto kept = open_kept(file)) return Database(std::move(*kept));
  // Lists that cannot be compiled, or arrived damaged, are no reason to know less than before.
  const bool was_refused = fs::exists(refusal_path(file));
  std::optional<Result<Database>> compiled;
  if (!was_refused) compiled = compile(folder);
  if (!compiled || !*compiled || (*compiled)->report().damaged != 0) {
    if (auto older = open_older(cache, file)) {
      if (!was_refused) static_cast<void>(write_whole(refusal_path(file), {}));
      return Database(std::move(*older));
    }
    if (!compiled) compiled = compile(folder);
    if (!*compiled) return std::move(*compiled);
  }
  std::error_code problem;
  fs::create_directories(cache, problem);
  // What cannot be kept is made again the next time.
  if (!(*compiled)->save(file)) return std::move(*compiled);
  auto kept = open_kept(file);
  if (!kept) return std::move(*compiled);
  remove_all_but(cache, file);
  return Database(std::move(*kept));
}

Result<> Database::verify() const { return state_->threats.verify(); }

const sandbox::Descriptor* Database::file() const {
  return state_->file ? &*state_->file : nullptr;
}

const LoadReport& Database::report() const { return state_->report; }

const crypto::Hash& Database::version() const { return state_->version; }

}  // namespace amanat::scan
