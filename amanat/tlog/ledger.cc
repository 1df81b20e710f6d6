#include "amanat/tlog/ledger.h"

#include <algorithm>
#include <utility>

namespace amanat::tlog {
namespace {

std::unexpected<Error> corrupt(std::string what) { return fail(Code::corrupt, std::move(what)); }

Result<std::vector<merkle::Hash>> stored_tile(LedgerStorage& storage, unsigned level,
                                              std::uint64_t index) {
  const auto row = storage.read_tile(level, index);
  if (!row) return carry(row);
  if (!*row) return corrupt("a tile of the log is missing");
  auto hashes = parse_tile(**row, static_cast<unsigned>((*row)->size() / merkle::Hash::kSize));
  if (!hashes) return corrupt("a tile of the log is damaged");
  return hashes;
}

// The root of 2^row hashes of `tile`, the first of which is number `first` of its level.
Result<merkle::Hash> subtree_in(std::span<const merkle::Hash> tile, std::uint64_t first,
                                unsigned row) {
  const std::size_t place = first % kTileWidth;
  const std::size_t count = std::size_t{1} << row;
  if (place + count > tile.size()) return corrupt("the right edge of the log is too short");
  return merkle::root_of(tile.subspan(place, count));
}

Result<> check_batch(std::span<const Bytes> entries) {
  if (entries.empty() || entries.size() > kBatchEntriesMax) {
    return fail(Code::invalid_input, "a batch has 1 to 65536 entries");
  }
  const bool fit = std::ranges::all_of(
      entries, [](const Bytes& entry) { return !entry.empty() && entry.size() <= kEntryBytesMax; });
  if (!fit) return fail(Code::invalid_input, "an entry has 1 to 1024 bytes");
  return {};
}

bool belongs(const crypto::SigningSeed& seed, const note::VerifierKey& key) {
  const crypto::Signer signer(seed.duplicate());
  return std::ranges::equal(signer.public_key().bytes(), key.public_key);
}

}  // namespace

Ledger::Ledger(LedgerStorage& storage, note::VerifierKey key)
    : storage_(&storage),
      key_(std::move(key)),
      tiles_([from = &storage](unsigned level, std::uint64_t index) {
        return stored_tile(*from, level, index);
      }) {}

Result<Ledger> Ledger::open(LedgerStorage& storage, note::VerifierKey key) {
  Ledger ledger(storage, std::move(key));
  if (auto done = ledger.follow_storage(); !done) return carry(done, "opening the log");
  return ledger;
}

Result<> Ledger::follow_storage() {
  const auto stored = storage_->read_head();
  if (!stored) return carry(stored, "reading the log's head");
  const LedgerHead head = stored->value_or(LedgerHead{});
  if (fresh_ && head == head_) return {};
  fresh_ = false;
  tiles_.forget();
  if (auto done = reload(head); !done) return carry(done);
  head_ = head;
  fresh_ = true;
  return {};
}

Result<> Ledger::reload(const LedgerHead& head) {
  for (unsigned level = 0; level < kTileLevels; ++level) {
    edge_[level].clear();
    changed_[level] = false;
    const std::uint64_t hashes = hashes_at(level, head.size);
    const std::size_t width = hashes % kTileWidth;
    if (width == 0) continue;
    auto tile = stored_tile(*storage_, level, hashes / kTileWidth);
    if (!tile) return carry(tile);
    if (tile->size() != width) return corrupt("a tile of the log does not fit its size");
    edge_[level] = std::move(*tile);
  }
  if (head.size == 0) {
    if (!head.checkpoint.empty()) return corrupt("an empty log has a checkpoint");
    root_ = {.leaves = 0, .hash = merkle::empty_root()};
    return {};
  }
  const auto signed_head = note::open_checkpoint(head.checkpoint, key_);
  if (!signed_head) return corrupt("the checkpoint: " + signed_head.error().message);
  const auto root = edge_root(head.size);
  if (!root) return carry(root);
  if (*root != signed_head->root()) return corrupt("the tiles do not have the signed root");
  head_ = head;
  root_ = *root;
  return check_last_entry();
}

Result<> Ledger::check_last_entry() {
  const std::uint64_t last = head_.size - 1;
  const auto bytes = storage_->read_entries(last, 1);
  if (!bytes) return corrupt("the last entry: " + bytes.error().message);
  const auto leaf = tiles_.read(0, last);
  if (!leaf) return carry(leaf);
  if (merkle::hash_leaf(bytes->front()) != *leaf) {
    return corrupt("the last entry is not the last leaf");
  }
  return {};
}

Result<merkle::Root> Ledger::edge_root(std::uint64_t size) const {
  const auto from_edge = [this](unsigned level, std::uint64_t index) {
    const unsigned row = level % kTileHeight;
    return subtree_in(edge_.at(level / kTileHeight), index << row, row);
  };
  const auto hash = merkle::read_root(size, from_edge);
  if (!hash) return carry(hash);
  return merkle::Root{.leaves = size, .hash = *hash};
}

Result<> Ledger::push(unsigned level, const merkle::Hash& hash) {
  for (merkle::Hash next = hash;; ++level) {
    std::vector<merkle::Hash>& tile = edge_.at(level);
    tile.push_back(next);
    changed_.at(level) = true;
    if (tile.size() < kTileWidth) return {};
    // Full: the tile is written for the last time, and its root goes one level up.
    const std::uint64_t index = hashes_at(level, head_.size) / kTileWidth - 1;
    if (auto done = storage_->write_tile(level, index, encode_tile(tile)); !done) {
      return carry(done, "writing a tile");
    }
    next = merkle::root_of(tile);
    tile.clear();
    changed_.at(level) = false;
  }
}

Result<> Ledger::write_edge() {
  for (unsigned level = 0; level < kTileLevels; ++level) {
    if (!std::exchange(changed_.at(level), false)) continue;
    const std::uint64_t index = hashes_at(level, head_.size) / kTileWidth;
    if (auto done = storage_->write_tile(level, index, encode_tile(edge_.at(level))); !done) {
      return carry(done, "writing a tile");
    }
  }
  return {};
}

Result<> Ledger::append_entries(std::span<const Bytes> entries) {
  for (const Bytes& entry : entries) {
    if (auto done = storage_->write_entry(head_.size, entry); !done) {
      return carry(done, "writing an entry");
    }
    ++head_.size;
    if (auto done = push(0, merkle::hash_leaf(entry)); !done) return carry(done);
  }
  return write_edge();
}

Result<Appended> Ledger::append(std::span<const Bytes> entries, const crypto::SigningSeed& seed) {
  if (auto fits = check_batch(entries); !fits) return carry(fits);
  if (!belongs(seed, key_)) return fail(Code::invalid_input, "the seed is not the log key's");
  if (auto done = follow_storage(); !done) return carry(done);

  // Until the head is written, memory is ahead of storage: a failure leaves it to be read again.
  fresh_ = false;
  const std::uint64_t first = head_.size;
  if (auto done = append_entries(entries); !done) return carry(done, "appending to the log");
  const auto root = edge_root(head_.size);
  if (!root) return carry(root);
  const std::string body = note::to_text(note::Checkpoint{.origin = key_.name, .root = *root});
  head_.checkpoint = note::to_text(
      note::SignedNote{.text = body, .signatures = {note::sign(body, key_.name, seed.expose())}});
  if (auto done = storage_->write_head(head_); !done) return carry(done, "writing the head");
  tiles_.forget_growing();
  root_ = *root;
  fresh_ = true;
  return Appended{.first = first, .checkpoint = head_.checkpoint};
}

Result<std::uint64_t> Ledger::size() {
  if (auto done = follow_storage(); !done) return carry(done);
  return head_.size;
}

Result<std::string> Ledger::checkpoint() {
  if (auto done = follow_storage(); !done) return carry(done);
  if (head_.size == 0) return fail(Code::not_found, "the log is empty");
  return head_.checkpoint;
}

Result<Bytes> Ledger::entry(std::uint64_t index) {
  if (auto done = follow_storage(); !done) return carry(done);
  if (index >= head_.size) return fail(Code::not_found, "the log has no such entry");
  auto entries = storage_->read_entries(index, 1);
  if (!entries) return carry(entries, "reading an entry");
  return std::move(entries->front());
}

// Proofs are verified before they leave, so that a damaged tile is found here and not by a phone.
Result<merkle::Proof> Ledger::prove_inclusion(std::uint64_t index) {
  if (auto done = follow_storage(); !done) return carry(done);
  if (index >= root_.leaves) return fail(Code::not_found, "the log has no such entry");
  auto proof = merkle::prove_inclusion(index, root_.leaves, tiles_.reader());
  if (!proof) return carry(proof, "proving an entry");
  const auto leaf = tiles_.read(0, index);
  if (!leaf) return carry(leaf);
  if (!merkle::verify_inclusion(*leaf, index, *proof, root_)) {
    return corrupt("the tiles prove another root");
  }
  return proof;
}

Result<merkle::Proof> Ledger::prove_consistency(std::uint64_t old_size) {
  if (auto done = follow_storage(); !done) return carry(done);
  if (old_size > root_.leaves) return fail(Code::not_found, "the log is smaller than that");
  auto proof = merkle::prove_consistency(old_size, root_.leaves, tiles_.reader());
  if (!proof) return carry(proof, "proving growth");
  return proof;
}

Result<Bytes> Ledger::serve(std::string_view path) {
  if (path == "checkpoint") {
    const auto head = checkpoint();
    if (!head) return carry(head);
    return Bytes(head->begin(), head->end());
  }
  const auto name = parse_tile_path(path);
  if (!name) return carry(name);
  if (auto done = follow_storage(); !done) return carry(done);
  if (name->width > width_at(name->level.value_or(0), name->index, head_.size)) {
    return fail(Code::not_found, "the log has not grown so far");
  }
  if (!name->level) {
    const auto entries = storage_->read_entries(name->index * kTileWidth, name->width);
    if (!entries) return carry(entries, "reading a bundle");
    return encode_bundle(*entries);
  }
  const auto hashes = stored_tile(*storage_, *name->level, name->index);
  if (!hashes) return carry(hashes);
  if (hashes->size() < name->width) return corrupt("a tile of the log is too narrow");
  return encode_tile(std::span(*hashes).first(name->width));
}

}  // namespace amanat::tlog
