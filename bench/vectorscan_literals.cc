// The peer of the literal matcher: Vectorscan over the same literals, as good as it gets.
//
//   bench_vectorscan compile LITERALS DATABASE     one literal in hexadecimal on each line
//   bench_vectorscan scan DATABASE PATH...         files, and folders with all that is in them
//
// Literals are compiled with hs_compile_lit_multi for block mode, without their leading zeros,
// which it takes for the end; a scan reads each file into a buffer that is kept, looks at all of it
// and reports how many files hold at least one.

#include <cstdint>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

#include <hs/hs.h>

namespace {

int complain(const std::string& what) {
  std::cerr << "bench_vectorscan: " << what << "\n";
  return 2;
}

std::string bytes_of(const std::string& hex) {
  std::string bytes;
  for (std::size_t at = 0; at + 2 <= hex.size(); at += 2) {
    bytes.push_back(static_cast<char>(std::strtoul(hex.substr(at, 2).c_str(), nullptr, 16)));
  }
  return bytes;
}

int compile(const std::string& literals, const std::string& database) {
  std::vector<std::string> texts;
  std::ifstream file(literals);
  for (std::string line; std::getline(file, line);) {
    std::string text = bytes_of(line);
    text.erase(0, text.find_first_not_of('\0'));
    if (!text.empty()) texts.push_back(std::move(text));
  }
  std::vector<const char*> starts;
  std::vector<std::size_t> sizes;
  std::vector<unsigned> ids;
  const std::vector<unsigned> flags(texts.size(), HS_FLAG_SINGLEMATCH);
  for (const std::string& text : texts) {
    ids.push_back(static_cast<unsigned>(starts.size()));
    starts.push_back(text.data());
    sizes.push_back(text.size());
  }
  hs_database_t* compiled = nullptr;
  hs_compile_error_t* problem = nullptr;
  if (hs_compile_lit_multi(starts.data(), flags.data(), ids.data(), sizes.data(),
                           static_cast<unsigned>(texts.size()), HS_MODE_BLOCK, nullptr, &compiled,
                           &problem)
      != HS_SUCCESS) {
    return complain(problem->message);
  }
  char* bytes = nullptr;
  std::size_t size = 0;
  if (hs_serialize_database(compiled, &bytes, &size) != HS_SUCCESS) return complain("serialize");
  std::ofstream(database, std::ios::binary).write(bytes, static_cast<std::streamsize>(size));
  std::cout << texts.size() << " literals, " << size << " bytes\n";
  return 0;
}

int on_hit(unsigned, unsigned long long, unsigned long long, unsigned, void* hits) {
  ++*static_cast<std::size_t*>(hits);
  return 0;
}

/// Whether the file holds one of the literals; a file that cannot be read holds none.
bool scan_file(const hs_database_t* database, hs_scratch_t* scratch, const std::string& path) {
  static std::vector<char> buffer;
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  struct stat status{};
  if (file < 0) return false;
  std::size_t hits = 0;
  if (fstat(file, &status) == 0 && S_ISREG(status.st_mode)) {
    const auto size = static_cast<std::size_t>(status.st_size);
    if (buffer.size() < size) buffer.resize(size);
    std::size_t got = 0;
    while (got < size) {
      const ssize_t more = read(file, buffer.data() + got, size - got);
      if (more <= 0) break;
      got += static_cast<std::size_t>(more);
    }
    hs_scan(database, buffer.data(), static_cast<unsigned>(got), 0, scratch, on_hit, &hits);
  }
  close(file);
  return hits > 0;
}

int scan(const std::string& path, const std::vector<std::string>& roots) {
  std::ifstream file(path, std::ios::binary);
  const std::string bytes(std::istreambuf_iterator<char>(file), {});
  hs_database_t* database = nullptr;
  hs_scratch_t* scratch = nullptr;
  if (hs_deserialize_database(bytes.data(), bytes.size(), &database) != HS_SUCCESS
      || hs_alloc_scratch(database, &scratch) != HS_SUCCESS) {
    return complain("the database does not load");
  }
  std::size_t hits = 0;
  for (const std::string& root : roots) {
    if (!std::filesystem::is_directory(root)) {
      hits += scan_file(database, scratch, root) ? 1 : 0;
      continue;
    }
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
      if (entry.is_regular_file() && scan_file(database, scratch, entry.path().string())) {
        ++hits;
        std::cout << entry.path().string() << ": FOUND\n";
      }
    }
  }
  return hits == 0 ? 0 : 1;
}

}  // namespace

int main(int count, char** arguments) {
  const std::vector<std::string> words(arguments + 1, arguments + count);
  if (words.size() == 3 && words[0] == "compile") return compile(words[1], words[2]);
  if (words.size() >= 3 && words[0] == "scan") {
    return scan(words[1], {words.begin() + 2, words.end()});
  }
  return complain("usage: compile LITERALS DATABASE | scan DATABASE PATH...");
}
