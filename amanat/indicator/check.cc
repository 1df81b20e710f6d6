#include "amanat/indicator/check.h"

#include <algorithm>
#include <array>

#include "amanat/indicator/extract.h"
#include "amanat/indicator/spelling.h"

namespace amanat::indicator {
namespace {

// Stores that check what they offer, and installers of phone makers.
constexpr auto kStores = std::to_array<std::string_view>({
    "com.android.vending",
    "com.google.android.feedback",
    "com.amazon.venezia",
    "com.sec.android.app.samsungapps",
    "com.huawei.appmarket",
    "com.xiaomi.mipicks",
    "com.xiaomi.market",
    "com.oppo.market",
    "com.heytap.market",
    "com.vivo.appstore",
    "org.fdroid.fdroid",
    "com.aurora.store",
});

class Hits {
 public:
  explicit Hits(const Indicators& indicators) : indicators_(indicators) {}

  void add(std::span<const Entry> entries, std::string_view seen, Fit fit) {
    for (const Entry& entry : entries) {
      const bool is_known =
          std::ranges::any_of(hits_, [&entry](const Hit& hit) { return hit.entry == entry; });
      if (is_known || hits_.size() >= kHitsMax) continue;
      hits_.push_back({.entry = entry,
                       .collection = indicators_.collection(entry),
                       .fit = fit,
                       .seen = std::string(seen)});
    }
  }

  void add_exact(Kind kind, std::string_view value) {
    const auto spelled = spell(kind, value);
    if (spelled) add(indicators_.find(kind, *spelled), *spelled, Fit::exact);
  }

  /// A host in its one spelling.
  void add_host(std::string_view host, Fit exact) {
    const auto found = indicators_.find_domain(host);
    if (found.empty()) return;
    add(found, host, found.front().value == host ? exact : Fit::below);
  }

  std::vector<Hit> take() { return std::move(hits_); }

 private:
  const Indicators& indicators_;
  std::vector<Hit> hits_;
};

// The hosts and URLs in a text.
void add_mentions(const Indicators& indicators, std::string_view text, Fit exact, Hits& hits) {
  extract(text, [&](const Mention& mention) {
    if (mention.kind == Kind::domain) {
      hits.add_host(mention.value, exact);
    } else {
      hits.add(indicators.find(mention.kind, mention.value), mention.value, exact);
    }
    return true;
  });
}

bool knows_mentions(const Indicators& indicators) {
  return indicators.has(Kind::domain) || indicators.has(Kind::ip_address)
         || indicators.has(Kind::url) || indicators.has(Kind::email);
}

std::string_view last_part(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

}  // namespace

std::optional<bool> is_sideloaded(const App& app) {
  if (app.installer.empty()) return std::nullopt;
  return std::ranges::find(kStores, app.installer) == kStores.end();
}

std::vector<Hit> check_app(const Indicators& indicators, const App& app) {
  Hits hits(indicators);
  hits.add_exact(Kind::package, app.package);
  for (const std::string& sha1 : app.certificates_sha1) {
    hits.add_exact(Kind::certificate_sha1, sha1);
  }
  for (const std::string& sha256 : app.certificates_sha256) {
    hits.add_exact(Kind::certificate_sha256, sha256);
  }
  for (const std::string& organization : app.certificate_organizations) {
    hits.add_exact(Kind::certificate_organization, organization);
  }
  hits.add_exact(Kind::file_sha256, app.sha256);
  return hits.take();
}

std::vector<Hit> check_digests(const Indicators& indicators, const FileDigests& digests) {
  Hits hits(indicators);
  hits.add_exact(Kind::file_sha256, digests.sha256);
  hits.add_exact(Kind::file_sha1, digests.sha1);
  hits.add_exact(Kind::file_md5, digests.md5);
  return hits.take();
}

std::vector<Hit> check_text(const Indicators& indicators, std::string_view text) {
  if (!knows_mentions(indicators)) return {};
  Hits hits(indicators);
  add_mentions(indicators, text, Fit::mentioned, hits);
  return hits.take();
}

std::vector<Hit> check_url(const Indicators& indicators, std::string_view url) {
  if (!knows_mentions(indicators)) return {};
  Hits hits(indicators);
  url = trim(url);
  hits.add_exact(Kind::url, url);
  if (const auto host = host_of_url(url)) {
    hits.add(indicators.find(Kind::ip_address, *host), *host, Fit::exact);
    hits.add_host(*host, Fit::exact);
  }
  // A redirect names the place it leads to.
  const std::size_t path = url.find_first_of("?#/", std::min(url.find("://"), url.size() - 1) + 3);
  if (path < url.size()) {
    add_mentions(indicators, url.substr(path), Fit::mentioned, hits);
  }
  return hits.take();
}

std::vector<Hit> check_host(const Indicators& indicators, std::string_view host) {
  Hits hits(indicators);
  hits.add_exact(Kind::ip_address, host);
  if (const auto spelled = spell_host(trim(host))) hits.add_host(*spelled, Fit::exact);
  return hits.take();
}

std::vector<Hit> check_email(const Indicators& indicators, std::string_view address) {
  Hits hits(indicators);
  hits.add_exact(Kind::email, address);
  const std::size_t at = address.rfind('@');
  if (at != std::string_view::npos) {
    if (const auto host = spell_host(trim(address.substr(at + 1)))) {
      hits.add_host(*host, Fit::exact);
    }
  }
  return hits.take();
}

std::vector<Hit> check_path(const Indicators& indicators, std::string_view path) {
  Hits hits(indicators);
  if (path.size() > kValueBytesMax) return {};
  hits.add_exact(Kind::file_name, last_part(path));
  const auto found = indicators.find_path(path);
  if (!found.empty()) hits.add(found, path, found.front().value == path ? Fit::exact : Fit::below);
  // Some publishers give paths from the folder of an app on.
  for (std::size_t slash = path.find('/'); slash != std::string_view::npos;
       slash = path.find('/', slash + 1)) {
    hits.add(indicators.find(Kind::file_path, path.substr(slash + 1)), path, Fit::exact);
  }
  return hits.take();
}

std::vector<Hit> check_process(const Indicators& indicators, std::string_view process) {
  Hits hits(indicators);
  process = trim(process);
  const std::string_view name = last_part(process);
  const auto found = indicators.find_process(name);
  if (!found.empty()) hits.add(found, name, found.front().value == name ? Fit::exact : Fit::cut);
  if (process.find('/') != std::string_view::npos) {
    for (Hit& hit : check_path(indicators, process)) hits.add({&hit.entry, 1}, hit.seen, hit.fit);
  }
  return hits.take();
}

std::vector<Hit> check_property(const Indicators& indicators, std::string_view name) {
  Hits hits(indicators);
  hits.add_exact(Kind::property, name);
  return hits.take();
}

std::vector<Hit> check_profile(const Indicators& indicators, std::string_view identifier) {
  Hits hits(indicators);
  hits.add_exact(Kind::profile, identifier);
  return hits.take();
}

}  // namespace amanat::indicator
