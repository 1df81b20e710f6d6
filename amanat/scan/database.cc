#include <algorithm>
#include <fstream>
#include <map>
#include <set>
#include <unordered_map>
#include <utility>

#include "amanat/scan/tables.h"

namespace amanat::scan {
namespace {
namespace fs = std::filesystem;

constexpr std::uint64_t kFileBytesMax = 128ULL << 20;
constexpr std::uint64_t kFolderBytesMax = 512ULL << 20;
constexpr std::size_t kFilesMax = 256;
constexpr std::size_t kSignaturesMax = 4'000'000;
constexpr std::size_t kPatternsMax = 200'000;
constexpr std::size_t kLineBytesMax = 64UL << 10;

// Changes whenever the same signatures would lead to other verdicts.
constexpr std::string_view kEngine = "amanat/scan/engine/1";

constexpr std::string_view kBuiltinSource = "built-in";
constexpr std::string_view kEicarName = "Eicar-Test-Signature";
// In two halves, so that no scanner takes this source for the test file.
constexpr std::string_view kEicarFirstHalf = R"(X5O!P%@AP[4\PZX54(P^)7CC)7})";
constexpr std::string_view kEicarSecondHalf = "$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*";
constexpr std::uint64_t kEicarFileBytesMax = 128;

enum class FileKind : std::uint8_t { hashes, allowed, patterns, ignored, unsupported, unknown };

FileKind kind_of(const fs::path& file) {
  static const std::map<std::string, FileKind> kinds = {
      {".hdb", FileKind::hashes},       {".hsb", FileKind::hashes},
      {".fp", FileKind::allowed},       {".sfp", FileKind::allowed},
      {".ndb", FileKind::patterns},     {".ign2", FileKind::ignored},
      {".ldb", FileKind::unsupported},  {".mdb", FileKind::unsupported},
      {".msb", FileKind::unsupported},  {".cdb", FileKind::unsupported},
      {".crb", FileKind::unsupported},  {".imp", FileKind::unsupported},
      {".hdu", FileKind::unsupported},  {".hsu", FileKind::unsupported},
      {".ndu", FileKind::unsupported},  {".ldu", FileKind::unsupported},
      {".mdu", FileKind::unsupported},  {".msu", FileKind::unsupported},
      {".ign", FileKind::unsupported},  {".ftm", FileKind::unsupported},
      {".pdb", FileKind::unsupported},  {".gdb", FileKind::unsupported},
      {".wdb", FileKind::unsupported},  {".pwdb", FileKind::unsupported},
      {".idb", FileKind::unsupported},  {".cat", FileKind::unsupported},
      {".cvd", FileKind::unsupported},  {".cld", FileKind::unsupported},
      {".cbc", FileKind::unsupported},  {".yar", FileKind::unsupported},
      {".yara", FileKind::unsupported}, {".db", FileKind::unsupported},
  };
  const auto it = kinds.find(file.extension().string());
  return it == kinds.end() ? FileKind::unknown : it->second;
}

bool is_one_binary(const fs::path& file) {
  return file.extension() == ".cvd" || file.extension() == ".cld" || file.extension() == ".cbc";
}

struct SourceFile {
  std::string name;
  std::string extension;
  FileKind kind = FileKind::unknown;
  bool binary = false;
  std::string content;
};

Result<std::string> read_file(const fs::path& path) {
  std::error_code problem;
  const std::uint64_t size = fs::file_size(path, problem);
  if (problem) return fail(Code::unavailable, "a signature file cannot be read");
  if (size > kFileBytesMax) return fail(Code::invalid_input, "a signature file is too large");
  std::ifstream in(path, std::ios::binary);
  std::string content(size, '\0');
  in.read(content.data(), static_cast<std::streamsize>(size));
  if (!in) return fail(Code::unavailable, "a signature file cannot be read");
  return content;
}

// In the order of their names, so that one folder always gives one database.
Result<std::vector<SourceFile>> read_folder(const fs::path& folder) {
  std::error_code problem;
  std::set<fs::path> paths;
  fs::directory_iterator it(folder, problem);
  if (problem) return fail(Code::not_found, "the signature folder is not there");
  for (; !problem && it != fs::directory_iterator(); it.increment(problem)) {
    std::error_code gone;
    if (it->is_regular_file(gone) && kind_of(it->path()) != FileKind::unknown) {
      paths.insert(it->path());
    }
    if (paths.size() > kFilesMax) return fail(Code::invalid_input, "too many signature files");
  }
  if (problem) return fail(Code::unavailable, "the signature folder cannot be listed");
  std::vector<SourceFile> files;
  std::uint64_t total = 0;
  for (const fs::path& path : paths) {
    auto content = read_file(path);
    if (!content) return carry(content);
    total += content->size();
    if (total > kFolderBytesMax) return fail(Code::invalid_input, "too many bytes of signatures");
    files.push_back({.name = path.filename().string(),
                     .extension = path.extension().string(),
                     .kind = kind_of(path),
                     .binary = is_one_binary(path),
                     .content = std::move(*content)});
  }
  return files;
}

// Calls `take(line, number)` for each line that is neither empty nor a comment.
template <class Take>
void for_each_line(std::string_view content, const Take& take) {
  std::size_t number = 0;
  for (std::size_t start = 0; start < content.size();) {
    const std::size_t end = std::min(content.find('\n', start), content.size());
    std::string_view line = content.substr(start, end - start);
    start = end + 1;
    ++number;
    while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.remove_suffix(1);
    if (!line.empty() && line.front() != '#') take(line, number);
  }
}

crypto::Hash version_of(const std::vector<SourceFile>& files) {
  std::vector<crypto::Hash> contents;
  contents.reserve(files.size());
  for (const SourceFile& file : files) {
    contents.push_back(crypto::sha256(
        {as_bytes(file.extension), as_bytes(std::string_view("\0", 1)), as_bytes(file.content)}));
  }
  std::ranges::sort(contents);
  crypto::Digest digest;
  digest.update(as_bytes(kEngine));
  for (const crypto::Hash& content : contents) digest.update(content.bytes());
  return digest.finish_sha256();
}

/// Collects the signatures of all files and turns them into tables.
class Builder {
 public:
  void add_builtin() {
    begin_source(std::string(kBuiltinSource));
    const Bytes eicar = [] {
      Bytes bytes;
      append(bytes, as_bytes(kEicarFirstHalf));
      append(bytes, as_bytes(kEicarSecondHalf));
      return bytes;
    }();
    raw_.push_back(eicar);
    tables_.raw.rules.push_back({.signature = name_signature(std::string(kEicarName)),
                                 .offset = {.from = Offset::From::start},
                                 .object_size_max = kEicarFileBytesMax});
    ++tables_.report.patterns;
  }

  void add_ignored(const SourceFile& file) {
    begin_source(file.name);
    for_each_line(file.content, [&](std::string_view line, std::size_t number) {
      auto ignored = parse_ignored_name(line);
      if (!ignored) return leave(ignored.error(), number);
      ignored_[std::move(ignored->name)].push_back(std::move(ignored->line_md5));
    });
  }

  void add_signatures(const SourceFile& file) {
    begin_source(file.name);
    if (file.binary) return leave(NotApplied::kind_of_file, 1);
    for_each_line(file.content, [&](std::string_view line, std::size_t number) {
      if (line.size() > kLineBytesMax) return leave(NotApplied::malformed, number);
      switch (file.kind) {
        case FileKind::hashes: return add_hash(line, number);
        case FileKind::allowed: return add_allowed(line, number);
        case FileKind::patterns: return add_pattern(line, number);
        default: return leave(NotApplied::kind_of_file, number);
      }
    });
  }

  bool within_limits() const {
    return tables_.names.size() <= kSignaturesMax && allowed_.size() <= kSignaturesMax
           && raw_.size() + text_.size() <= kPatternsMax;
  }

  std::shared_ptr<const Database::Tables> build(const crypto::Hash& version) && {
    tables_.version = version;
    tables_.hashes = HashSet(hashes_);
    tables_.allowed = HashSet(allowed_);
    tables_.raw.set = PatternSet(raw_);
    tables_.text.set = PatternSet(text_);
    for (auto& [reason, left] : left_) tables_.report.left.push_back(std::move(left));
    return std::make_shared<const Database::Tables>(std::move(tables_));
  }

 private:
  void begin_source(std::string name) {
    if (name != kBuiltinSource) ++tables_.report.files;
    tables_.sources.push_back(std::move(name));
  }

  void leave(NotApplied reason, std::size_t line) {
    LoadReport::Left& left = left_[reason];
    if (left.count++ > 0) return;
    left.reason = describe(reason);
    left.first = tables_.sources.back() + ':' + std::to_string(line);
  }

  std::uint32_t name_signature(std::string name) {
    tables_.names.push_back({.name = std::move(name),
                             .source = static_cast<std::uint16_t>(tables_.sources.size() - 1)});
    return static_cast<std::uint32_t>(tables_.names.size() - 1);
  }

  bool is_ignored(const std::string& name, std::string_view line) const {
    const auto it = ignored_.find(name);
    if (it == ignored_.end()) return false;
    return std::ranges::any_of(it->second, [&](const std::optional<std::string>& md5) {
      if (!md5) return true;
      crypto::Digest digest(crypto::DigestKind::md5);
      digest.update(as_bytes(line));
      return to_hex(digest.finish()) == *md5;
    });
  }

  void add_hash(std::string_view line, std::size_t number) {
    auto signature = parse_hash_signature(line);
    if (!signature) return leave(signature.error(), number);
    if (is_ignored(signature->name, line)) return leave(NotApplied::ignored, number);
    const std::uint32_t name = name_signature(std::move(signature->name));
    hashes_.push_back({.signature = std::move(*signature), .number = name});
    ++tables_.report.hashes;
  }

  void add_allowed(std::string_view line, std::size_t number) {
    auto signature = parse_hash_signature(line);
    if (!signature) return leave(signature.error(), number);
    signature->name.clear();
    allowed_.push_back({.signature = std::move(*signature)});
    ++tables_.report.allowed;
  }

  void add_pattern(std::string_view line, std::size_t number) {
    auto signature = parse_body_signature(line);
    if (!signature) return leave(signature.error(), number);
    if (is_ignored(signature->name, line)) return leave(NotApplied::ignored, number);
    const bool text = signature->target == Target::ascii;
    (text ? text_ : raw_).push_back(std::move(signature->bytes));
    (text ? tables_.text : tables_.raw)
        .rules.push_back({.signature = name_signature(std::move(signature->name)),
                          .target = signature->target,
                          .offset = signature->offset});
    ++tables_.report.patterns;
  }

  Database::Tables tables_;
  std::vector<HashSet::Item> hashes_;
  std::vector<HashSet::Item> allowed_;
  std::vector<Bytes> raw_;
  std::vector<Bytes> text_;
  std::unordered_map<std::string, std::vector<std::optional<std::string>>> ignored_;
  std::map<NotApplied, LoadReport::Left> left_;
};

}  // namespace

Database Database::builtin() {
  Builder builder;
  builder.add_builtin();
  return Database(std::move(builder).build(version_of({})));
}

Result<Database> Database::load_folder(const std::filesystem::path& folder) {
  const auto files = read_folder(folder);
  if (!files) return carry(files, "loading signatures");
  Builder builder;
  builder.add_builtin();
  for (const SourceFile& file : *files) {
    if (file.kind == FileKind::ignored) builder.add_ignored(file);
  }
  for (const SourceFile& file : *files) {
    if (file.kind != FileKind::ignored) builder.add_signatures(file);
    if (!builder.within_limits()) {
      return fail(Code::invalid_input, "loading signatures: more signatures than the limit");
    }
  }
  return Database(std::move(builder).build(version_of(*files)));
}

const LoadReport& Database::report() const { return tables_->report; }
const crypto::Hash& Database::version() const { return tables_->version; }

}  // namespace amanat::scan
