#pragma once

// Compares what is on a device with what is known. Nothing here reads files or asks the network:
// short links stay as they are.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "amanat/indicator/indicator.h"

namespace amanat::indicator {

inline constexpr std::size_t kHitsMax = 1'000;  // of one check

/// How a thing fits an indicator.
enum class Fit : std::uint8_t {
  exact,
  below,      // a host below a known domain, a file below a known folder
  cut,        // a process name that the kernel cut
  mentioned,  // in a text: seen, not necessarily visited
};

struct Hit {
  Entry entry;
  Collection collection;
  Fit fit = Fit::exact;
  std::string seen = {};  // what was found on the device, in its one spelling
};

/// An installed app, or an app package in a file; what is not known is empty.
struct App {
  std::string package = {};
  std::string label = {};
  std::string installer = {};                       // the package that installed it
  std::vector<std::string> certificates_sha1 = {};  // hex in any spelling
  std::vector<std::string> certificates_sha256 = {};
  std::vector<std::string> certificate_organizations = {};
  std::vector<std::string> permissions = {};  // "android.permission.RECORD_AUDIO"
  std::string sha256 = {};                    // of the package file
};

/// Whether it came from somewhere else than the shops of phone makers and known stores: most
/// stalkerware is installed by hand. Nothing when nobody knows.
std::optional<bool> is_sideloaded(const App& app);

std::vector<Hit> check_app(const Indicators& indicators, const App& app);

/// Digests in hex; empty ones are not compared.
struct FileDigests {
  std::string md5 = {};
  std::string sha1 = {};
  std::string sha256 = {};
};
std::vector<Hit> check_digests(const Indicators& indicators, const FileDigests& digests);

/// Hosts, addresses, URLs and e-mail addresses in a text, each indicator once.
std::vector<Hit> check_text(const Indicators& indicators, std::string_view text);

/// A URL that was visited or loaded: itself, its host, and URLs inside it.
std::vector<Hit> check_url(const Indicators& indicators, std::string_view url);

/// The name of a host, or an address.
std::vector<Hit> check_host(const Indicators& indicators, std::string_view host);
std::vector<Hit> check_email(const Indicators& indicators, std::string_view address);

/// An absolute path on the device, by its last part, as a whole, and by the folders above it.
std::vector<Hit> check_path(const Indicators& indicators, std::string_view path);

/// The name of a process, or the path of its program.
std::vector<Hit> check_process(const Indicators& indicators, std::string_view process);
std::vector<Hit> check_property(const Indicators& indicators, std::string_view name);
std::vector<Hit> check_profile(const Indicators& indicators, std::string_view identifier);

}  // namespace amanat::indicator
