#include "amanat/custodian/statements.h"

#include <algorithm>
#include <array>
#include <vector>

namespace amanat::custodian {
namespace {

using consent::DecisionKind;
using tlog::EventType;

struct DecisionEvent {
  EventType type;
  DecisionKind kind;
};
constexpr std::array kDecisionEvents{
    DecisionEvent{EventType::consent_grant, DecisionKind::given},
    DecisionEvent{EventType::consent_withdraw, DecisionKind::withdrawn},
    DecisionEvent{EventType::consent_refused, DecisionKind::refused},
    DecisionEvent{EventType::consent_renewed, DecisionKind::renewed},
    DecisionEvent{EventType::consent_revoke, DecisionKind::revoked},
    DecisionEvent{EventType::withdraw_cancelled, DecisionKind::withdraw_cancelled},
};

Result<PostedEvent> read_decision_event(tlog::Event event, DecisionKind kind) {
  const auto verified = consent::verify_decision(event.statement);
  if (!verified) return carry(verified, "decision");
  const consent::Decision& decision = verified->decision();
  if (decision.kind != kind) {
    return fail(Code::invalid_input, "the event and its decision say different things");
  }
  const std::array grants{decision.grant};
  const tlog::LinkParts parts{
      .grants = consent::is_first_decision(kind) ? std::span<const consent::GrantId>() : grants};
  if (auto fits = tlog::check_well_formed(event, parts); !fits) return carry(fits);
  return PostedEvent{.event = std::move(event), .content = decision};
}

Result<PostedEvent> read_erasure_event(tlog::Event event) {
  auto statement = seal::Statement<seal::ErasureReceipt>::parse(event.statement);
  if (!statement) return carry(statement);
  const std::array grants{statement->body_unverified().grant};
  if (auto fits = tlog::check_well_formed(event, {.grants = grants}); !fits) return carry(fits);
  return PostedEvent{.event = std::move(event), .content = *std::move(statement)};
}

}  // namespace

Result<DeviceEvent> read_device_event(ByteView device_statement, ByteView event) {
  const auto device = seal::open_device(device_statement);
  if (!device) return carry(device);
  auto parsed = tlog::parse_event(event);
  if (!parsed) return carry(parsed);
  if (parsed->type != EventType::device_key) {
    return fail(Code::invalid_input, "a device is logged by a device_key event");
  }
  if (!std::ranges::equal(parsed->statement, device_statement)) {
    return fail(Code::invalid_input, "the event is about another device statement");
  }
  if (auto fits = tlog::check_well_formed(*parsed, {}); !fits) return carry(fits);
  return DeviceEvent{.event = *std::move(parsed), .device = device->device};
}

Result<tlog::Event> read_head_event(ByteView event) {
  auto parsed = tlog::parse_event(event);
  if (!parsed) return carry(parsed);
  if (parsed->type != EventType::vault_head) {
    return fail(Code::invalid_input, "a step of the vault comes with a vault_head event");
  }
  if (auto fits = tlog::check_well_formed(*parsed, {}); !fits) return carry(fits);
  return parsed;
}

Result<PostedEvent> read_posted_event(ByteView event) {
  auto parsed = tlog::parse_event(event);
  if (!parsed) return carry(parsed);
  for (const auto& [type, kind] : kDecisionEvents) {
    if (parsed->type == type) return read_decision_event(*std::move(parsed), kind);
  }
  if (parsed->type == EventType::erasure_receipt) return read_erasure_event(*std::move(parsed));
  if (parsed->type == EventType::cover) {
    if (auto fits = tlog::check_well_formed(*parsed, {}); !fits) return carry(fits);
    return PostedEvent{.event = *std::move(parsed), .content = {}};
  }
  return fail(Code::invalid_input, "events of this type are not posted here");
}

Result<ObjectEvent> read_object_event(ByteView event) {
  auto parsed = tlog::parse_event(event);
  if (!parsed) return carry(parsed);
  if (parsed->type != EventType::object_store) {
    return fail(Code::invalid_input, "a pack comes with an object_store event");
  }
  auto statement = seal::Statement<seal::Object>::parse(parsed->statement);
  if (!statement) return carry(statement);
  const seal::Object& object = statement->body_unverified();
  std::vector<consent::GrantId> grants;
  for (const auto& grant : object.grants) grants.push_back(grant.commitment);
  const tlog::LinkParts parts{
      .grants = grants, .pack = object.pack.bytes(), .frames = object.frames};
  if (auto fits = tlog::check_well_formed(*parsed, parts); !fits) return carry(fits);
  return ObjectEvent{.event = *std::move(parsed), .statement = *std::move(statement)};
}

}  // namespace amanat::custodian
