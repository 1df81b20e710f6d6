// GET and HEAD /v1/packs/{id}, GET /v1/inventory: what is kept for an account.

#include <algorithm>
#include <utility>

#include "amanat/api/messages.h"
#include "amanat/api/target.h"
#include "amanat/custodian/pack_records.h"
#include "amanat/custodian/query.h"
#include "amanat/custodian/routes.h"
#include "amanat/seal/pack.h"

namespace amanat::custodian {
namespace {

/// The account's pack of this name, with its bytes in place.
Result<PackRecord> find_readable(const Call& call) {
  const auto id = seal::PackId::from_hex(call.parameter);
  if (!id) return fail(Code::invalid_input, "a pack is named by 64 hex digits");
  std::optional<PackRecord> pack;
  {
    auto reading = call.world.readers.begin();
    if (!reading) return carry(reading);
    auto found = find_pack(reading->database(), call.caller.account, *id);
    if (!found) return carry(found);
    pack = *std::move(found);
  }
  if (!pack || pack->state == PackState::erased) {
    return fail(Code::not_found, "there is no such pack");
  }
  const auto size = call.world.blobs.size(blob_of(pack->account, pack->pack));
  if (!size) return carry(size);
  if (*size != seal::pack_size_of(pack->frames)) {
    return fail(Code::corrupt, "the bytes of this pack are lost");
  }
  return *std::move(pack);
}

api::BodyReader reader_of(store::Blobs& blobs, const PackRecord& pack) {
  const std::uint64_t size = seal::pack_size_of(pack.frames);
  return {.size = size,
          .read = [&blobs, size, blob = blob_of(pack.account, pack.pack)](
                      std::uint64_t offset, ByteSpan out) -> Result<std::size_t> {
            const std::size_t count =
                std::min<std::uint64_t>(out.size(), size - std::min(offset, size));
            if (count == 0) return std::size_t{0};
            if (auto done = blobs.read(blob, offset, out.first(count)); !done) return carry(done);
            return count;
          }};
}

}  // namespace

Answer get_pack(Call& call) {
  const auto pack = find_readable(call);
  if (!pack) return carry(pack);
  api::Response response;
  response.headers.set("content-type", "application/octet-stream");
  response.headers.set("cache-control", "no-store");
  response.body = reader_of(call.world.blobs, *pack);
  return response;
}

Answer head_pack(Call& call) { return get_pack(call); }

Answer get_inventory(Call& call) {
  const auto limit = read_query_number(call.request.query, "limit");
  if (!limit) return carry(limit);
  const std::uint64_t count = limit->value_or(api::kInventoryPageMax);
  if (count == 0 || count > api::kInventoryPageMax) {
    return fail(Code::invalid_input, "limit is 1 to 4096");
  }
  std::optional<seal::PackId> after;
  if (const auto text = api::query_value(call.request.query, "after")) {
    const auto id = seal::PackId::from_hex(*text);
    if (!id) return fail(Code::invalid_input, "after is the id of a pack");
    after = *id;
  }
  auto reading = call.world.readers.begin();
  if (!reading) return carry(reading);
  auto packs = list_packs(reading->database(), call.caller.account, after, count + 1);
  if (!packs) return carry(packs);

  api::Inventory answer;
  const bool more = packs->size() > count;
  if (more) packs->pop_back();
  for (const PackRecord& pack : *packs) {
    answer.packs.push_back(
        {.id = pack.pack, .frames = pack.frames, .state = std::string(name_of(pack.state))});
  }
  if (more) answer.next = answer.packs.back().id;
  return answer_with(api::to_text(answer));
}

}  // namespace amanat::custodian
