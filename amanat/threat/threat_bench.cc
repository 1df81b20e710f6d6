// What compiling, opening and scanning cost, on the reader's own signatures and files.
//
//   threat_threat_bench SIGNATURES FILES [HASHES]
//
// SIGNATURES is a folder of ClamAV's formats, FILES a folder to compare with them, HASHES a number
// of random SHA-256 hashes of random sizes to add. Times are CPU seconds of the one thread.

#include "amanat/threat/threat.h"

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <random>
#include <string>

#include <fmt/format.h>

#include "amanat/threat/compile.h"

namespace {
using namespace amanat;
namespace fs = std::filesystem;

double cpu_seconds() {
  timespec time{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

std::string read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// What of the process is in memory, in mebibytes: the line `field` of /proc/self/status.
double memory_mib(std::string_view field) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(field)) return std::stod(line.substr(field.size() + 1)) / 1024;
  }
  return 0;
}

std::vector<fs::path> files_below(const fs::path& folder) {
  std::vector<fs::path> paths;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) paths.push_back(entry.path());
  }
  std::ranges::sort(paths);
  return paths;
}

void add_random_hashes(threat::Compiler& compiler, std::size_t count) {
  const auto source = compiler.add_source({"random", "CC0-1.0", threat::Class::malware});
  std::mt19937_64 random(1);
  for (std::size_t i = 0; i < count; ++i) {
    signature::HashSignature hash;
    hash.kind = crypto::DigestKind::sha256;
    for (int j = 0; j < 32; ++j) hash.digest.push_back(static_cast<std::uint8_t>(random()));
    hash.size = 1 + static_cast<std::uint32_t>(random() % 4000000);
    hash.name = fmt::format("Random.Hash-{}", i);
    compiler.add(source, hash);
  }
}

void print_report(const threat::Database& database) {
  const threat::Report report = database.report();
  for (std::size_t i = 0; i < report.size(); ++i) {
    fmt::print("  {:44} applied {:8} ignored {}\n", database.sources()[i].name, report[i].applied,
               report[i].ignored);
    for (const threat::Left& left : report[i].left) {
      fmt::print("    left {:6}: {} ({})\n", left.count, signature::describe(left.reason),
                 left.example);
    }
  }
}

Bytes compile(const fs::path& folder, std::size_t hashes) {
  threat::Compiler compiler;
  const double begin = cpu_seconds();
  std::vector<fs::path> paths = files_below(folder);
  std::ranges::sort(paths, {}, [](const fs::path& path) {
    return std::pair(path.extension() != ".ign2" && path.extension() != ".ign", path);
  });
  for (const fs::path& path : paths) {
    const auto kind = signature::kind_of(path.filename().string());
    if (!kind) continue;
    const auto source = compiler.add_source(
        {fs::relative(path, folder).string(), "see folder", threat::Class::malware});
    compiler.add_file(source, *kind, read_file(path));
  }
  add_random_hashes(compiler, hashes);
  const double read = cpu_seconds();
  Bytes image = std::move(compiler).finish().value();
  fmt::print("read {:.2f} s, built {:.2f} s, image {:.1f} MiB, peak {:.0f} MiB\n", read - begin,
             cpu_seconds() - read, static_cast<double>(image.size()) / 1048576,
             memory_mib("VmHWM:"));
  return image;
}

struct Total {
  double seconds = 0;
  double digest_seconds = 0;
  std::uint64_t bytes = 0;
  std::uint64_t hits = 0;
  std::uint64_t incomplete = 0;
};

void scan(threat::Examiner& examiner, const std::string& content, Total& total) {
  const ByteView bytes = as_bytes(content);
  const auto executable = program::read_executable(bytes);
  threat::ObjectFacts facts;
  if (executable) {
    facts.executable = &*executable;
    facts.target = executable->format == program::Format::elf  ? signature::Target::elf
                   : executable->format == program::Format::pe ? signature::Target::pe
                                                               : signature::Target::macho;
  }
  const double begin = cpu_seconds();
  const threat::Findings findings = examiner.match_bytes(bytes, facts);
  const double seconds = cpu_seconds() - begin;
  const threat::Findings known = examiner.match_digests(bytes, facts);
  total.digest_seconds += cpu_seconds() - begin - seconds;
  total.seconds += seconds;
  total.bytes += bytes.size();
  total.hits += findings.hits.size() + known.hits.size();
  total.incomplete += findings.complete ? 0 : 1;
  for (const threat::Hit& hit : findings.hits) fmt::print("  hit {}\n", hit.name);
}

int run(const fs::path& signatures, const fs::path& files, std::size_t hashes) {
  const fs::path path = fs::temp_directory_path() / "amanat_threat_bench.db";
  {
    const Bytes image = compile(signatures, hashes);
    std::ofstream(path, std::ios::binary)
        .write(reinterpret_cast<const char*>(image.data()),
               static_cast<std::streamsize>(image.size()));
  }
  const double resident_before = memory_mib("RssFile:");
  const double begin = cpu_seconds();
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  auto database = threat::Database::of_file(file);
  if (!database) {
    fmt::print("{}\n", database.error().message);
    return 1;
  }
  const double opened = cpu_seconds();
  fmt::print("opened in {:.3f} ms: {} signatures, {} hashes\n", (opened - begin) * 1e3,
             database->signature_count(), database->hash_count());
  print_report(*database);
  threat::Examiner examiner(*database);
  // Twice: the first round brings the pages of the database in.
  Total total;
  for (int round = 0; round < 2; ++round) {
    total = {};
    for (const fs::path& one : files_below(files)) scan(examiner, read_file(one), total);
  }
  fmt::print(
      "{:.1f} MB in {:.2f} s: {:.0f} MB/s, {} hits, {} incomplete, database resident {:.1f} "
      "MiB\n",
      static_cast<double>(total.bytes) * 1e-6, total.seconds,
      static_cast<double>(total.bytes) * 1e-6 / total.seconds, total.hits, total.incomplete,
      memory_mib("RssFile:") - resident_before);
  fmt::print("digests: {:.2f} s more\n", total.digest_seconds);
  fs::remove(path);
  return 0;
}
}  // namespace

int main(int argument_count, char** arguments) {
  if (argument_count < 3) {
    fmt::print(stderr, "usage: {} SIGNATURES FILES [HASHES]\n", arguments[0]);
    return 2;
  }
  return run(arguments[1], arguments[2],
             argument_count > 3 ? std::stoul(arguments[3]) : std::size_t{0});
}
