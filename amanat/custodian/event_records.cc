#include "amanat/custodian/event_records.h"

namespace amanat::custodian {
namespace {

Result<tlog::EventType> type_from(std::uint64_t number) {
  const auto type = tlog::event_type_from_byte(static_cast<std::uint8_t>(number));
  if (!type) return fail(Code::corrupt, "an event in the database has an unknown type");
  return *type;
}

Result<EventRecord> event_from(store::Statement& row) {
  const auto type = type_from(row.number(2));
  if (!type) return carry(type);
  const ByteView event = row.blob(3);
  EventRecord record{.index = row.number(0),
                     .account = row.id<seal::AccountId>(1),
                     .type = *type,
                     .event = Bytes(event.begin(), event.end())};
  if (auto intact = row.intact(); !intact) return carry(intact);
  return record;
}

}  // namespace

Result<std::optional<EventRecord>> find_event(store::Database& database, std::uint64_t index) {
  auto row = database.prepare(
      "SELECT log_index, account, type, event FROM events "
      "WHERE log_index = ?");
  if (!row) return carry(row);
  const auto found = row->first(index);
  if (!found) return carry(found);
  if (!*found) return std::nullopt;
  auto record = event_from(*row);
  if (!record) return carry(record);
  return *std::move(record);
}

Result<std::vector<EventRecord>> list_events_about(store::Database& database,
                                                   const Subject& subject) {
  auto row = database.prepare(
      "SELECT log_index, account, type, event FROM events "
      "WHERE subject = ? ORDER BY log_index");
  if (!row) return carry(row);
  std::vector<EventRecord> events;
  auto more = row->first(subject);
  for (; more && *more; more = row->step()) {
    auto record = event_from(*row);
    if (!record) return carry(record);
    events.push_back(*std::move(record));
  }
  if (!more) return carry(more);
  return events;
}

Result<std::vector<std::uint64_t>> list_indices(store::Database& database,
                                                const seal::AccountId& account, std::uint64_t from,
                                                std::size_t limit) {
  auto row = database.prepare(
      "SELECT log_index FROM events WHERE account = ? AND log_index >= ? "
      "ORDER BY log_index LIMIT ?");
  if (!row) return carry(row);
  std::vector<std::uint64_t> indices;
  auto more = row->first(account, from, static_cast<std::uint64_t>(limit));
  for (; more && *more; more = row->step()) indices.push_back(row->number(0));
  if (!more) return carry(more);
  return indices;
}

Result<std::optional<std::uint64_t>> find_logged(store::Database& database,
                                                 const seal::AccountId& account,
                                                 const tlog::Event& event) {
  auto row = database.prepare(
      "SELECT log_index, account, type, event FROM events "
      "WHERE label = ?");
  if (!row) return carry(row);
  const auto found = row->first(event.label);
  if (!found) return carry(found);
  if (!*found) return std::nullopt;
  const auto record = event_from(*row);
  if (!record) return carry(record);
  const auto logged = tlog::parse_event(record->event);
  if (!logged) return fail(Code::corrupt, "an event in the database is damaged");
  const bool same = record->account == account && logged->type == event.type
                    && logged->commitment == event.commitment && logged->link == event.link
                    && logged->size_class == event.size_class;
  if (!same) return fail(Code::conflict, "the label was used for another event");
  return record->index;
}

Result<std::uint64_t> log_event(Turn& turn, const seal::AccountId& account,
                                const tlog::Event& event, const std::optional<Subject>& subject) {
  const std::uint64_t index =
      turn.append(tlog::encode(tlog::entry_of(event, turn.minute(), turn.region())));
  auto inserted = turn.database().run(
      "INSERT INTO events (log_index, account, type, label, subject, event) "
      "VALUES (?, ?, ?, ?, ?, ?)",
      index, account, tlog::to_byte(event.type), event.label, subject, tlog::encode(event));
  if (!inserted) return carry(inserted, "keeping an event");
  turn.want_receipt(index);
  return index;
}

}  // namespace amanat::custodian
