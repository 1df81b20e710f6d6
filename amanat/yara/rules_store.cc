#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <unistd.h>

#include "amanat/yara/rules_file.h"
#include "amanat/yara/state.h"

namespace amanat::yara {
namespace {

// libyara pulls what it loads through this.
struct Unread {
  ByteView left;
};

std::size_t read_bytes(void* target, std::size_t size, std::size_t count, void* user) {
  auto& left = static_cast<Unread*>(user)->left;
  if (size == 0) return 0;
  const std::size_t whole = std::min(count, left.size() / size);
  std::memcpy(target, left.data(), whole * size);
  left = left.subspan(whole * size);
  return whole;
}

std::size_t write_bytes(const void* from, std::size_t size, std::size_t count, void* user) {
  auto& bytes = *static_cast<Bytes*>(user);
  append(bytes, ByteView(static_cast<const std::uint8_t*>(from), size * count));
  return count;
}

Result<Bytes> read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  if (!file) return fail(Code::not_found, "there is no file of compiled rules");
  const std::streamoff size = file.tellg();
  if (size < 0 || static_cast<std::uint64_t>(size) > kRulesFileBytesMax + kRulesHeaderBytes) {
    return fail(Code::corrupt, "the file of compiled rules is too big");
  }
  Bytes bytes(static_cast<std::size_t>(size));
  file.seekg(0);
  file.read(reinterpret_cast<char*>(bytes.data()), size);
  if (file.gcount() != size) return fail(Code::unavailable, "the compiled rules cannot be read");
  return bytes;
}

// A file that is closed and, unless it was kept, gone when this ends.
class NewFile {
 public:
  explicit NewFile(std::string path) : path_(std::move(path)) {
    descriptor_ =
        ::open(path_.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC | O_NOFOLLOW, 0644);
  }
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;
  ~NewFile() {
    if (descriptor_ < 0) return;
    ::close(descriptor_);
    if (!is_kept_) ::unlink(path_.c_str());
  }

  bool write(ByteView bytes) {
    while (!bytes.empty()) {
      const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
      if (written < 0 && errno == EINTR) continue;
      if (written <= 0) return false;
      bytes = bytes.subspan(static_cast<std::size_t>(written));
    }
    return descriptor_ >= 0 && ::fsync(descriptor_) == 0;
  }

  bool keep_as(const std::string& name) {
    is_kept_ = ::rename(path_.c_str(), name.c_str()) == 0;
    return is_kept_;
  }

 private:
  std::string path_;
  int descriptor_ = -1;
  bool is_kept_ = false;
};

}  // namespace

Result<Bytes> Rules::serialise() const {
  Bytes body;
  YR_STREAM stream{.user_data = &body, .read = nullptr, .write = write_bytes};
  if (yr_rules_save_stream(state_->rules.get(), &stream) != ERROR_SUCCESS) {
    return fail(Code::unavailable, "libyara cannot write its rules");
  }
  if (body.size() > kRulesFileBytesMax) {
    return fail(Code::invalid_input, "the compiled rules are too big to keep");
  }
  return encode_rules_file({.engine = this_engine(),
                            .machine = this_machine(),
                            .count = static_cast<std::uint32_t>(count()),
                            .body = body});
}

Result<> Rules::save(const std::filesystem::path& path) const {
  const auto bytes = serialise();
  if (!bytes) return carry(bytes);
  NewFile file(path.string() + ".new");
  if (!file.write(*bytes) || !file.keep_as(path.string())) {
    return fail(Code::unavailable, "the compiled rules cannot be written");
  }
  return {};
}

Result<Rules> Rules::deserialise(ByteView bytes) {
  const auto file = parse_rules_file(bytes);
  if (!file) return carry(file);
  if (file->engine != this_engine() || file->machine != this_machine()) {
    return fail(Code::stale, "the rules were compiled by another version of libyara or machine");
  }
  auto library = LibraryUse::begin();
  if (!library) return carry(library);
  Unread source{.left = file->body};
  YR_STREAM stream{.user_data = &source, .read = read_bytes, .write = nullptr};
  YR_RULES* rules = nullptr;
  if (yr_rules_load_stream(&stream, &rules) != ERROR_SUCCESS) {
    return fail(Code::corrupt, "libyara does not accept the compiled rules");
  }
  return Rules(std::make_unique<State>(std::move(*library), rules));
}

Result<Rules> Rules::load(const std::filesystem::path& path) {
  const auto bytes = read_file(path);
  if (!bytes) return carry(bytes);
  return deserialise(*bytes);
}

}  // namespace amanat::yara
