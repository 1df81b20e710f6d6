// POST /v1/events and GET /v1/receipts: what a person answered, in the log.

#include <vector>

#include "amanat/api/messages.h"
#include "amanat/api/signature.h"
#include "amanat/api/target.h"
#include "amanat/custodian/caller_check.h"
#include "amanat/custodian/consent_events.h"
#include "amanat/custodian/event_records.h"
#include "amanat/custodian/query.h"
#include "amanat/custodian/routes.h"

namespace amanat::custodian {
namespace {

constexpr std::size_t kReceiptsPageMax = 256;

Result<> post_in_turn(Turn& turn, const Caller& caller, const std::vector<PostedEvent>& events) {
  const auto device = read_calling_device(turn.database(), caller);
  if (!device) return carry(device);
  for (const PostedEvent& posted : events) {
    const auto logged = find_logged(turn.database(), caller.account, posted.event);
    if (!logged) return carry(logged);
    if (*logged) {
      turn.want_receipt(**logged);
      continue;
    }
    if (auto done = apply_consent_event(turn, caller.account, posted); !done) return done;
  }
  return {};
}

}  // namespace

Answer post_events(Call& call) {
  const auto body = api::read_signed_body(call.request);
  if (!body) return carry(body);
  const auto request = api::parse_post_events(as_text(*body));
  if (!request) return carry(request);
  if (request->events.empty()) return fail(Code::invalid_input, "there is no event");
  std::vector<PostedEvent> events;
  for (const Bytes& bytes : request->events) {
    auto event = read_posted_event(bytes);
    if (!event) return carry(event);
    events.push_back(*std::move(event));
  }
  const auto receipts = call.world.sequencer.submit(
      call.caller.account, [&](Turn& turn) { return post_in_turn(turn, call.caller, events); });
  if (!receipts) return carry(receipts);
  return answer_with(api::to_text(*receipts));
}

Answer get_receipts(Call& call) {
  const auto after = read_query_number(call.request.query, "after");
  if (!after) return carry(after);
  auto reading = call.world.readers.begin();
  if (!reading) return carry(reading);
  const std::uint64_t from = *after ? **after + 1 : 0;
  const auto indices =
      list_indices(reading->database(), call.caller.account, from, kReceiptsPageMax);
  if (!indices) return carry(indices);
  auto checkpoint = reading->ledger().checkpoint();
  if (!checkpoint) return carry(checkpoint);
  api::Receipts answer;
  answer.checkpoint = *std::move(checkpoint);
  for (const std::uint64_t index : *indices) {
    auto receipt = make_receipt(reading->ledger(), index);
    if (!receipt) return carry(receipt);
    answer.receipts.push_back(*std::move(receipt));
  }
  return answer_with(api::to_text(answer));
}

}  // namespace amanat::custodian
