#include "amanat/custodian/notice_records.h"

#include <algorithm>
#include <utility>

#include "amanat/consent/builtin.h"

namespace amanat::custodian {
namespace {

constexpr std::string_view kColumns =
    "SELECT sha256, purpose, language, version, valid_from, replaces, bytes FROM notices ";

std::uint64_t number_of(consent::Day day) {
  return static_cast<std::uint64_t>(day.time_since_epoch().count());
}

Result<PublishedNotice> notice_from(store::Statement& row) {
  const auto purpose = consent::purpose_from_byte(static_cast<std::uint8_t>(row.number(1)));
  if (!purpose) return fail(Code::corrupt, "a notice in the database is damaged");
  PublishedNotice notice{
      .id = row.id<consent::NoticeId>(0),
      .purpose = *purpose,
      .language = std::string(row.text(2)),
      .version = row.number(3),
      .valid_from = consent::Day(std::chrono::days(static_cast<int>(row.number(4)))),
      .replaces = {},
      .json = std::string(as_text(row.blob(6)))};
  if (!row.is_null(5)) notice.replaces = row.id<consent::NoticeId>(5);
  if (auto intact = row.intact(); !intact) return carry(intact);
  return notice;
}

Result<PublishedNotice> fill(const consent::BuiltinNoticeTemplate& notice_template,
                             consent::MakerFacts maker, std::uint64_t version,
                             consent::Day valid_from,
                             const std::optional<consent::NoticeId>& replaces) {
  maker.version = version;
  maker.valid_from = valid_from;
  maker.replaces = replaces;
  auto json = consent::make_notice(notice_template.json, maker);
  if (!json) return carry(json, "making a notice");
  const auto id = consent::notice_id(*json);
  return PublishedNotice{.id = id,
                         .purpose = notice_template.purpose,
                         .language = std::string(notice_template.language),
                         .version = version,
                         .valid_from = valid_from,
                         .replaces = replaces,
                         .json = *std::move(json)};
}

}  // namespace

Result<std::optional<PublishedNotice>> find_notice(store::Database& database,
                                                   const consent::NoticeId& id) {
  auto row = database.prepare(std::string(kColumns) + "WHERE sha256 = ?");
  if (!row) return carry(row);
  const auto found = row->first(id);
  if (!found) return carry(found);
  if (!*found) return std::nullopt;
  auto notice = notice_from(*row);
  if (!notice) return carry(notice);
  return *std::move(notice);
}

Result<std::vector<PublishedNotice>> list_current_notices(store::Database& database) {
  auto row =
      database.prepare(std::string(kColumns) + "WHERE current = 1 ORDER BY purpose, language");
  if (!row) return carry(row);
  std::vector<PublishedNotice> notices;
  auto more = row->step();
  for (; more && *more; more = row->step()) {
    auto notice = notice_from(*row);
    if (!notice) return carry(notice);
    notices.push_back(*std::move(notice));
  }
  if (!more) return carry(more);
  return notices;
}

Result<> insert_notice(store::Database& database, const PublishedNotice& notice) {
  auto done = database.run("UPDATE notices SET current = 0 WHERE purpose = ? AND language = ?",
                           consent::to_byte(notice.purpose), notice.language);
  if (!done) return done;
  return database.run(
      "INSERT INTO notices (sha256, purpose, language, version, valid_from, replaces, current, "
      "bytes) VALUES (?, ?, ?, ?, ?, ?, 1, ?)",
      notice.id, consent::to_byte(notice.purpose), notice.language, notice.version,
      number_of(notice.valid_from), notice.replaces, as_bytes(notice.json));
}

Result<std::vector<PublishedNotice>> make_new_notices(store::Database& database,
                                                      const consent::MakerFacts& maker,
                                                      consent::Day today) {
  const auto current = list_current_notices(database);
  if (!current) return carry(current);
  std::vector<PublishedNotice> fresh;
  for (const auto& notice_template : consent::builtin_notice_templates()) {
    const auto old = std::ranges::find_if(*current, [&](const PublishedNotice& notice) {
      return notice.purpose == notice_template.purpose
             && notice.language == notice_template.language;
    });
    if (old == current->end()) {
      auto first = fill(notice_template, maker, 1, today, {});
      if (!first) return carry(first);
      fresh.push_back(*std::move(first));
      continue;
    }
    const auto again = fill(notice_template, maker, old->version, old->valid_from, old->replaces);
    if (!again) return carry(again);
    if (again->id == old->id) continue;
    auto next = fill(notice_template, maker, old->version + 1, today, old->id);
    if (!next) return carry(next);
    fresh.push_back(*std::move(next));
  }
  return fresh;
}

}  // namespace amanat::custodian
