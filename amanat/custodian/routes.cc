#include "amanat/custodian/routes.h"

#include <array>

#include "amanat/seal/pack.h"

namespace amanat::custodian {
namespace {

using api::Method;

constexpr std::uint64_t kControl = api::kControlBytesMax;
// A stranger's body is read before any key is known, so it must fit what the server reads without
// occupying a thread.
constexpr std::uint64_t kNewcomer = std::uint64_t{64} << 10U;

constexpr auto kRoutes = std::to_array<Route>({
    {Method::get, "/healthz", Access::anyone, 0, false, false, get_health},
    {Method::get, "/v1/policy", Access::anyone, 0, false, false, get_policy},
    {Method::get, "/v1/notices", Access::anyone, 0, false, false, get_notices},
    {Method::get, "/v1/notices/{}", Access::anyone, 0, false, false, get_notice},
    {Method::get, "/v1/region", Access::anyone, 0, false, true, get_region},
    {Method::get, "/log/{*}", Access::anyone, 0, false, false, get_log_page},
    {Method::post, "/v1/accounts", Access::newcomer, kNewcomer, false, false, open_account},
    {Method::post, "/v1/devices", Access::phrase_key, kControl, false, false, add_device},
    {Method::post, "/v1/events", Access::device, kControl, false, false, post_events},
    {Method::get, "/v1/receipts", Access::device, 0, true, false, get_receipts},
    {Method::put, "/v1/packs/{}", Access::device, seal::kPackBytesMax, false, false, put_pack},
    {Method::get, "/v1/packs/{}", Access::device, 0, false, false, get_pack},
    {Method::head, "/v1/packs/{}", Access::device, 0, false, false, head_pack},
    {Method::get, "/v1/inventory", Access::device, 0, true, false, get_inventory},
    {Method::post, "/v1/commits", Access::device, kControl, false, false, post_commit},
    {Method::put, "/v1/keyrings/{}", Access::device, kControl, false, false, put_keyring},
    {Method::get, "/v1/keyrings/{}", Access::device_or_phrase, 0, false, false, get_keyring},
    {Method::get, "/v1/heads", Access::device_or_phrase, 0, true, false, get_heads},
    {Method::post, "/v1/challenges", Access::device_or_auditor, kControl, false, false,
     post_challenges},
    {Method::post, "/v1/openings", Access::auditor, kControl, false, false, post_openings},
});

}  // namespace

std::span<const Route> all_routes() { return kRoutes; }

std::optional<std::string_view> match_path(std::string_view pattern, std::string_view path) {
  const std::size_t hole = pattern.find('{');
  if (hole == std::string_view::npos) {
    if (path == pattern) return std::string_view();
    return {};
  }
  if (!path.starts_with(pattern.substr(0, hole))) return {};
  const std::string_view rest = path.substr(hole);
  const bool takes_all = pattern.substr(hole) == "{*}";
  if (rest.empty() || (!takes_all && rest.contains('/'))) return {};
  return rest;
}

}  // namespace amanat::custodian
