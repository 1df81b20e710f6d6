#pragma once

// Every notice ever published. A decision may name any of them; a phone shows the current one of
// its purpose and language.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "amanat/consent/notice.h"
#include "amanat/consent/notice_template.h"
#include "amanat/error/error.h"
#include "amanat/store/sqlite.h"

namespace amanat::custodian {

struct PublishedNotice {
  consent::NoticeId id;
  consent::Purpose purpose = consent::Purpose::custody;
  std::string language;
  std::uint64_t version = 1;
  consent::Day valid_from;
  std::optional<consent::NoticeId> replaces;
  std::string json;
};

Result<std::optional<PublishedNotice>> find_notice(store::Database& database,
                                                   const consent::NoticeId& id);
Result<std::vector<PublishedNotice>> list_current_notices(store::Database& database);
/// Makes it the current one of its purpose and language.
Result<> insert_notice(store::Database& database, const PublishedNotice& notice);

/// What has to be published now: our templates, filled with these facts, where they say anything
/// else than the current notices do. Version, day and predecessor are set here.
Result<std::vector<PublishedNotice>> make_new_notices(store::Database& database,
                                                      const consent::MakerFacts& maker,
                                                      consent::Day today);

}  // namespace amanat::custodian
