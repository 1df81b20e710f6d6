#include "amanat/phone/device_text.h"

#include <algorithm>
#include <vector>

#include "amanat/indicator/spelling.h"

namespace amanat::phone {
namespace {

constexpr std::size_t kPermissionsMax = 4'096;  // of one app
constexpr std::size_t kWordsMax = 32;           // of one row of processes

std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> words;
  while (words.size() < kWordsMax) {
    const std::size_t begin = line.find_first_not_of(" \t");
    if (begin == std::string_view::npos) break;
    line.remove_prefix(begin);
    const std::size_t end = std::min(line.find_first_of(" \t"), line.size());
    words.push_back(line.substr(0, end));
    line.remove_prefix(end);
  }
  return words;
}

// "key=value" somewhere in a line; the value ends at white space.
std::string_view value_of(std::string_view line, std::string_view key) {
  const std::size_t at = line.find(key);
  if (at == std::string_view::npos) return {};
  const std::string_view rest = line.substr(at + key.size());
  return rest.substr(0, rest.find_first_of(" \t"));
}

class LineReader {
 public:
  explicit LineReader(const OnFact& use) : use_(use) {}

  void read(std::string_view line, std::uint64_t number) {
    line_ = number;
    if (in_package_ && !line.starts_with(' ')) end_package();
    if (in_processes_ && read_process(line)) return;
    const std::string_view plain = indicator::trim(line);
    if (plain.starts_with("package:")) return read_listed(plain.substr(8));
    if (plain.starts_with("Package [")) return begin_package(plain);
    if (plain.starts_with('[')) return read_property(plain);
    if (in_package_) return read_package_line(plain);
    read_process_heading(plain);
  }

  void end_package() {
    if (!in_package_) return;
    in_package_ = false;
    use_(package_);
    package_ = {};
  }

 private:
  // The path may have '=' in it, the package's name cannot.
  void read_listed(std::string_view rest) {
    std::string_view name = rest.substr(0, rest.find_first_of(" \t"));
    if (const std::size_t equals = name.rfind('='); equals != std::string_view::npos) {
      name.remove_prefix(equals + 1);
    }
    if (name.empty()) return;
    TextFact fact{.kind = TextFact::Kind::app, .line = line_};
    fact.app.package = std::string(name);
    const std::string_view installer = value_of(rest, "installer=");
    if (installer != "null") fact.app.installer = std::string(installer);
    use_(fact);
  }

  void begin_package(std::string_view line) {
    end_package();
    const std::size_t close = line.find(']');
    if (close == std::string_view::npos || close <= 9) return;
    in_package_ = true;
    package_ = {.kind = TextFact::Kind::app, .line = line_};
    package_.app.package = std::string(line.substr(9, close - 9));
  }

  void read_package_line(std::string_view line) {
    if (line.starts_with("installerPackageName=")) {
      const std::string_view installer = value_of(line, "installerPackageName=");
      if (installer != "null") package_.app.installer = std::string(installer);
      return;
    }
    const std::string_view name = line.substr(0, line.find_first_of(": "));
    if (name.find(".permission.") == std::string_view::npos) return;
    if (line.find("granted=false") != std::string_view::npos) return;
    auto& permissions = package_.app.permissions;
    const bool is_known = std::ranges::find(permissions, name) != permissions.end();
    if (!is_known && permissions.size() < kPermissionsMax) permissions.emplace_back(name);
  }

  void read_property(std::string_view line) {
    const std::size_t close = line.find("]: [");
    if (close == std::string_view::npos || close <= 1) return;
    use_({.kind = TextFact::Kind::property,
          .name = std::string(line.substr(1, close - 1)),
          .line = line_});
  }

  void read_process_heading(std::string_view line) {
    if (line.find("PID") == std::string_view::npos) return;
    const auto words = words_of(line);
    const bool has_pid = std::ranges::find(words, "PID") != words.end();
    const bool has_name = !words.empty()
                          && (words.back() == "NAME" || words.back() == "CMD"
                              || words.back() == "COMMAND" || words.back() == "CMDLINE");
    if (!has_pid || !has_name) return;
    in_processes_ = true;
    process_column_ = words.size() - 1;
  }

  // Whether the line is a row of the list of processes.
  bool read_process(std::string_view line) {
    const auto words = words_of(line);
    if (words.size() <= process_column_ || line.starts_with("---")) {
      in_processes_ = false;
      return false;
    }
    use_({.kind = TextFact::Kind::process,
          .name = std::string(words[process_column_]),
          .line = line_});
    return true;
  }

  const OnFact& use_;
  std::uint64_t line_ = 0;
  bool in_package_ = false;
  TextFact package_;
  bool in_processes_ = false;
  std::size_t process_column_ = 0;
};

}  // namespace

void read_text_facts(std::string_view text, const OnFact& use) {
  LineReader reader(use);
  std::uint64_t number = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    reader.read(line, ++number);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  reader.end_package();
}

}  // namespace amanat::phone
