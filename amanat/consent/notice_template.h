#pragma once

// Makes a notice out of a template of ours and the facts of one maker.
//
// A template is a notice without its maker, place and links; its texts may say {maker}, {place} and
// so on. The bytes that come out hold no placeholder, pass `check_notice`, and are the same for the
// same facts on every machine, so that each side can make them again and compare.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "amanat/consent/notice.h"
#include "amanat/error/error.h"

namespace amanat::consent {

/// What only the custodian knows. Filled from its configuration.
struct MakerFacts {
  std::string name, address, contact, officer, contact_india;
  std::string region;                       // docs/format.md §2: "none", "ap-southeast-1", …
  std::string provider;                     // empty: the maker stores the bytes itself
  std::vector<NoticeRecipient> recipients;  // besides the provider
  std::string withdraw_link, rights_link, complaint_link, authority_link;
  std::uint64_t consent_days = 365;
  std::uint64_t erasure_days = 14;
  RetentionMode retention_mode = RetentionMode::logs_only;
  std::uint64_t version = 1;
  Day valid_from;
  std::optional<NoticeId> replaces;
};

/// "Example Phone Company (demonstration)": the maker when no other is configured.
MakerFacts demonstration_maker();

/// The notice's bytes, ready to be published: pretty JSON with a line feed at the end.
///
///   fails   invalid_input when the template is malformed, does not know the region, or the notice
///           that would come out does not pass `check_notice`
Result<std::string> make_notice(std::string_view template_json, const MakerFacts& maker);

}  // namespace amanat::consent
