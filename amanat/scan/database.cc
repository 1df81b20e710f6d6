#include <algorithm>
#include <array>
#include <fcntl.h>
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

// Changes whenever the same signatures would lead to other verdicts.
constexpr std::string_view kEngine = "amanat/scan/engine/2";
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

/// Bytes as a file without a name that nobody can change.
Result<Descriptor> as_file(ByteView bytes) {
  auto memory = sandbox::SharedMemory::make(std::max<std::size_t>(bytes.size(), 1));
  if (!memory) return carry(memory);
  std::ranges::copy(bytes, memory->fill().begin());
  Descriptor file(::fcntl(memory->descriptor(), F_DUPFD_CLOEXEC, 0));
  if (!file.is_open()) return fail(Code::unavailable, "no descriptor is left");
  return file;
}

Result<> write_whole(const fs::path& path, ByteView bytes) {
  const fs::path temporary = path.string() + ".new";
  Descriptor file(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
  if (!file.is_open()) return fail(Code::unavailable, "the threat database cannot be written");
  while (!bytes.empty()) {
    const ssize_t count = ::write(file.number(), bytes.data(), bytes.size());
    if (count <= 0) return fail(Code::unavailable, "the threat database cannot be written");
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
  if (::fsync(file.number()) != 0 || ::rename(temporary.c_str(), path.c_str()) != 0) {
    return fail(Code::unavailable, "the threat database cannot be written");
  }
  return {};
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
  auto descriptor = open_to_read(file);
  if (!descriptor) return carry(descriptor);
  Bytes rules_file;
  if (auto rules = open_to_read(rules_path(file))) {
    auto bytes = read_all(*rules);
    if (!bytes) return carry(bytes, "reading YARA's rules");
    rules_file = std::move(*bytes);
  }
  auto threats = threat::Database::open(file);
  if (!threats) return carry(threats, "opening the threat database");
  auto state = make_state(std::move(*threats), std::move(rules_file));
  if (!state) return carry(state);
  (*state)->file = file;
  return Database(std::move(*state));
}

Result<> Database::save(const fs::path& path) const {
  ByteView image = state_->image;
  std::optional<sandbox::MappedFile> mapped;
  if (state_->file) {
    auto descriptor = open_to_read(*state_->file);
    if (!descriptor) return carry(descriptor);
    auto whole = sandbox::MappedFile::map(*descriptor, threat::kImageBytesMax);
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
  auto image = state_->file ? open_to_read(*state_->file) : as_file(state_->image);
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
  auto threats = threat::Database::open("/proc/self/fd/" + std::to_string(files.front().number()));
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
  auto opened = open(file);
  if (opened) return opened;  // whatever is wrong with it, it can be made anew
  auto compiled = compile(folder);
  if (!compiled) return carry(compiled);
  std::error_code problem;
  fs::create_directories(cache, problem);
  for (const auto& entry : fs::directory_iterator(cache, problem)) {
    std::error_code ignored;
    if (entry.is_regular_file(ignored)) fs::remove(entry.path(), ignored);
  }
  // What cannot be kept is made again the next time.
  if (!compiled->save(file)) return compiled;
  return open(file);
}

const LoadReport& Database::report() const { return state_->report; }

const crypto::Hash& Database::version() const { return state_->version; }

}  // namespace amanat::scan
