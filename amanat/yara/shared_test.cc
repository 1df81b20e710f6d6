// Compares with the yara program on public rules, where both are there.

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <unistd.h>

#include <doctest/doctest.h>

#include "amanat/yara/yara.h"

namespace amanat::yara {
namespace {

using Strings = std::vector<std::string>;

constexpr const char* kProgram = "/usr/bin/yara";
constexpr std::size_t kFilesMax = 150;
constexpr std::uintmax_t kFileBytesMax = 2'000'000;

Strings lines_of_command(const std::string& command) {
  Strings lines;
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(::popen(command.c_str(), "r"), ::pclose);
  REQUIRE(pipe != nullptr);
  std::string line;
  for (int c = std::fgetc(pipe.get()); c != EOF; c = std::fgetc(pipe.get())) {
    if (c == '\n') {
      lines.push_back(std::move(line));
      line.clear();
    } else {
      line.push_back(static_cast<char>(c));
    }
  }
  return lines;
}

// Some files of a folder, spread over it.
std::vector<std::filesystem::path> some_files(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  std::error_code problem;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder, problem)) {
    if (entry.is_regular_file() && !entry.is_symlink() && entry.file_size() < kFileBytesMax) {
      files.push_back(entry.path());
    }
  }
  std::ranges::sort(files);
  const std::size_t step = std::max<std::size_t>(1, files.size() / kFilesMax);
  std::vector<std::filesystem::path> chosen;
  for (std::size_t i = 0; i < files.size(); i += step) chosen.push_back(files[i]);
  return chosen;
}

std::string read(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

}  // namespace

TEST_CASE("verdicts on public rules are those of the yara program") {
  const char* const shared = std::getenv("AMANAT_SHARED");
  if (shared == nullptr || !std::filesystem::exists(kProgram)) return;
  const std::filesystem::path data = std::filesystem::path(shared) / "data";
  std::vector<Source> sources;
  Strings rule_files;
  for (const auto* const name : {"threats/stalkerware/rules.yar", "threats/ditekshen/malware.yar",
                                 "threats/ditekshen/indicator_packed.yar"}) {
    if (!std::filesystem::exists(data / name)) return;
    rule_files.push_back((data / name).string());
    sources.push_back({.name = name, .text = read(data / name), .name_space = rule_files.back()});
  }
  const auto compiled = compile(sources);
  REQUIRE(compiled.has_value());
  CHECK(compiled->left_out.empty());
  MESSAGE(compiled->rules.count() << " rules, " << compiled->notes.size() << " notes");

  const auto kept = compiled->rules.serialise();
  REQUIRE(kept.has_value());
  const auto loaded = Rules::deserialise(*kept);
  REQUIRE(loaded.has_value());

  std::size_t matches = 0;
  for (const std::filesystem::path& folder : std::initializer_list<std::filesystem::path>{
           data / "phone" / "AppData", data / "phone" / "Documents", data / "threats",
           std::filesystem::path("/usr/bin"), std::filesystem::path("/usr/lib/git-core")}) {
    const auto files = some_files(folder);
    Strings ours;
    const auto list =
        std::filesystem::temp_directory_path() / ("amanat-yara-" + std::to_string(::getpid()));
    std::ofstream names(list);
    for (const auto& path : files) {
      names << path.string() << "\n";
      const std::string content = read(path);
      const auto scanned = loaded->scan(as_bytes(content));
      REQUIRE(scanned.has_value());
      CHECK(scanned->end == End::whole);
      for (const Match& match : scanned->matches) ours.push_back(match.rule + " " + path.string());
    }
    names.close();
    std::string command = std::string(kProgram) + " -w -f";
    for (const auto* const name : {"filename", "filepath", "extension", "filetype", "owner"}) {
      command += std::string(" -d ") + name + "=''";
    }
    for (const std::string& file : rule_files) command += " '" + file + "'";
    Strings theirs = lines_of_command(command + " --scan-list '" + list.string() + "'");
    std::filesystem::remove(list);
    std::ranges::sort(ours);
    std::ranges::sort(theirs);
    CAPTURE(folder.string());
    CHECK(ours == theirs);
    matches += ours.size();
    MESSAGE(folder.string() << ": " << files.size() << " files, " << ours.size() << " matches");
  }
  MESSAGE(matches << " matches in all");
}

}  // namespace amanat::yara
