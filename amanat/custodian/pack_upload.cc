// PUT /v1/packs/{id}: the gate, then the body, then the disk, then the record, then 201.
//
// If we stop after the bytes are on the disk and before the record is, the bytes are unreachable:
// the next PUT removes and writes them again, or the sweep does.

#include <memory>
#include <optional>

#include <fmt/format.h>

#include "amanat/custodian/caller_check.h"
#include "amanat/custodian/pack_gate.h"
#include "amanat/custodian/pack_intake.h"
#include "amanat/custodian/pack_records.h"
#include "amanat/custodian/routes.h"
#include "amanat/custodian/statements.h"

namespace amanat::custodian {
namespace {

/// A pack on its way in.
struct Offer {
  ObjectEvent pack;
  Bytes event;
  seal::AccountId account;

  const seal::Object& object() const { return pack.object(); }
  store::BlobName blob() const { return blob_of(account, object().pack); }
};

Result<Offer> read_offer(const Call& call) {
  const auto id = seal::PackId::from_hex(call.parameter);
  if (!id) return fail(Code::invalid_input, "a pack is named by 64 hex digits");
  const auto field = call.request.headers.find("amanat-object");
  if (!field) return fail(Code::invalid_input, "there is no amanat-object");
  auto event = from_base64(*field);
  if (!event) return carry(event, "amanat-object");
  auto pack = read_object_event(*event);
  if (!pack) return carry(pack, "amanat-object");
  const seal::Object& object = pack->object();
  if (object.pack != *id) return fail(Code::invalid_input, "the event is about another pack");
  if (call.request.content_length != seal::pack_size_of(object.frames)) {
    return fail(Code::invalid_input, "the length is not that of the announced frames");
  }
  return Offer{
      .pack = *std::move(pack), .event = *std::move(event), .account = call.caller.account};
}

api::Response stored_answer(const Offer& offer, int status) {
  return answer_with(
      fmt::format(R"({{"id":"{}","frames":{}}})", offer.object().pack.hex(), offer.object().frames),
      status);
}

/// Whether the account has this pack under this event; conflict when under another.
Result<bool> is_recorded(store::Database& database, const Offer& offer) {
  const auto known = find_pack(database, offer.account, offer.object().pack);
  if (!known) return carry(known);
  if (!*known) return false;
  if ((*known)->event != offer.event || (*known)->state == PackState::erased) {
    return fail(Code::conflict, "this pack was stored with another event");
  }
  return true;
}

struct Admission {
  bool recorded = false;  // only the bytes may be missing
};
/// Everything that can be refused before the body is read.
Result<Admission> admit(const Call& call, const Offer& offer) {
  auto reading = call.world.readers.begin();
  if (!reading) return carry(reading);
  store::Database& database = reading->database();
  const auto allowed = check_offer(database, call.world.law, offer.account, offer.pack, call.now);
  const auto recorded = is_recorded(database, offer);
  // What is here already is answered as before, whatever has become of its consent since.
  if (recorded && *recorded) return Admission{.recorded = true};
  if (!allowed) return carry(allowed);
  if (!recorded) return carry(recorded);
  if (auto room = check_quota(database, offer.account, offer.object().frames); !room) {
    return carry(room);
  }
  return Admission{};
}

Result<bool> has_bytes(const Call& call, const Offer& offer) {
  const auto size = call.world.blobs.size(offer.blob());
  if (!size) return carry(size);
  return *size && **size == seal::pack_size_of(offer.object().frames);
}

/// Streams the body into the store; on disk, whole and checked when it returns.
Result<PackIntake> take_body(const Call& call, const Offer& offer) {
  store::Blobs& blobs = call.world.blobs;
  const auto free = blobs.free_bytes();
  if (!free) return carry(free);
  if (*free < kFreeBytesMin + call.request.content_length) {
    return fail(Code::unavailable, "the custodian has no room at present");
  }
  if (auto removed = blobs.remove(offer.blob()); !removed) return carry(removed);
  auto writer = blobs.begin(offer.blob());
  if (!writer) return carry(writer);
  PackIntake intake(offer.object().frames);
  while (true) {
    const auto piece = call.request.body->next();
    if (!piece) return carry(piece);
    if (!*piece) break;
    if (auto taken = intake.take(**piece); !taken) return carry(taken);
    if (auto written = (*writer)->write(**piece); !written) return carry(written);
  }
  if (auto fits = intake.check(offer.object()); !fits) return carry(fits);
  if (auto durable = (*writer)->commit(); !durable) return carry(durable);
  return intake;
}

Result<> record_in_turn(Turn& turn, const Call& call, const Offer& offer,
                        const PackIntake& intake) {
  store::Database& database = turn.database();
  const auto device = read_calling_device(database, call.caller);
  if (!device) return carry(device);
  const auto recorded = is_recorded(database, offer);
  if (!recorded) return carry(recorded);
  if (*recorded) return {};
  const seal::Object& object = offer.object();
  if (auto allowed = check_grants(database, call.world.law, offer.account, object, turn.now());
      !allowed) {
    return allowed;
  }
  if (auto room = check_quota(database, offer.account, object.frames); !room) return room;
  std::vector<consent::GrantId> grants;
  for (const auto& grant : object.grants) grants.push_back(grant.commitment);
  return insert_pack(database,
                     {.account = offer.account,
                      .pack = object.pack,
                      .frames = object.frames,
                      .event = offer.event,
                      .frame_roots = intake.frame_roots(),
                      .grants = grants},
                     turn.now());
}

}  // namespace

Answer put_pack(Call& call) {
  const auto offer = read_offer(call);
  if (!offer) return carry(offer);
  // Held before anything is asked: what admit() sees of this pack stays so until we are done.
  const auto hold = call.world.uploads.hold(offer->blob());
  if (!hold) return fail(Code::unavailable, "this pack is being stored at this moment");
  const auto admission = admit(call, *offer);
  if (!admission) return carry(admission);
  if (admission->recorded) {
    const auto whole = has_bytes(call, *offer);
    if (!whole) return carry(whole);
    if (*whole) return stored_answer(*offer, 200);
    // The record is here and the bytes are not: what the phone still has repairs the damage.
  }
  const auto intake = take_body(call, *offer);
  if (!intake) return carry(intake);
  const auto recorded = call.world.sequencer.submit(
      call.caller.account, [&](Turn& turn) { return record_in_turn(turn, call, *offer, *intake); });
  if (!recorded) {
    if (const auto undone = call.world.blobs.remove(offer->blob()); !undone) {
      return carry(undone, "removing what was refused");
    }
    return carry(recorded);
  }
  return stored_answer(*offer, 201);
}

}  // namespace amanat::custodian
