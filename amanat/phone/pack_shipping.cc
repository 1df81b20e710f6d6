#include "amanat/phone/pack_shipping.h"

#include <algorithm>
#include <chrono>
#include <thread>
#include <utility>

#include "amanat/phone/compartments.h"
#include "amanat/phone/vault_steps.h"

namespace amanat::phone {
namespace {

constexpr std::size_t kWaitingMax = 3;  // and one that is being sent
constexpr std::size_t kPacksBetweenCommits = 32;
constexpr std::size_t kPacksOfCommitMax = 256;

api::BodyReader read_from(const Bytes& bytes) {
  return {.size = bytes.size(),
          .read = [&bytes](std::uint64_t offset, ByteSpan out) -> Result<std::size_t> {
            if (offset >= bytes.size()) return std::size_t{0};
            const auto at = static_cast<std::size_t>(offset);
            const std::size_t count = std::min(out.size(), bytes.size() - at);
            std::ranges::copy(ByteView(bytes).subspan(at, count), out.begin());
            return count;
          }};
}

}  // namespace

Result<> settle_cut_off_packs(Session& session) {
  if (auto done = settle_pending_commit(session); !done) return carry(done);
  auto packs = session.records().packs();
  if (!packs) return carry(packs);
  for (const KeptPack& pack : *packs) {
    if (pack.state == PackState::committed) continue;
    auto is_there = session.link().has_pack(session.device(), pack.id);
    if (!is_there) return carry(is_there, "asking what became of an earlier upload");
    auto done = *is_there ? session.records().set_pack_state(pack.id, PackState::uploaded)
                          : session.records().forget_pack(pack.id);
    if (done && !*is_there) done = session.forget_event(pack.label_index);
    if (!done) return carry(done);
  }
  return {};
}

PackShipping::PackShipping(Session& session, std::unique_ptr<CustodianLink> link)
    : session_(session), link_(std::move(link)) {
  const auto wait = [](int seconds) { std::this_thread::sleep_for(std::chrono::seconds(seconds)); };
  const auto put = [this, wait](const Upload& upload) {
    return put_patiently(
        [&] {
          return link_->put_pack(session_.device(), upload.pack, upload.event,
                                 read_from(upload.bytes));
        },
        wait);
  };
  uploader_ = std::make_unique<Uploader>(put, kWaitingMax);
}

Result<std::unique_ptr<PackShipping>> PackShipping::open(Session& session) {
  auto link = session.open_second_link();
  if (!link) return carry(link);
  return std::unique_ptr<PackShipping>(new PackShipping(session, std::move(*link)));
}

Result<Bytes> PackShipping::ship(StatedPack stated) {
  auto event = session_.make_event(
      tlog::EventType::object_store, std::move(stated.statement),
      {.grants = stated.grants, .pack = stated.pack.id.bytes(), .frames = stated.pack.frames});
  if (!event) return carry(event);
  const KeptPack pack{.id = stated.pack.id,
                      .compartment = stated.compartment,
                      .frames = stated.pack.frames,
                      .generation = stated.pack.generation,
                      .label_index = event->label_index};
  {
    auto transaction = store::Transaction::begin(session_.records().database());
    if (!transaction) return carry(transaction);
    auto kept = session_.records().keep_pack(pack, stated.pack.entries);
    if (!kept) return carry(kept, "remembering a pack");
    if (auto done = transaction->commit(); !done) return carry(done, "remembering a pack");
  }
  ++sent_packs_;
  sent_bytes_ += stated.pack.bytes.size();
  auto pushed = uploader_->push({.pack = stated.pack.id,
                                 .event = std::move(event->event),
                                 .bytes = std::move(stated.pack.bytes)});
  if (auto noted = note_stored(); !noted) return carry(noted);
  if (!pushed) return carry(pushed);
  return uploader_->take_spare();
}

Result<> PackShipping::note_stored() {
  for (const seal::PackId& pack : uploader_->take_stored()) {
    auto noted = session_.records().set_pack_state(pack, PackState::uploaded);
    if (!noted) return carry(noted);
    ++stored_;
  }
  return {};
}

bool PackShipping::is_commit_due() { return stored_ >= kPacksBetweenCommits; }

Result<> PackShipping::finish() {
  auto finished = uploader_->finish();
  if (auto noted = note_stored(); !noted) return carry(noted);
  return finished;
}

Result<> PackShipping::commit(std::optional<std::vector<seal::SnapshotTree>> trees,
                              const std::vector<seal::PackId>& retired) {
  auto packs = session_.records().packs();
  if (!packs) return carry(packs);
  const auto held = held_compartments(session_);
  if (!held) return carry(held);
  // The custodian refuses a commit with a pack whose consent is being withdrawn.
  std::erase_if(*packs, [&](const KeptPack& pack) {
    return pack.state != PackState::uploaded || held->contains(pack.compartment);
  });
  while (packs->size() > kPacksOfCommitMax) {
    CommitPlan plan;
    plan.added.assign(packs->end() - kPacksOfCommitMax, packs->end());
    packs->resize(packs->size() - kPacksOfCommitMax);
    if (auto done = store_commit(session_, plan); !done) return carry(done);
  }
  stored_ = 0;
  if (packs->empty() && !trees) return {};
  CommitPlan plan;
  plan.added = std::move(*packs);
  plan.retired = retired;
  plan.trees = std::move(trees);
  return store_commit(session_, plan);
}

}  // namespace amanat::phone
