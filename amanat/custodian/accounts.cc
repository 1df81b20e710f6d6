// POST /v1/accounts: a device opens an account for its owner.

#include "amanat/api/messages.h"
#include "amanat/custodian/account_records.h"
#include "amanat/custodian/event_records.h"
#include "amanat/custodian/routes.h"
#include "amanat/custodian/service.h"
#include "amanat/custodian/statements.h"

namespace amanat::custodian {
namespace {

Result<> check_token(const World& world, const std::optional<std::string>& token) {
  if (!world.settings.token) return {};
  if (token && equal_in_constant_time(as_bytes(*token), as_bytes(*world.settings.token))) return {};
  return fail(Code::denied, "an account needs the token that the maker gave you");
}

/// Records account, device and event; an account that is there already in just this way is left.
Result<> open_in_turn(Turn& turn, const DeviceEvent& opening, std::uint64_t quota) {
  const seal::Device& device = opening.device;
  const auto logged = find_logged(turn.database(), device.account, opening.event);
  if (!logged) return carry(logged);
  if (*logged) {
    turn.want_receipt(**logged);
    return {};
  }
  const auto account = find_account(turn.database(), device.account);
  if (!account) return carry(account);
  if (*account) return fail(Code::conflict, "this account is open already: choose another number");

  auto done =
      insert_account(turn.database(),
                     {.account = device.account, .phrase_key = device.phrase_key, .quota = quota});
  if (done) {
    done = insert_device(turn.database(),
                         {.device = device.id(),
                          .account = device.account,
                          .device_key = device.device_key,
                          .one_time_key = device.one_time_key,
                          .retired_at = {}},
                         turn.now());
  }
  if (!done) return carry(done, "opening an account");
  const auto index = log_event(turn, device.account, opening.event, {});
  if (!index) return carry(index);
  return {};
}

}  // namespace

Answer open_account(Call& call) {
  const auto body = api::read_body(call.request);
  if (!body) return carry(body);
  const auto request = api::parse_open_account(as_text(*body));
  if (!request) return carry(request);
  const auto opening = read_device_event(request->device, request->event);
  if (!opening) return carry(opening);
  if (opening->device.account != request->account) {
    return fail(Code::invalid_input, "the device statement is about another account");
  }
  if (auto allowed = check_token(call.world, request->token); !allowed) return carry(allowed);
  const auto verified = verify_newcomer(call, opening->device.device_key, *body);
  if (!verified) return carry(verified);

  auto receipts = call.world.sequencer.submit(request->account, [&](Turn& turn) {
    return open_in_turn(turn, *opening, call.world.settings.quota_bytes);
  });
  if (!receipts) return carry(receipts);
  receipts->quota = call.world.settings.quota_bytes;
  return answer_with(api::to_text(*receipts), 201);
}

}  // namespace amanat::custodian
