#include "amanat/indicator/indicator.h"

#include <algorithm>

#include "amanat/indicator/spelling.h"

namespace amanat::indicator {
namespace {

// Keys whose private half is published with Android's sources: they sign apps of everybody.
// SHA-1 of testkey, platform, shared and media (AOSP, build/target/product/security).
constexpr auto kPublishedKeys = std::to_array<std::string_view>({
    "61ed377e85d386a8dfee6b864bd85b0bfaa5af81",
    "27196e386b875e76adf700e7ea84e4c6eee33dfa",
    "5b368cff2da2686996bc95eac190eaa4f5630fe5",
    "b79df4a82e90b57ea76525ab7037ab238a42f5d3",
});

// As Linux and Apple's kernels cut the name of a process.
constexpr std::size_t kLinuxProcessBytes = 15;
constexpr std::size_t kAppleProcessBytes = 16;

bool is_published_key(std::string_view fingerprint) {
  return std::ranges::find(kPublishedKeys, fingerprint) != kPublishedKeys.end();
}

}  // namespace

std::string_view describe(Kind kind) {
  switch (kind) {
    case Kind::file_md5: return "file (MD5)";
    case Kind::file_sha1: return "file (SHA-1)";
    case Kind::file_sha256: return "file (SHA-256)";
    case Kind::file_name: return "file name";
    case Kind::file_path: return "path";
    case Kind::package: return "package name";
    case Kind::certificate_md5: return "certificate (MD5)";
    case Kind::certificate_sha1: return "certificate (SHA-1)";
    case Kind::certificate_sha256: return "certificate (SHA-256)";
    case Kind::certificate_organization: return "organization of a certificate";
    case Kind::domain: return "domain";
    case Kind::ip_address: return "IP address";
    case Kind::url: return "URL";
    case Kind::email: return "e-mail address";
    case Kind::process: return "process";
    case Kind::profile: return "configuration profile";
    case Kind::property: return "system property";
  }
  return "unknown";
}

std::string_view name_of(ThreatClass threat_class) {
  switch (threat_class) {
    case ThreatClass::malware: return "malware";
    case ThreatClass::spyware: return "spyware";
    case ThreatClass::stalkerware: return "stalkerware";
    case ThreatClass::watchware: return "watchware";
    case ThreatClass::unwanted: return "unwanted";
  }
  return "unknown";
}

std::span<const Entry> Indicators::entries(Kind kind) const {
  const auto at = static_cast<std::size_t>(kind);
  const std::size_t begin = kind_begins_[at];
  return entries().subspan(begin, kind_begins_[at + 1] - begin);
}

std::span<const Entry> Indicators::find(Kind kind, std::string_view value) const {
  const auto of_kind = entries(kind);
  const auto range = std::ranges::equal_range(
      of_kind, value, {}, [](const Entry& entry) { return std::string_view(entry.value); });
  return {range.begin(), range.end()};
}

std::span<const Entry> Indicators::find_domain(std::string_view host) const {
  if (!has(Kind::domain) || host.size() > kHostBytesMax) return {};
  for (;;) {
    if (const auto found = find(Kind::domain, host); !found.empty()) return found;
    const std::size_t dot = host.find('.');
    if (dot == std::string_view::npos) return {};
    host.remove_prefix(dot + 1);
  }
}

std::span<const Entry> Indicators::find_path(std::string_view path) const {
  if (!has(Kind::file_path) || path.size() > kValueBytesMax) return {};
  while (!path.empty()) {
    if (const auto found = find(Kind::file_path, path); !found.empty()) return found;
    const std::size_t slash = path.rfind('/');
    if (slash == std::string_view::npos) return {};
    path = path.substr(0, slash);
  }
  return {};
}

std::span<const Entry> Indicators::find_process(std::string_view name) const {
  if (const auto exact = find(Kind::process, name); !exact.empty()) return exact;
  if (name.size() != kLinuxProcessBytes && name.size() != kAppleProcessBytes) return {};
  const auto of_kind = entries(Kind::process);
  const auto prefix_of = [&name](const Entry& entry) {
    return std::string_view(entry.value).substr(0, name.size());
  };
  const auto range = std::ranges::equal_range(of_kind, name, {}, prefix_of);
  return {range.begin(), range.end()};
}

std::uint32_t Indicators::Builder::collection(const Collection& collection) {
  if (const auto known = positions_.find(collection); known != positions_.end()) {
    return known->second;
  }
  if (collections_.size() < kCollectionsMax) {
    positions_.emplace(collection, static_cast<std::uint32_t>(collections_.size()));
    collections_.push_back(collection);
  }
  return static_cast<std::uint32_t>(collections_.size() - 1);
}

Indicators::Builder::Added Indicators::Builder::add(Kind kind, std::string_view value,
                                                    std::uint32_t collection) {
  ensure(collection < collections_.size(), "an entry belongs to a collection that is there");
  auto spelled = spell(kind, value);
  if (!spelled) return Added::malformed;
  if (kind == Kind::certificate_sha1 && is_published_key(*spelled)) {
    return Added::shared_key;
  }
  if (entries_.size() >= kEntriesMax) return Added::full;
  entries_.push_back({.kind = kind, .value = std::move(*spelled), .collection = collection});
  return Added::taken;
}

Indicators Indicators::Builder::build() && {
  Indicators built;
  std::ranges::sort(entries_);
  const auto twice = std::ranges::unique(entries_);
  entries_.erase(twice.begin(), twice.end());
  entries_.shrink_to_fit();
  std::size_t at = 0;
  for (std::size_t kind = 0; kind < kKinds; ++kind) {
    built.kind_begins_[kind] = at;
    while (at < entries_.size() && static_cast<std::size_t>(entries_[at].kind) == kind) ++at;
  }
  built.kind_begins_[kKinds] = at;
  built.entries_ = std::move(entries_);
  built.collections_ = std::move(collections_);
  return built;
}

}  // namespace amanat::indicator
