#include <algorithm>
#include <fstream>

#include "amanat/yara/yara.h"

namespace amanat::yara {
namespace {

constexpr std::size_t kSourcesMax = 100'000;
constexpr int kFolderDepthMax = 16;

bool is_rules(const std::filesystem::path& path) {
  return path.extension() == ".yar" || path.extension() == ".yara";
}

void read_source(const std::filesystem::path& path, std::string name, std::vector<Source>& sources,
                 std::vector<Note>& notes) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  const std::streamoff size = file ? std::streamoff(file.tellg()) : -1;
  if (size < 0 || static_cast<std::uint64_t>(size) > kRuleTextBytesMax) {
    notes.push_back({.source = std::move(name), .message = "cannot be read", .is_error = true});
    return;
  }
  Source source;
  source.name = name;
  source.name_space = std::move(name);
  source.text.resize(static_cast<std::size_t>(size));
  file.seekg(0);
  file.read(source.text.data(), size);
  source.text.resize(static_cast<std::size_t>(file.gcount()));
  sources.push_back(std::move(source));
}

}  // namespace

Result<std::vector<Source>> read_sources(const std::filesystem::path& path,
                                         std::vector<Note>& notes) {
  std::error_code problem;
  std::vector<Source> sources;
  if (!std::filesystem::exists(path, problem)) {
    return fail(Code::not_found, "there is no such file or folder of rules");
  }
  if (!std::filesystem::is_directory(path, problem)) {
    read_source(path, path.filename().string(), sources, notes);
    return sources;
  }
  std::vector<std::filesystem::path> files;
  std::filesystem::recursive_directory_iterator walk(path, problem);
  for (; !problem && walk != std::filesystem::recursive_directory_iterator();
       walk.increment(problem)) {
    if (walk.depth() >= kFolderDepthMax) walk.disable_recursion_pending();
    std::error_code unknown;
    if (is_rules(walk->path()) && walk->is_regular_file(unknown)) files.push_back(walk->path());
    if (files.size() > kSourcesMax) return fail(Code::invalid_input, "too many files of rules");
  }
  if (problem) return fail(Code::unavailable, "the folder of rules cannot be read");
  std::ranges::sort(files);
  for (const std::filesystem::path& file : files) {
    read_source(file, file.lexically_relative(path).string(), sources, notes);
  }
  return sources;
}

}  // namespace amanat::yara
