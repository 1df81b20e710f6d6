#include "amanat/scan/compile.h"

#include <algorithm>
#include <fstream>
#include <map>
#include <sys/stat.h>
#include <utility>

#include "amanat/codec/codec.h"
#include "amanat/indicator/load.h"
#include "amanat/signature/cvd.h"
#include "amanat/signature/signature.h"
#include "amanat/threat/compile.h"
#include "amanat/yara/yara.h"

namespace amanat::scan {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kFileBytesMax = 1ULL << 30;
constexpr std::uint64_t kFolderBytesMax = 4ULL << 30;
constexpr std::size_t kFilesMax = 4096;

constexpr std::string_view kBuiltinSource = "built-in";
// In two halves, so that no scanner takes this source for the test file. The rule of the test file:
// it begins with these 68 bytes and has at most 128.
constexpr std::string_view kEicarLine =
    "Eicar-Test-Signature;Engine:81-255,FileSize:68-128,Target:0;0;0:";
constexpr std::string_view kEicarFirstHalf = R"(X5O!P%@AP[4\PZX54(P^)7CC)7})";
constexpr std::string_view kEicarSecondHalf = "$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*";

void add_builtin(threat::Compiler& compiler) {
  const auto source = compiler.add_source({.name = std::string(kBuiltinSource),
                                           .licence = "Apache-2.0",
                                           .kind = threat::Class::malware});
  Bytes test;
  append(test, as_bytes(kEicarFirstHalf));
  append(test, as_bytes(kEicarSecondHalf));
  compiler.add_line(source, {.kind = signature::Kind::logicals, .unwanted = false},
                    std::string(kEicarLine) + to_hex(test), kBuiltinSource);
}

struct SourceFile {
  fs::path path;
  std::uint64_t size = 0;
  std::uint64_t changed = 0;  // nanoseconds
};

Result<std::vector<SourceFile>> list_files(const fs::path& folder) {
  std::error_code problem;
  fs::directory_iterator entries(folder, problem);
  if (problem) return fail(Code::not_found, "there is no such folder of signatures");
  std::vector<SourceFile> files;
  std::uint64_t total = 0;
  for (const fs::directory_entry& entry : entries) {
    struct stat status{};
    if (::stat(entry.path().c_str(), &status) != 0 || !S_ISREG(status.st_mode)) continue;
    const auto size = static_cast<std::uint64_t>(status.st_size);
    total += size;
    if (size > kFileBytesMax || total > kFolderBytesMax || files.size() == kFilesMax) {
      return fail(Code::invalid_input, "the folder has more signatures than can be compiled");
    }
    files.push_back({.path = entry.path(),
                     .size = size,
                     .changed = static_cast<std::uint64_t>(status.st_mtim.tv_sec) * 1'000'000'000
                                + static_cast<std::uint64_t>(status.st_mtim.tv_nsec)});
  }
  // Ignore lists first: they speak of what comes after them.
  std::ranges::sort(files, {}, [](const SourceFile& file) {
    return std::pair(!file.path.extension().string().starts_with(".ign"), file.path);
  });
  return files;
}

Result<std::string> read_text(const SourceFile& file) {
  std::ifstream stream(file.path, std::ios::binary);
  std::string text(file.size, '\0');
  if (!stream.read(text.data(), static_cast<std::streamsize>(text.size()))) {
    return fail(Code::unavailable, "a file of signatures cannot be read");
  }
  return text;
}

bool is_container(const fs::path& file) {
  return file.extension() == ".cvd" || file.extension() == ".cld";
}
bool is_rules(const fs::path& file) {
  return file.extension() == ".yar" || file.extension() == ".yara";
}

/// Everything that compiling a folder collects.
class FolderCompiler {
 public:
  FolderCompiler() { add_builtin(compiler_); }

  Result<> add(const SourceFile& file) {
    auto text = read_text(file);
    if (!text) return carry(text);
    const std::string name = file.path.filename().string();
    ++files_;
    if (is_container(file.path)) {
      add_container(name, as_bytes(*text));
    } else if (is_rules(file.path)) {
      rule_texts_.push_back({.name = name, .text = std::move(*text), .name_space = name});
    } else if (const auto kind = signature::kind_of(name)) {
      compiler_.add_file(add_source(name), *kind, *text);
    } else if (indicator::Loader::is_list(name)) {
      lists_.add(name, *text);
    } else {
      leave("files of a kind that is not read", name);
    }
    return {};
  }

  Result<Database> finish() && {
    add_known_files();
    auto rules_file = compile_rules();
    if (!rules_file) return carry(rules_file);
    auto image = std::move(compiler_).finish();
    if (!image) return carry(image, "compiling signatures");
    auto threats = threat::Database::from_image(*image);
    if (!threats) return carry(threats);
    LoadReport report = report_of(*threats);
    report.files = files_;
    report.rules = rule_count_;
    report.damaged = damaged_;
    for (auto& [reason, left] : left_) report.left.push_back(std::move(left));
    return Database::from_parts(std::move(*image), std::move(*rules_file), std::move(report));
  }

 private:
  threat::Compiler::SourceNumber add_source(const std::string& name) {
    return compiler_.add_source({.name = name, .licence = {}, .kind = threat::Class::malware});
  }

  void add_container(const std::string& name, ByteView file) {
    if (auto held = signature::verify_cvd(file); !held && name.ends_with(".cvd")) {
      ++damaged_;
      return leave("containers whose signature does not hold", name);
    }
    auto read = signature::read_members_unverified(file, [&](std::string_view member,
                                                             ByteView content) {
      if (const auto kind = signature::kind_of(member)) {
        compiler_.add_file(add_source(name + "/" + std::string(member)), *kind, as_text(content));
      } else if (!member.ends_with(".info") && member != "COPYING") {
        leave("files of a kind that is not read", name + "/" + std::string(member));
      }
      return true;
    });
    if (!read) {
      ++damaged_;
      leave("containers that are damaged", name);
    }
  }

  /// Hashes of whole files from lists of indicators are signatures like any other.
  void add_known_files() {
    const auto loaded = std::move(lists_).finish();
    for (const auto& list : loaded.lists) note_list(list);
    std::map<std::uint32_t, threat::Compiler::SourceNumber> sources;
    for (const auto kind :
         {indicator::Kind::file_md5, indicator::Kind::file_sha1, indicator::Kind::file_sha256}) {
      for (const indicator::Entry& entry : loaded.indicators.entries(kind)) {
        const indicator::Collection& collection = loaded.indicators.collection(entry);
        auto [source, is_new] = sources.try_emplace(entry.collection, 0);
        if (is_new) source->second = add_collection(collection);
        add_known_file(source->second, kind, entry.value, collection.name);
      }
    }
  }

  threat::Compiler::SourceNumber add_collection(const indicator::Collection& collection) {
    const bool watches = collection.threat_class == indicator::ThreatClass::stalkerware
                         || collection.threat_class == indicator::ThreatClass::watchware;
    const bool unwanted = collection.threat_class == indicator::ThreatClass::unwanted;
    return compiler_.add_source({.name = collection.source,
                                 .licence = collection.licence,
                                 .kind = watches    ? threat::Class::stalkerware
                                         : unwanted ? threat::Class::unwanted
                                                    : threat::Class::malware});
  }

  void add_known_file(threat::Compiler::SourceNumber source, indicator::Kind kind,
                      std::string_view digest, const std::string& name) {
    auto bytes = from_hex(digest);
    if (!bytes) return;
    signature::HashSignature known;
    known.kind = kind == indicator::Kind::file_md5    ? crypto::DigestKind::md5
                 : kind == indicator::Kind::file_sha1 ? crypto::DigestKind::sha1
                                                      : crypto::DigestKind::sha256;
    known.digest = std::move(*bytes);
    known.name = name;
    compiler_.add(source, known);
  }

  void note_list(const indicator::SourceReport& list) {
    for (std::size_t i = 0; i < indicator::kReasons; ++i) {
      const auto reason = static_cast<indicator::Reason>(i);
      if (list.left.at(i) == 0) continue;
      leave("indicators: " + std::string(indicator::describe(reason)), list.file, list.left.at(i));
    }
    if (list.failure) leave("lists of indicators that cannot be read", list.file);
  }

  Result<Bytes> compile_rules() {
    if (rule_texts_.empty()) return Bytes();
    auto compiled = yara::compile(rule_texts_);
    if (!compiled) return carry(compiled, "compiling YARA's rules");
    for (const std::string& name : compiled->left_out) leave("YARA files with errors", name);
    rule_count_ = compiled->rules.count();
    if (rule_count_ == 0) return Bytes();
    return compiled->rules.serialise();
  }

  void leave(const std::string& reason, const std::string& where, std::uint64_t count = 1) {
    auto [left, is_new] = left_.try_emplace(reason);
    if (is_new) left->second = {.reason = reason, .count = 0, .first = where};
    left->second.count += count;
  }

  threat::Compiler compiler_;
  indicator::Loader lists_;
  std::vector<yara::Source> rule_texts_;
  std::uint64_t files_ = 0;
  std::uint64_t rule_count_ = 0;
  std::uint64_t damaged_ = 0;
  std::map<std::string, LoadReport::Left> left_;
};

}  // namespace

Result<Database> compile_builtin() {
  threat::Compiler compiler;
  add_builtin(compiler);
  auto image = std::move(compiler).finish();
  if (!image) return carry(image);
  return Database::from_parts(std::move(*image), {}, {});
}

Result<Database> Database::compile(const fs::path& folder) {
  auto files = list_files(folder);
  if (!files) return carry(files);
  FolderCompiler compiler;
  for (const SourceFile& file : *files) {
    if (auto added = compiler.add(file); !added) return carry(added);
  }
  return std::move(compiler).finish();
}

Result<Bytes> stamp_of(const fs::path& folder) {
  auto files = list_files(folder);
  if (!files) return carry(files);
  codec::Writer writer;
  for (const SourceFile& file : *files) {
    writer.vector16(as_bytes(file.path.filename().string()));
    writer.u64(file.size);
    writer.u64(file.changed);
  }
  return std::move(writer).take();
}

LoadReport report_of(const threat::Database& threats) {
  LoadReport report;
  report.hashes = threats.hash_count();
  report.patterns = threats.signature_count();
  report.allowed = threats.allowed_count();
  std::map<signature::Reason, LoadReport::Left> all;
  const auto& sources = threats.sources();
  const threat::Report by_source = threats.report();
  report.files = sources.empty() ? 0 : sources.size() - 1;
  for (std::size_t i = 0; i < by_source.size(); ++i) {
    for (const threat::Left& left : by_source[i].left) {
      auto [known, is_new] = all.try_emplace(left.reason);
      if (is_new) {
        known->second = {.reason = std::string(signature::describe(left.reason)),
                         .count = 0,
                         .first = left.example};
      }
      known->second.count += left.count;
    }
  }
  for (auto& [reason, left] : all) report.left.push_back(std::move(left));
  return report;
}

}  // namespace amanat::scan
