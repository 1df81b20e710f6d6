// What anyone may read: health, policy, notices, region.

#include "amanat/api/messages.h"
#include "amanat/custodian/notice_records.h"
#include "amanat/custodian/routes.h"

namespace amanat::custodian {
namespace {

api::Response document(std::string_view text) {
  api::Response response = api::json_response(200, text);
  response.headers.set("cache-control", "no-cache");
  return response;
}

}  // namespace

Answer get_health(Call& call) {
  const auto free = call.world.blobs.free_bytes();
  if (!free || *free < kFreeBytesMin || !call.world.sequencer.is_healthy()) {
    return fail(Code::unavailable, "the store cannot be written");
  }
  return answer_with(R"({"status":"ok"})");
}

Answer get_policy(Call& call) { return document(call.world.identity.policy_json); }

Answer get_notices(Call& call) {
  auto reading = call.world.readers.begin();
  if (!reading) return carry(reading);
  const auto published = list_current_notices(reading->database());
  if (!published) return carry(published);
  api::Notices answer;
  for (const PublishedNotice& notice : *published) {
    answer.notices.push_back({.sha256 = notice.id,
                              .purpose = std::string(consent::name_of(notice.purpose)),
                              .language = notice.language});
  }
  return document(api::to_text(answer));
}

Answer get_notice(Call& call) {
  const auto id = consent::NoticeId::from_hex(call.parameter);
  if (!id) return fail(Code::invalid_input, "a notice is named by 64 hex digits");
  auto reading = call.world.readers.begin();
  if (!reading) return carry(reading);
  const auto notice = find_notice(reading->database(), *id);
  if (!notice) return carry(notice);
  if (!*notice) return fail(Code::not_found, "there is no such notice");
  return document((*notice)->json);
}

Answer get_region(Call& call) {
  const api::RegionAnswer answer{
      .region = call.world.identity.policy.region, .store = "folder", .place = ""};
  return answer_with(api::to_text(answer));
}

}  // namespace amanat::custodian
