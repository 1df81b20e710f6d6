// Goes once through a database, as it was opened, and notes what it looks for. Whatever stands in
// the file, the work is bounded: what shares its parts more often than any real database does is
// not described, and all files are looked at again.

#include <algorithm>
#include <limits>
#include <utility>

#include "amanat/threat/database.h"
#include "amanat/threat/inventory.h"
#include "amanat/threat/members.h"

namespace amanat::threat {
namespace {

constexpr std::uint64_t kWorkFree = std::uint64_t{64} << 20U;
constexpr std::uint64_t kWorkPerByte = 16;

}  // namespace

class InventoryTaker {
 public:
  explicit InventoryTaker(const Database::Tables& tables)
      : tables_(tables), left_(kWorkFree + kWorkPerByte * tables.image.size()) {}

  Inventory take() && {
    for (std::size_t role = 0; role < kHashedCount; ++role) {
      for (const crypto::DigestKind kind : kDigestKinds) {
        take_hashes(static_cast<Hashed>(role), kind);
      }
    }
    for (const SignatureRow& row : tables_.signatures) take_signature(row);
    for (std::size_t target = 0; target < tables_.macros.size(); ++target) take_macros(target);
    for (const MemberRow& row : tables_.members) take_member(row);
    std::ranges::sort(inventory_.any_size_);
    inventory_.any_size_.erase(std::ranges::unique(inventory_.any_size_).begin(),
                               inventory_.any_size_.end());
    std::ranges::sort(inventory_.entries_);
    inventory_.entries_.erase(std::ranges::unique(inventory_.entries_).begin(),
                              inventory_.entries_.end());
    return std::move(inventory_);
  }

 private:
  void take_hashes(Hashed role, crypto::DigestKind kind) {
    const KnownHashes& hashes = tables_.hashes_of(role, kind);
    const std::span<const std::uint32_t> sizes = hashes.sizes();
    const auto table = static_cast<std::uint8_t>(
        static_cast<std::size_t>(role) * kDigestKinds.size() + number_of(kind));
    std::vector<std::uint64_t> sums(sizes.size());
    for (std::size_t i = 0; i < hashes.count(); ++i) {
      const auto place = std::ranges::lower_bound(sizes, hashes.size_at(i));
      if (place == sizes.end() || *place != hashes.size_at(i)) {
        inventory_.is_unsure_ = true;
        return;
      }
      const std::uint64_t first = first_eight(hashes.digest_at(i));
      sums[static_cast<std::size_t>(place - sizes.begin())] += first;
      const bool is_any_size = role == Hashed::object && kind == crypto::DigestKind::sha256;
      if (is_any_size && hashes.size_at(i) == 0) inventory_.any_size_.push_back(first);
    }
    for (std::size_t i = 0; i < sizes.size(); ++i) {
      // A table that is out of order hides some sizes from those who ask.
      if (i > 0 && sizes[i - 1] >= sizes[i]) inventory_.is_unsure_ = true;
      inventory_.buckets_.push_back({table, sizes[i], sums[i]});
    }
  }

  void take_signature(const SignatureRow& row) {
    const std::size_t first =
        std::min<std::size_t>(row.first_subsignature, tables_.subsignatures.size());
    const std::size_t count =
        std::min<std::size_t>(row.subsignature_count, tables_.subsignatures.size() - first);
    add_number('s');
    add_number(row.target);
    Scope scope{.target = row.target};
    if (row.conditions < tables_.conditions.size()) {
      add_conditions(tables_.conditions[row.conditions], scope);
    }
    add_number(row.expression == kNone ? 0 : 1);
    if (row.expression != kNone) add_block(tables_.code.at(row.expression));
    add_number(count);
    for (const SubsignatureRow& part : tables_.subsignatures.subspan(first, count)) {
      add_subsignature(part);
    }
    finish(Inventory::Kind::body, scope);
  }

  void add_conditions(const ConditionsRow& row, Scope& scope) {
    for (const auto& range : {row.file_size, row.entry_point, row.sections}) {
      for (const std::uint32_t limit : range) add_number(limit);
    }
    add_number(row.asked);
    add_number(row.container);
    add_number(row.intermediates_count);
    for (const std::uint8_t type : row.intermediates) add_number(type);
    scope.asks_size = (row.asked & kAsksFileSize) != 0;
    if (scope.asks_size) scope.size = row.file_size;
    if ((row.asked & kAsksContainer) != 0) scope.container = row.container;
  }

  void add_subsignature(const SubsignatureRow& row) {
    add_number(static_cast<std::uint64_t>(row.kind()));
    if (row.offset() < tables_.offsets.size()) {
      const OffsetRow& offset = tables_.offsets[row.offset()];
      for (const std::uint32_t part :
           {offset.from, offset.distance, offset.section, offset.shift}) {
        add_number(part);
      }
    }
    switch (row.kind()) {
      case SubsignatureKind::body:
        for (const std::uint32_t pattern : {row.a, row.b}) {
          add_number(pattern == kNone ? 0 : 1);
          if (pattern != kNone) add_block(tables_.patterns.at(pattern));
        }
        break;
      case SubsignatureKind::macro:
        add_number(row.a);
        add_number(row.b);
        break;
      default: add_block(tables_.code.at(row.a));
    }
  }

  // A group belongs to the signatures of its target.
  void take_macros(std::size_t target) {
    for (const MacroRow& row : tables_.macros.at(target)) {
      add_number('m');
      add_number(target);
      add_number(row.group);
      add_block(tables_.patterns.at(row.pattern));
      finish(Inventory::Kind::macro, {.target = static_cast<std::uint8_t>(target)});
    }
  }

  void take_member(const MemberRow& row) {
    const ByteView code = tables_.code.at(row.code);
    add_number('c');
    add_block(code);
    finish(Inventory::Kind::member, scope_of_member(code));
  }

  void add_number(std::uint64_t value) { text_.number(value); }
  void add_block(ByteView bytes) {
    if (spend(bytes.size())) text_.block(bytes);
  }
  bool spend(std::uint64_t bytes) {
    if (bytes > left_) inventory_.is_unsure_ = true;
    left_ -= std::min(left_, bytes);
    return !inventory_.is_unsure_;
  }

  void finish(Inventory::Kind kind, const Scope& scope) {
    const Bytes text = std::move(text_).take();
    text_ = {};
    if (!spend(text.size())) return;
    digest_.update(text);
    Inventory::Entry entry{.identity = {}, .kind = kind, .scope = scope};
    const crypto::Hash hash = digest_.finish_sha256();
    std::ranges::copy(hash.bytes().first(entry.identity.size()), entry.identity.begin());
    inventory_.entries_.push_back(entry);
  }

  const Database::Tables& tables_;
  std::uint64_t left_;  // bytes that may still be read
  CodeWriter text_;     // of the signature in hand: what its name is taken of
  crypto::Digest digest_;
  Inventory inventory_;
};

Inventory Inventory::of(const Database& database) {
  return InventoryTaker(database.tables()).take();
}

}  // namespace amanat::threat
