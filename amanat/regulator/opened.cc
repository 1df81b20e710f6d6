#include "amanat/regulator/opened.h"

#include <array>
#include <utility>

namespace amanat::regulator {
namespace {

using consent::DecisionKind;
using tlog::EventType;

constexpr auto kDecisionTypes = std::to_array<std::pair<EventType, DecisionKind>>({
    {EventType::consent_grant, DecisionKind::given},
    {EventType::consent_refused, DecisionKind::refused},
    {EventType::consent_withdraw, DecisionKind::withdrawn},
    {EventType::consent_renewed, DecisionKind::renewed},
    {EventType::withdraw_cancelled, DecisionKind::withdraw_cancelled},
    {EventType::consent_revoke, DecisionKind::revoked},
});

bool fits(EventType type, DecisionKind kind) {
  for (const auto& [known, wanted] : kDecisionTypes) {
    if (known == type) return wanted == kind;
  }
  return false;
}

/// The event, if the log shows exactly it at this index.
Result<tlog::Event> event_at(const Log& log, std::uint64_t index, ByteView bytes) {
  auto event = tlog::parse_event(bytes);
  if (!event) return carry(event);
  const tlog::UserEntry* entry = log.user_entry(index);
  if (entry == nullptr) return fail(Code::forged, "the log has no user's entry there");
  if (!tlog::shows(*entry, *event)) return fail(Code::forged, "the log shows another event there");
  return event;
}

}  // namespace

Result<OpenedDecision> open_decision(const Log& log, const api::OpenedEvent& opened) {
  const auto event = event_at(log, opened.index, opened.event);
  if (!event) return carry(event);
  const auto verified = consent::verify_decision(event->statement);
  if (!verified) return carry(verified, "the decision");
  const consent::Decision& decision = verified->decision();
  if (!fits(event->type, decision.kind)) {
    return fail(Code::forged, "the decision is not of the entry's type");
  }
  const bool is_first = consent::is_first_decision(decision.kind);
  tlog::LinkParts parts;
  if (!is_first) parts.grants = {&decision.grant, 1};
  if (auto formed = tlog::check_well_formed(*event, parts); !formed) return carry(formed);
  return OpenedDecision{
      .index = opened.index,
      .type = event->type,
      .decision = decision,
      .grant = is_first ? tlog::grant_named_by(event->commitment) : decision.grant};
}

Result<OpenedObject> open_object(const Log& log, const api::Opening& opening) {
  if (opening.unknown || opening.closed) {
    return fail(Code::forged, "the custodian says that it stored no object there");
  }
  auto event = event_at(log, opening.index, opening.event);
  if (!event) return carry(event);
  auto statement = seal::Statement<seal::Object>::parse(ByteView(event->statement));
  if (!statement) return carry(statement);
  const seal::Object& object = statement->body_unverified();
  std::vector<consent::GrantId> grants;
  for (const seal::ObjectGrant& grant : object.grants) grants.push_back(grant.commitment);
  const auto formed = tlog::check_well_formed(
      *event,
      {.grants = grants, .pack = object.pack.bytes(), .frames = object.frames, .object_store = {}});
  if (!formed) return carry(formed);
  return OpenedObject{.index = opening.index,
                      .exchange = 0,
                      .event = *std::move(event),
                      .statement = *std::move(statement),
                      .decisions = opening.decisions,
                      .erased = opening.erased};
}

Result<OpenedErasure> open_erasure(const Log& log, const api::OpenedEvent& opened,
                                   const OpenedObject& object) {
  const auto event = event_at(log, opened.index, opened.event);
  if (!event) return carry(event);
  if (event->type != EventType::object_erase) {
    return fail(Code::forged, "the entry is no erasure");
  }
  tlog::LinkParts parts;
  parts.object_store = object.event.commitment;
  if (auto formed = tlog::check_well_formed(*event, parts); !formed) return carry(formed);
  OpenedErasure erasure{.index = opened.index, .tombstone = {}, .withdrawal = {}};
  if (auto tombstone = seal::Statement<seal::Tombstone>::parse(ByteView(event->statement))) {
    const seal::Tombstone& body = tombstone->body_unverified();
    if (body.pack != object.object().pack
        || !equal_in_constant_time(body.store.bytes(), object.event.commitment.bytes())) {
      return fail(Code::forged, "the tombstone is another object's");
    }
    erasure.tombstone = *std::move(tombstone);
    return erasure;
  }
  const auto withdrawal = consent::verify_decision(event->statement);
  if (!withdrawal) return fail(Code::forged, "the erasure opens to nothing that a person signed");
  erasure.withdrawal = withdrawal->decision();
  return erasure;
}

}  // namespace amanat::regulator
