#include "amanat/custodian/service.h"

#include <string>
#include <utility>
#include <variant>

#include "amanat/api/signature.h"
#include "amanat/custodian/account_records.h"
#include "amanat/custodian/auditor_records.h"

namespace amanat::custodian {
namespace {

bool may_call(const Route& route, CallerKind kind) {
  switch (route.access) {
    case Access::anyone:
    case Access::newcomer: return true;
    case Access::device: return kind == CallerKind::device;
    case Access::phrase_key: return kind == CallerKind::phrase_key;
    case Access::device_or_phrase:
      return kind == CallerKind::device || kind == CallerKind::phrase_key;
    case Access::auditor: return kind == CallerKind::auditor;
    case Access::device_or_auditor:
      return kind == CallerKind::device || kind == CallerKind::auditor;
  }
  return false;
}

/// The bytes of an answer that lies in memory.
std::optional<std::size_t> size_in_memory(const api::Response& response) {
  const auto* bytes = std::get_if<Bytes>(&response.body);
  if (bytes == nullptr) return {};
  return bytes->size();
}

api::Response response_of(Answer answered) {
  return answered ? *std::move(answered) : api::error_response(answered.error());
}

api::Response method_not_allowed() {
  return api::error_response(405, {Code::invalid_input, "this path has no such method"},
                             "look at the list of paths");
}

}  // namespace

Service::Service(const World& world) : world_(world) {}

std::uint64_t Service::body_size_max(api::Method method, std::string_view path) const {
  for (const Route& route : all_routes()) {
    if (route.method == method && match_path(route.path, path)) return route.body_size_max;
  }
  return 0;
}

api::Response Service::handle(api::Request& request) {
  const auto found = find_route(request);
  auto response = found && found->route->method != request.method
                      ? method_not_allowed()
                      : response_of(found ? answer(*found, request) : Answer(carry(found)));
  if (found) response.route = std::string(found->route->path);

  const bool is_signed =
      request.headers.find("signature") || (found && found->route->always_signed);
  const auto size = size_in_memory(response);
  if (!is_signed || !size || request.method == api::Method::head) return response;
  if (*size > api::kControlBytesMax) {
    std::string route = std::move(response.route);
    response =
        api::error_response({Code::invalid_input, "the answer would be too long: ask for less"});
    response.route = std::move(route);
  }
  api::sign_response(response, request, world_.identity.answer_signer, world_.clock.now());
  return response;
}

Result<Service::Found> Service::find_route(const api::Request& request) const {
  std::optional<Found> other;
  for (const Route& route : all_routes()) {
    const auto parameter = match_path(route.path, request.path);
    if (!parameter) continue;
    Found found{.route = &route, .parameter = std::string(*parameter)};
    if (route.method == request.method) return found;
    other = std::move(found);
  }
  if (other) return *std::move(other);
  return fail(Code::not_found, "there is nothing at this path");
}

Answer Service::answer(const Found& found, api::Request& request) const {
  const Route& route = *found.route;
  if (!request.query.empty() && !route.takes_query) {
    return fail(Code::invalid_input, "this path takes no query");
  }
  if (request.content_length > route.body_size_max) {
    return fail(Code::invalid_input, "the body is longer than this path takes");
  }
  const Instant now = world_.clock.now();
  auto caller = authenticate(route, request, now);
  if (!caller) return carry(caller);
  Call call{.world = world_,
            .request = request,
            .caller = *caller,
            .parameter = found.parameter,
            .now = now};
  return route.answer(call);
}

Result<Caller> Service::authenticate(const Route& route, const api::Request& request,
                                     Instant now) const {
  if (route.access == Access::anyone || route.access == Access::newcomer) return Caller{};
  const auto claim = api::parse_signature(request);
  if (!claim) return carry(claim);
  Result<Caller> caller = fail(Code::forged, "nobody here has the key of this signature");
  {
    auto reading = world_.readers.begin();
    if (!reading) return carry(reading);
    caller = find_caller(reading->database(), claim->input.key_id);
  }
  if (!caller) return caller;
  if (auto held = api::verify_request(request, caller->key, now); !held) return carry(held);
  if (auto fresh = world_.nonces.remember(claim->input.key_id, *claim->input.nonce, now); !fresh) {
    return carry(fresh);
  }
  if (!may_call(route, caller->kind)) return fail(Code::denied, "this key may not do that");
  return caller;
}

Result<Caller> find_caller(store::Database& database, const api::KeyId& key) {
  const auto device = find_device(database, seal::DeviceId::from(key.bytes()).value());
  if (!device) return carry(device);
  if (*device) {
    if ((*device)->retired_at)
      return fail(Code::denied, "this device was removed from its account");
    return Caller{.kind = CallerKind::device,
                  .key = (*device)->device_key,
                  .key_id = key,
                  .account = (*device)->account};
  }
  const auto phrase = find_phrase_key(database, key);
  if (!phrase) return carry(phrase);
  if (*phrase) {
    return Caller{.kind = CallerKind::phrase_key,
                  .key = (*phrase)->phrase_key,
                  .key_id = key,
                  .account = (*phrase)->account};
  }
  const auto auditor = find_auditor(database, key);
  if (!auditor) return carry(auditor);
  if (*auditor) {
    return Caller{.kind = CallerKind::auditor, .key = **auditor, .key_id = key, .account = {}};
  }
  return fail(Code::forged, "nobody here has the key of this signature");
}

Result<> verify_newcomer(Call& call, const crypto::PublicKey& key, ByteView body) {
  const auto claim = api::verify_request(call.request, key, call.now);
  if (!claim) return carry(claim);
  const auto field = call.request.headers.find("content-digest");
  const auto digest = api::parse_content_digest(field.value_or(""));
  if (!digest) return carry(digest);
  if (*digest != crypto::sha256(body)) {
    return fail(Code::forged, "the body is not what content-digest says");
  }
  return {};
}

}  // namespace amanat::custodian
