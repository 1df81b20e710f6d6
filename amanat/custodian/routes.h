#pragma once

// The routes of docs/api.md §1, one file per noun. Each answers one call whose signature, nonce and
// kind of caller were checked; what else is checked, and in which order, is docs/api.md §5.

#include <optional>
#include <span>
#include <string_view>

#include "amanat/api/http.h"
#include "amanat/custodian/world.h"
#include "amanat/error/error.h"

namespace amanat::custodian {

/// Who may call a route.
enum class Access : std::uint8_t {
  anyone,
  newcomer,          // signed by a key that the body itself introduces
  device,            // of an account, not retired
  phrase_key,        // the newest of an account
  device_or_phrase,  // of keyrings that are still kept
  auditor,
  device_or_auditor,
};

struct Route {
  api::Method method = api::Method::get;
  std::string_view path;  // {} stands for one segment, a {*} at the end for all that follow
  Access access = Access::anyone;
  std::uint64_t body_size_max = 0;
  bool takes_query = false;
  bool always_signed = false;  // even when the request is not
  Answer (*answer)(Call&) = nullptr;
};
std::span<const Route> all_routes();

/// What stands at {} when `path` is the route's; nothing when it is another's.
std::optional<std::string_view> match_path(std::string_view pattern, std::string_view path);

// public_pages.cc
Answer get_health(Call& call);
Answer get_policy(Call& call);
Answer get_notices(Call& call);
Answer get_notice(Call& call);
Answer get_region(Call& call);
// log_pages.cc
Answer get_log_page(Call& call);
// accounts.cc, devices.cc
Answer open_account(Call& call);
Answer add_device(Call& call);
// events.cc
Answer post_events(Call& call);
Answer get_receipts(Call& call);
// pack_upload.cc, packs.cc
Answer put_pack(Call& call);
Answer get_pack(Call& call);
Answer head_pack(Call& call);
Answer get_inventory(Call& call);
// commits.cc, keyrings.cc, heads.cc
Answer post_commit(Call& call);
Answer put_keyring(Call& call);
Answer get_keyring(Call& call);
Answer get_heads(Call& call);
// challenges.cc, openings.cc
Answer post_challenges(Call& call);
Answer post_openings(Call& call);

}  // namespace amanat::custodian
