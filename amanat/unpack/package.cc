#include "amanat/unpack/package.h"

#include <algorithm>

#include "amanat/unpack/little.h"

namespace amanat::unpack {
namespace {
constexpr std::size_t kPackageNameBytesMax = 4096;

// A name that ends in a zero; moves `at` behind it.
std::optional<std::string_view> read_name(ByteView bytes, std::size_t& at) {
  const std::string_view rest = as_text(part(bytes, at, kPackageNameBytesMax));
  const std::size_t end = rest.find('\0');
  if (end == rest.npos) return std::nullopt;
  at += end + 1;
  return rest.substr(0, end);
}
}  // namespace

std::optional<Package> read_package(ByteView bytes) {
  std::size_t at = 2;
  const auto label = read_name(bytes, at);
  if (!label || !read_name(bytes, at)) return std::nullopt;
  at += 4;
  const std::uint32_t place_size = little32(bytes, at);
  if (!has(bytes, at + 4, place_size)) return std::nullopt;
  at += 4 + std::size_t{place_size};
  if (!has(bytes, at, 4)) return std::nullopt;
  const std::uint32_t size = little32(bytes, at);
  return Package{.name = std::string(*label), .content = part(bytes, at + 4, size)};
}

}  // namespace amanat::unpack
