// Reads everything the custodian keeps and compares it with what it has signed.

#include <algorithm>
#include <optional>

#include "amanat/custodian/custodian_state.h"
#include "amanat/custodian/pack_intake.h"
#include "amanat/custodian/pack_records.h"
#include "amanat/custodian/statements.h"
#include "amanat/tlog/reader.h"

namespace amanat::custodian {
namespace {

constexpr std::size_t kPieceBytes = std::size_t{1} << 20;

Result<> check_log(Reading& reading, const note::VerifierKey& key, StoreReport& report) {
  const tlog::Fetch fetch = [&](std::string_view path) { return reading.ledger().serve(path); };
  const auto checkpoint = tlog::fetch_checkpoint(fetch, key);
  if (!checkpoint) return carry(checkpoint, "the log's checkpoint");
  const auto log =
      tlog::read_log(fetch, *checkpoint, [](const tlog::ReadEntry&) -> Result<> { return {}; });
  if (!log) return carry(log, "the log");
  report.entries = log->root.leaves;
  for (const tlog::Fault& fault : log->faults) {
    report.problems.push_back("entry " + std::to_string(fault.index) + ": " + fault.message);
  }
  return {};
}

Result<> check_pack(store::Blobs& blobs, const PackRecord& pack) {
  const auto event = read_object_event(pack.event);
  if (!event) return carry(event);
  const auto blob = blob_of(pack.account, pack.pack);
  const auto size = blobs.size(blob);
  if (!size) return carry(size);
  if (!*size) return fail(Code::corrupt, "its bytes are lost");
  if (**size != seal::pack_size_of(pack.frames)) {
    return fail(Code::corrupt, "its length has changed");
  }
  PackIntake intake(pack.frames);
  for (std::uint64_t offset = 0; offset < **size; offset += kPieceBytes) {
    Bytes piece(std::min<std::uint64_t>(kPieceBytes, **size - offset));
    if (auto read = blobs.read(blob, offset, piece); !read) return read;
    if (auto taken = intake.take(piece); !taken) return taken;
  }
  return intake.check(event->object());
}

Result<> check_packs(store::Database& database, store::Blobs& blobs, StoreReport& report) {
  for (std::uint64_t row = 0;;) {
    const auto packs = list_packs_after(database, row, 256);
    if (!packs) return carry(packs);
    if (packs->empty()) return {};
    for (const PackRecord& pack : *packs) {
      row = pack.row;
      ++report.packs;
      if (auto whole = check_pack(blobs, pack); !whole) {
        report.problems.push_back("pack " + pack.pack.hex() + ": " + whole.error().message);
      }
    }
  }
}

}  // namespace

Result<StoreReport> check_store(Custodian& custodian) {
  Custodian::State& state = *custodian.state_;
  auto reading = state.readers.begin();
  if (!reading) return carry(reading);
  StoreReport report;
  const auto note = [&report](const Result<>& result) {
    if (!result) report.problems.push_back(result.error().message);
  };
  note(reading->database().check_integrity());
  note(check_log(*reading, state.identity.policy.log_key, report));
  note(check_packs(reading->database(), *state.blobs, report));
  return report;
}

}  // namespace amanat::custodian
