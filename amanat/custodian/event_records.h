#pragma once

// What each user entry in the log commits to, so that it can be opened to whoever may see it; and
// the one way an event gets into the log.

#include <cstdint>
#include <optional>
#include <vector>

#include "amanat/bytes/bytes.h"
#include "amanat/custodian/sequencer.h"
#include "amanat/error/error.h"
#include "amanat/seal/ids.h"
#include "amanat/store/sqlite.h"
#include "amanat/tlog/event.h"

namespace amanat::custodian {

/// What an event is about, for finding all events of it: a grant, a pack's object_store event.
using Subject = Id<struct SubjectTag, 32>;

struct EventRecord {
  std::uint64_t index = 0;  // in the log
  seal::AccountId account;
  tlog::EventType type = tlog::EventType::cover;
  Bytes event;  // as the phone sent it
};

Result<std::optional<EventRecord>> find_event(store::Database& database, std::uint64_t index);
/// All events about `subject`, in the order of the log.
Result<std::vector<EventRecord>> list_events_about(store::Database& database,
                                                   const Subject& subject);
/// At most `limit` events of an account with an index of `from` or more.
Result<std::vector<std::uint64_t>> list_indices(store::Database& database,
                                                const seal::AccountId& account, std::uint64_t from,
                                                std::size_t limit);

/// The index under which this event was logged before (docs/api.md §6).
///
///   fails   conflict when its label stands for another event
Result<std::optional<std::uint64_t>> find_logged(store::Database& database,
                                                 const seal::AccountId& account,
                                                 const tlog::Event& event);

/// Logs an event whose label is new, keeps its opening, and asks for its receipt.
Result<std::uint64_t> log_event(Turn& turn, const seal::AccountId& account,
                                const tlog::Event& event, const std::optional<Subject>& subject);

/// Names as subjects.
template <class IdType>
Subject subject_of(const IdType& id) {
  return Subject::from(id.bytes()).value();
}

}  // namespace amanat::custodian
