// POST /v1/devices: whoever has the phrase adds a device to the account.

#include "amanat/api/messages.h"
#include "amanat/api/signature.h"
#include "amanat/custodian/account_records.h"
#include "amanat/custodian/event_records.h"
#include "amanat/custodian/routes.h"
#include "amanat/custodian/settings.h"
#include "amanat/custodian/statements.h"

namespace amanat::custodian {
namespace {

Result<> add_in_turn(Turn& turn, const DeviceEvent& addition) {
  const seal::Device& device = addition.device;
  const auto logged = find_logged(turn.database(), device.account, addition.event);
  if (!logged) return carry(logged);
  if (*logged) {
    turn.want_receipt(**logged);
    return {};
  }
  const auto words = find_phrase_key(
      turn.database(), api::KeyId::from(crypto::sha256(device.phrase_key.bytes()).bytes()).value());
  if (!words) return carry(words);
  if (!*words || (*words)->account != device.account) {
    return fail(Code::denied, "the words of this account have changed");
  }
  const auto known = find_device(turn.database(), device.id());
  if (!known) return carry(known);
  if (*known) return fail(Code::conflict, "this device key is in use already");

  const auto devices = count_devices(turn.database(), device.account);
  if (!devices) return carry(devices);
  if (*devices >= kDevicesMax) {
    return fail(Code::denied, "the account has had as many devices as it can have");
  }

  auto done = insert_device(turn.database(),
                            {.device = device.id(),
                             .account = device.account,
                             .device_key = device.device_key,
                             .one_time_key = device.one_time_key,
                             .retired_at = {}},
                            turn.now());
  if (!done) return carry(done, "adding a device");
  const auto index = log_event(turn, device.account, addition.event, {});
  if (!index) return carry(index);
  return {};
}

}  // namespace

Answer add_device(Call& call) {
  const auto body = api::read_signed_body(call.request);
  if (!body) return carry(body);
  const auto request = api::parse_add_device(as_text(*body));
  if (!request) return carry(request);
  const auto addition = read_device_event(request->device, request->event);
  if (!addition) return carry(addition);
  if (addition->device.account != call.caller.account) {
    return fail(Code::not_found, "there is no such account");
  }
  if (addition->device.phrase_key != call.caller.key) {
    return fail(Code::forged, "the device statement is signed by other words");
  }
  const auto receipts = call.world.sequencer.submit(
      call.caller.account, [&](Turn& turn) { return add_in_turn(turn, *addition); });
  if (!receipts) return carry(receipts);
  return answer_with(api::to_text(*receipts), 201);
}

}  // namespace amanat::custodian
