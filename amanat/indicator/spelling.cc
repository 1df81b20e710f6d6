#include "amanat/indicator/spelling.h"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <charconv>

#include "amanat/indicator/punycode.h"

namespace amanat::indicator {
namespace {

constexpr std::size_t kLabelCharactersMax = 63;
constexpr std::size_t kEmailLocalBytesMax = 64;  // RFC 5321 §4.5.3.1.1
constexpr std::size_t kMd5Digits = 32;
constexpr std::size_t kSha1Digits = 40;
constexpr std::size_t kSha256Digits = 64;

bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
/// What may stand behind a path or a URL without meaning; in any order, or it had two spellings.
bool is_end_dressing(char c) { return c == '/' || is_space(c); }
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](char c) { return lower(c); });
  return out;
}

bool has_control(std::string_view text) {
  return std::ranges::any_of(text, [](char c) { return static_cast<std::uint8_t>(c) < 0x20; });
}

bool is_label(std::string_view label) {
  return !label.empty() && label.size() <= kLabelBytesMax && std::ranges::all_of(label, [](char c) {
    return is_lower(c) || is_digit(c) || c == '-' || c == '_';
  });
}

bool is_host(std::string_view host) {
  if (host.size() > kHostBytesMax || host.find('.') == std::string_view::npos) return false;
  for (;;) {
    const std::size_t dot = host.find('.');
    const std::string_view label = host.substr(0, dot);
    if (!is_label(label)) return false;
    if (dot == std::string_view::npos) return std::ranges::any_of(label, is_lower);
    host.remove_prefix(dot + 1);
  }
}

// The labels of a host that has characters beyond ASCII, each encoded where it must be.
std::optional<std::string> encode_host(std::string_view host) {
  if (host.size() > kHostBytesMax * 4) return std::nullopt;
  auto characters = read_utf8(host);
  if (!characters) return std::nullopt;
  std::ranges::transform(*characters, characters->begin(), fold);
  std::u32string_view left = *characters;
  std::string out;
  for (;;) {
    const std::size_t dot = left.find(U'.');
    const std::u32string_view label = left.substr(0, dot);
    if (label.size() > kLabelCharactersMax) return std::nullopt;
    if (std::ranges::all_of(label, [](char32_t c) { return c < 0x80; })) {
      for (const char32_t c : label) out.push_back(static_cast<char>(c));
    } else {
      out += "xn--" + encode_punycode(label);
    }
    if (dot == std::u32string_view::npos) return out;
    out.push_back('.');
    left.remove_prefix(dot + 1);
  }
}

std::optional<std::string> spell_email(std::string_view address) {
  const std::size_t at = address.rfind('@');
  if (at == std::string_view::npos || at == 0 || at > kEmailLocalBytesMax) return std::nullopt;
  const std::string_view local = address.substr(0, at);
  if (std::ranges::any_of(local, is_space) || has_control(local)) return std::nullopt;
  auto host = spell_host(address.substr(at + 1));
  if (!host) return std::nullopt;
  return lower(local) + "@" + *host;
}

// Letters, digits, '_', '-' and dots, as packages and bundles are named; never a whole sentence.
std::optional<std::string> spell_package(std::string_view name) {
  const bool fits = !name.empty() && name.size() <= 255 && std::ranges::all_of(name, [](char c) {
    const char l = lower(c);
    return is_lower(l) || is_digit(l) || c == '_' || c == '-' || c == '.';
  });
  if (!fits) return std::nullopt;
  return std::string(name);
}

std::optional<std::string> spell_text(std::string_view text) {
  if (text.empty() || text.size() > kValueBytesMax || has_control(text)) return std::nullopt;
  return std::string(text);
}

std::optional<std::string> spell_path(std::string_view path) {
  while (path.size() > 1 && is_end_dressing(path.back())) path.remove_suffix(1);
  if (path == "/" || path.find('/') == std::string_view::npos) return std::nullopt;
  return spell_text(path);
}

// Where the authority of a URL lies in it.
struct Parts {
  std::string_view scheme;
  std::string_view authority;
  std::string_view rest;
};

std::optional<Parts> split_url(std::string_view url) {
  const std::size_t colon = url.find("://");
  if (colon == std::string_view::npos || colon == 0 || colon > 32) return std::nullopt;
  const std::string_view after = url.substr(colon + 3);
  // Browsers read a backslash in these schemes as a slash.
  const std::size_t end = std::min(after.find_first_of("/?#\\"), after.size());
  return Parts{
      .scheme = url.substr(0, colon), .authority = after.substr(0, end), .rest = after.substr(end)};
}

struct HostPort {
  std::string host;
  std::string_view port;
};

std::optional<HostPort> read_authority(std::string_view authority) {
  if (const auto at = authority.rfind('@'); at != std::string_view::npos) {
    authority.remove_prefix(at + 1);
  }
  std::string_view port;
  if (authority.starts_with('[')) {
    const std::size_t close = authority.find(']');
    if (close == std::string_view::npos) return std::nullopt;
    auto address = spell_ip_address(authority.substr(1, close - 1));
    const std::string_view behind = authority.substr(close + 1);
    if (!address || !(behind.empty() || behind.starts_with(':'))) return std::nullopt;
    return HostPort{.host = *address, .port = behind.substr(behind.empty() ? 0 : 1)};
  }
  if (const auto colon = authority.rfind(':'); colon != std::string_view::npos) {
    port = authority.substr(colon + 1);
    authority = authority.substr(0, colon);
  }
  // An address of version 6 stands in brackets (RFC 3986 §3.2.2): no colon means two things.
  if (authority.find(':') != std::string_view::npos) return std::nullopt;
  if (auto address = spell_ip_address(authority)) return HostPort{*address, port};
  auto host = spell_host(authority);
  if (!host) return std::nullopt;
  return HostPort{.host = *host, .port = port};
}

}  // namespace

std::string_view trim(std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

std::optional<std::string> spell_hex(std::string_view text, std::size_t digits) {
  std::string out;
  if (text.size() > digits * 3) return std::nullopt;
  for (const char c : text) {
    if (c == ':' || c == ' ') continue;
    const char l = lower(c);
    if (!is_digit(l) && (l < 'a' || l > 'f')) return std::nullopt;
    out.push_back(l);
  }
  if (out.size() != digits) return std::nullopt;
  return out;
}

std::optional<std::string> spell_ip_address(std::string_view address) {
  if (address.find(':') != std::string_view::npos) {
    const std::string text(address);
    in6_addr bytes{};
    std::array<char, INET6_ADDRSTRLEN> spelled{};
    if (text.find('\0') != std::string::npos || ::inet_pton(AF_INET6, text.c_str(), &bytes) != 1) {
      return std::nullopt;
    }
    ::inet_ntop(AF_INET6, &bytes, spelled.data(), spelled.size());
    return std::string(spelled.data());  // of RFC 5952
  }
  std::string_view left = address;
  for (int part = 0; part < 4; ++part) {
    const std::size_t dot = left.find('.');
    const std::string_view text = left.substr(0, dot);
    unsigned number = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool has_zero = text.size() > 1 && text.starts_with('0');
    if (problem != std::errc{} || end != text.data() + text.size() || number > 255 || has_zero) {
      return std::nullopt;
    }
    if ((dot == std::string_view::npos) != (part == 3)) return std::nullopt;
    left.remove_prefix(std::min(text.size() + 1, left.size()));
  }
  return std::string(address);
}

std::optional<std::string> spell_host(std::string_view host) {
  if (host.ends_with('.')) host.remove_suffix(1);
  const bool is_ascii =
      std::ranges::all_of(host, [](char c) { return static_cast<std::uint8_t>(c) < 0x80; });
  if (is_ascii) {
    if (host.size() > kHostBytesMax) return std::nullopt;
    std::string out = lower(host);
    if (!is_host(out)) return std::nullopt;
    return out;
  }
  auto encoded = encode_host(host);
  if (!encoded) return std::nullopt;
  if (encoded->ends_with('.')) encoded->pop_back();
  if (!is_host(*encoded)) return std::nullopt;
  return encoded;
}

std::optional<std::string> host_of_url(std::string_view url) {
  const auto parts = split_url(url);
  if (!parts) return std::nullopt;
  auto read = read_authority(parts->authority);
  if (!read) return std::nullopt;
  return std::move(read->host);
}

std::optional<std::string> spell_url(std::string_view url) {
  if (url.size() > kValueBytesMax || has_control(url)) return std::nullopt;
  const auto parts = split_url(url);
  if (!parts) return std::nullopt;
  const auto read = read_authority(parts->authority);
  if (!read) return std::nullopt;
  const bool is_version_6 = read->host.find(':') != std::string::npos;
  std::string out = lower(parts->scheme) + "://";
  out += is_version_6 ? "[" + read->host + "]" : read->host;
  const bool is_default = read->port.empty() || (out.starts_with("http:") && read->port == "80")
                          || (out.starts_with("https:") && read->port == "443");
  if (!is_default) out += ":" + std::string(read->port);
  out += parts->rest.substr(0, parts->rest.find('#'));
  while (is_end_dressing(out.back())) out.pop_back();
  return out;
}

std::optional<std::string> spell(Kind kind, std::string_view value) {
  value = trim(value);
  if (value.empty() || value.size() > kValueBytesMax) return std::nullopt;
  switch (kind) {
    case Kind::file_md5:
    case Kind::certificate_md5: return spell_hex(value, kMd5Digits);
    case Kind::file_sha1:
    case Kind::certificate_sha1: return spell_hex(value, kSha1Digits);
    case Kind::file_sha256:
    case Kind::certificate_sha256: return spell_hex(value, kSha256Digits);
    case Kind::package: return spell_package(value);
    case Kind::domain: return spell_host(value);
    case Kind::ip_address: return spell_ip_address(value);
    case Kind::url: return spell_url(value);
    case Kind::email: return spell_email(value);
    case Kind::file_path: return spell_path(value);
    case Kind::file_name:
    case Kind::certificate_organization:
    case Kind::process:
    case Kind::profile:
    case Kind::property: return spell_text(value);
  }
  return std::nullopt;
}

}  // namespace amanat::indicator
