#include "amanat/consent/grant_history.h"

#include <string>

namespace amanat::consent {
namespace {

Result<> check_follows(const GrantRecord& grant, const Decision& later) {
  if (is_first_decision(later.kind)) {
    return fail(Code::invalid_input, "a first decision cannot follow another");
  }
  if (later.grant != grant.grant || later.category != grant.category
      || later.purpose != grant.purpose) {
    return fail(Code::invalid_input, "the decision is about another grant");
  }
  if (later.decided_at < grant.changed_at) {
    return fail(Code::conflict, "the decision is older than the one before it");
  }
  return {};
}

bool is_allowed(const GrantRecord& grant, const Decision& later) {
  switch (later.kind) {
    case DecisionKind::renewed:
    case DecisionKind::withdrawn: return grant.state == GrantState::given;
    case DecisionKind::withdraw_cancelled:
      return grant.state == GrantState::withdrawn
             && later.decided_at < grant.changed_at + kWithdrawalWait;
    case DecisionKind::revoked:
      return grant.state == GrantState::given || grant.state == GrantState::withdrawn;
    case DecisionKind::given:
    case DecisionKind::refused: break;
  }
  return false;
}

GrantState state_after(DecisionKind kind) {
  switch (kind) {
    case DecisionKind::given:
    case DecisionKind::renewed:
    case DecisionKind::withdraw_cancelled: return GrantState::given;
    case DecisionKind::refused: return GrantState::refused;
    case DecisionKind::withdrawn: return GrantState::withdrawn;
    case DecisionKind::revoked: return GrantState::revoked;
  }
  return GrantState::refused;
}

}  // namespace

Result<GrantRecord> begin_grant(const GrantId& grant, const Decision& first) {
  if (!is_first_decision(first.kind)) {
    return fail(Code::invalid_input, "a grant begins with a decision given or refused");
  }
  GrantRecord record;
  record.grant = grant;
  record.category = first.category;
  record.purpose = first.purpose;
  record.state = state_after(first.kind);
  record.valid_from = first.decided_at;
  record.valid_until = first.valid_until;
  record.changed_at = first.decided_at;
  record.age_class = first.age_class;
  record.notice = first.notice;
  return record;
}

Result<> apply_decision(GrantRecord& grant, const Decision& later) {
  if (auto follows = check_follows(grant, later); !follows) return carry(follows);
  if (!is_allowed(grant, later)) {
    return fail(Code::conflict, "a grant that is " + std::string(name_of(grant.state))
                                    + " does not allow the decision "
                                    + std::string(name_of(later.kind)));
  }
  grant.state = state_after(later.kind);
  grant.changed_at = later.decided_at;
  if (later.kind == DecisionKind::renewed) {
    grant.valid_from = later.decided_at;
    grant.valid_until = later.valid_until;
    grant.age_class = later.age_class;
    grant.notice = later.notice;
  }
  return {};
}

}  // namespace amanat::consent
