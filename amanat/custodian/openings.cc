// POST /v1/openings: what sampled entries of the log commit to.

#include <algorithm>
#include <optional>
#include <vector>

#include "amanat/api/messages.h"
#include "amanat/api/signature.h"
#include "amanat/custodian/audit_log.h"
#include "amanat/custodian/event_records.h"
#include "amanat/custodian/pack_records.h"
#include "amanat/custodian/routes.h"
#include "amanat/custodian/statements.h"

namespace amanat::custodian {
namespace {

using tlog::EventType;

constexpr std::size_t kDecisionsMax = 60;  // of one opening

void add(std::vector<api::OpenedEvent>& decisions, EventRecord event) {
  decisions.push_back({.index = event.index, .event = std::move(event.event)});
}

/// Leaves out the oldest endings, which later ones have overtaken, until the rest fits.
void keep_newest(std::vector<api::OpenedEvent>& decisions,
                 const std::vector<std::uint64_t>& endings) {
  if (decisions.size() <= kDecisionsMax) return;
  auto oldest = endings;
  std::ranges::sort(oldest);
  oldest.resize(std::min(oldest.size(), decisions.size() - kDecisionsMax));
  std::erase_if(decisions, [&](const api::OpenedEvent& decision) {
    return std::ranges::binary_search(oldest, decision.index);
  });
}

/// The grant itself, its latest renewal, then its withdrawals and cancellations in order, whose
/// indices join `endings`.
Result<> add_decisions(store::Database& database, const consent::GrantId& grant,
                       std::vector<api::OpenedEvent>& decisions,
                       std::vector<std::uint64_t>& ending_indices) {
  auto events = list_events_about(database, subject_of(grant));
  if (!events) return carry(events);
  std::optional<EventRecord> renewal;
  std::vector<EventRecord> endings;
  for (EventRecord& event : *events) {
    switch (event.type) {
      case EventType::consent_grant: add(decisions, std::move(event)); break;
      case EventType::consent_renewed: renewal = std::move(event); break;
      case EventType::consent_withdraw:
      case EventType::withdraw_cancelled:
      case EventType::consent_revoke: endings.push_back(std::move(event)); break;
      default: break;
    }
  }
  if (renewal) add(decisions, *std::move(renewal));
  for (EventRecord& event : endings) {
    ending_indices.push_back(event.index);
    add(decisions, std::move(event));
  }
  return {};
}

Result<> add_object(store::Database& database, api::Opening& opening) {
  const auto object = read_object_event(opening.event);
  if (!object) return fail(Code::corrupt, "an opening in the database is damaged");
  std::vector<std::uint64_t> endings;
  for (const auto& grant : object->object().grants) {
    auto done = add_decisions(database, grant.commitment, opening.decisions, endings);
    if (!done) return done;
  }
  keep_newest(opening.decisions, endings);
  const auto pack = find_pack_at(database, opening.index);
  if (!pack) return carry(pack);
  if (!*pack || !(*pack)->erase_index) return {};
  auto erasure = find_event(database, *(*pack)->erase_index);
  if (!erasure) return carry(erasure);
  if (!*erasure) return fail(Code::corrupt, "the opening of an erasure is missing");
  opening.erased = {.index = (*erasure)->index, .event = std::move((*erasure)->event)};
  return {};
}

Result<api::Opening> open_entry(store::Database& database, std::uint64_t index) {
  api::Opening opening;
  opening.index = index;
  auto event = find_event(database, index);
  if (!event) return carry(event);
  if (!*event) {
    opening.unknown = true;
    return opening;
  }
  const EventType type = (*event)->type;
  if (type == EventType::device_key || type == EventType::vault_head) {
    opening.closed = true;
    return opening;
  }
  opening.event = std::move((*event)->event);
  if (type == EventType::object_store) {
    if (auto done = add_object(database, opening); !done) return carry(done);
  }
  return opening;
}

}  // namespace

Answer post_openings(Call& call) {
  const auto body = api::read_signed_body(call.request);
  if (!body) return carry(body);
  const auto request = api::parse_openings_request(as_text(*body));
  if (!request) return carry(request);
  if (auto logged = log_access(call, tlog::AuditAccess::Kind::openings, request->indices.size());
      !logged) {
    return carry(logged);
  }
  auto reading = call.world.readers.begin();
  if (!reading) return carry(reading);
  api::Openings answer;
  for (const std::uint64_t index : request->indices) {
    auto opening = open_entry(reading->database(), index);
    if (!opening) return carry(opening);
    answer.openings.push_back(*std::move(opening));
  }
  return answer_with(api::to_text(answer));
}

}  // namespace amanat::custodian
