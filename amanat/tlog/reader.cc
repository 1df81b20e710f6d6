#include "amanat/tlog/reader.h"

#include <algorithm>
#include <utility>

#include "amanat/tlog/bodies.h"
#include "amanat/tlog/tile.h"

namespace amanat::tlog {
namespace {

constexpr Minute kMinutesBackMax = 2;

struct UsedLabel {
  Label label;
  std::uint64_t index = 0;
  friend auto operator<=>(const UsedLabel&, const UsedLabel&) = default;
};

/// What one pass over the entries gathers.
class Pass {
 public:
  Pass(const VisitEntry& visit, std::span<const merkle::Root> earlier)
      : visit_(visit), earlier_(earlier.begin(), earlier.end()) {
    std::ranges::sort(earlier_, {}, &merkle::Root::leaves);
  }

  Result<> take(ByteView bytes);
  merkle::Root root() const { return edge_.root(); }
  LogReading finish();

 private:
  std::optional<Entry> read(ByteView bytes, std::uint64_t index);
  void count(const Entry& entry, std::uint64_t index);
  void look_at_minute(Minute minute, std::uint64_t index);
  void look_at_labels();
  Result<> meet_earlier();
  void report(FaultKind kind, std::uint64_t index, std::string message);

  const VisitEntry& visit_;
  std::vector<merkle::Root> earlier_;  // ascending by size
  std::size_t met_ = 0;                // of earlier_
  merkle::Edge edge_;
  Minute newest_ = 0;
  std::vector<UsedLabel> labels_;
  LogReading reading_;
};

void Pass::report(FaultKind kind, std::uint64_t index, std::string message) {
  ++reading_.fault_count;
  if (reading_.faults.size() >= kFaultsMax) return;
  reading_.faults.push_back({.kind = kind, .index = index, .message = std::move(message)});
}

void Pass::look_at_minute(Minute minute, std::uint64_t index) {
  if (std::uint64_t{minute} + kMinutesBackMax < newest_) {
    report(FaultKind::minute_went_back, index, "the minute is more than 2 before an earlier one");
  }
  newest_ = std::max(newest_, minute);
}

void Pass::count(const Entry& entry, std::uint64_t index) {
  look_at_minute(minute_of(entry), index);
  if (const auto* const user = std::get_if<UserEntry>(&entry)) {
    ++reading_.user_entries;
    labels_.push_back({.label = user->label, .index = index});
    return;
  }
  ++reading_.organisation_entries;
  if (auto body = check_body(std::get<OrganisationEntry>(entry)); !body) {
    report(FaultKind::malformed, index, body.error().message);
  }
}

std::optional<Entry> Pass::read(ByteView bytes, std::uint64_t index) {
  const std::optional<EventType> type =
      bytes.size() < 2 ? std::nullopt : event_type_from_byte(bytes[1]);
  if (bytes.size() >= 2) {
    ++reading_.by_type[bytes[1]];
    if (!type || !is_written(*type)) ++reading_.unknown[bytes[1]];
  }
  if ((type == EventType::log_config) != (index == 0)) {
    report(FaultKind::no_log_config, index, "entry 0 alone is a log_config");
  }
  auto entry = parse_entry(bytes);
  if (entry) {
    count(*entry, index);
    return std::move(*entry);
  }
  if (type || bytes.size() < 2) report(FaultKind::malformed, index, entry.error().message);
  return std::nullopt;
}

Result<> Pass::meet_earlier() {
  while (met_ < earlier_.size() && earlier_[met_].leaves <= edge_.leaves()) {
    const merkle::Root& root = earlier_[met_++];
    if (root.leaves == edge_.leaves() && root != edge_.root()) {
      return fail(Code::forged, "the log of " + std::to_string(root.leaves)
                                    + " entries seen earlier is not a beginning of this one");
    }
  }
  return {};
}

Result<> Pass::take(ByteView bytes) {
  const std::uint64_t index = edge_.leaves();
  edge_.append(merkle::hash_leaf(bytes));
  if (auto met = meet_earlier(); !met) return carry(met);
  const ReadEntry read_entry{.index = index, .bytes = bytes, .entry = read(bytes, index)};
  return visit_ ? visit_(read_entry) : Result<>{};
}

void Pass::look_at_labels() {
  std::ranges::sort(labels_);
  for (std::size_t i = 1; i < labels_.size(); ++i) {
    if (labels_[i].label != labels_[i - 1].label) continue;
    report(FaultKind::label_repeated, labels_[i].index,
           "its label was used at " + std::to_string(labels_[i - 1].index));
  }
}

LogReading Pass::finish() {
  look_at_labels();
  std::ranges::sort(reading_.faults, {},
                    [](const Fault& fault) { return std::pair(fault.index, fault.kind); });
  reading_.root = edge_.root();
  return std::move(reading_);
}

// A server may have dropped a partial resource once the full one exists (C2SP tlog-tiles), so the
// full one is asked for next; `parse` then takes as much of it as is needed.
template <class Parse>
auto fetch_wide_enough(const Fetch& fetch, TileName name, const Parse& parse)
    -> decltype(parse(Bytes{}, name.width)) {
  auto bytes = fetch(path_of(name));
  if (!bytes && bytes.error().code == Code::not_found && name.width < kTileWidth) {
    name.width = kTileWidth;
    bytes = fetch(path_of(name));
  }
  if (!bytes) return carry(bytes, "fetching " + path_of(name));
  auto parsed = parse(std::move(*bytes), name.width);
  if (!parsed) return carry(parsed, "reading " + path_of(name));
  return parsed;
}

Result<> take_bundle(const Fetch& fetch, std::uint64_t index, std::uint64_t size, Pass& pass) {
  const unsigned width = width_at(0, index, size);
  const auto take = [&](const Bytes& bytes, unsigned fetched) -> Result<> {
    const auto entries = parse_bundle(bytes, fetched);
    if (!entries) return carry(entries);
    for (const ByteView entry : std::span(*entries).first(width)) {
      if (auto taken = pass.take(entry); !taken) return carry(taken);
    }
    return {};
  };
  return fetch_wide_enough(fetch, {.level = {}, .index = index, .width = width}, take);
}

}  // namespace

std::string_view name_of(FaultKind kind) {
  switch (kind) {
    case FaultKind::malformed: return "malformed";
    case FaultKind::label_repeated: return "label_repeated";
    case FaultKind::minute_went_back: return "minute_went_back";
    case FaultKind::no_log_config: return "no_log_config";
  }
  return {};
}

Result<note::VerifiedCheckpoint> fetch_checkpoint(const Fetch& fetch,
                                                  const note::VerifierKey& key) {
  const auto bytes = fetch("checkpoint");
  if (!bytes) return carry(bytes, "fetching the checkpoint");
  auto checkpoint = note::open_checkpoint(as_text(*bytes), key);
  if (!checkpoint) return carry(checkpoint, "reading the checkpoint");
  return checkpoint;
}

Result<LogReading> read_log(const Fetch& fetch, const note::VerifiedCheckpoint& checkpoint,
                            const VisitEntry& visit, std::span<const merkle::Root> earlier) {
  const merkle::Root& signed_root = checkpoint.root();
  for (const merkle::Root& root : earlier) {
    if (root.leaves > signed_root.leaves) return fail(Code::stale, "a larger log was seen before");
  }
  Pass pass(visit, earlier);
  for (std::uint64_t index = 0; width_at(0, index, signed_root.leaves) > 0; ++index) {
    if (auto taken = take_bundle(fetch, index, signed_root.leaves, pass); !taken) {
      return carry(taken);
    }
  }
  if (pass.root() != signed_root) {
    return fail(Code::forged, "the entries do not have the root that was signed");
  }
  return pass.finish();
}

Result<> check_growth(const Fetch& fetch, const merkle::Root& older, const merkle::Root& newer) {
  if (older.leaves > newer.leaves) return fail(Code::stale, "a larger log was seen before");
  TileHashes tiles([&](unsigned level, std::uint64_t index) -> Result<std::vector<merkle::Hash>> {
    const unsigned width = width_at(level, index, newer.leaves);
    if (width == 0) return fail(Code::not_found, "the log has no such tile");
    const auto narrow = [width](const Bytes& bytes, unsigned fetched) {
      auto hashes = parse_tile(bytes, fetched);
      if (hashes) hashes->resize(width);
      return hashes;
    };
    return fetch_wide_enough(fetch, {.level = level, .index = index, .width = width}, narrow);
  });
  const auto proof = merkle::prove_consistency(older.leaves, newer.leaves, tiles.reader());
  if (!proof) return carry(proof, "proving growth");
  return merkle::verify_consistency(older, newer, *proof);
}

}  // namespace amanat::tlog
