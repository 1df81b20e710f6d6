#include <algorithm>
#include <array>
#include <span>

#include "amanat/match/layout.h"

namespace amanat::match {
namespace {

bool equals_folded(const std::uint8_t* text, const std::uint8_t* lower, std::size_t size) {
  std::uint8_t difference = 0;
  for (std::size_t i = 0; i < size; ++i) {
    difference = static_cast<std::uint8_t>(difference | (fold(text[i]) ^ lower[i]));
  }
  return difference == 0;
}

Gram fold_gram(Gram gram, std::uint32_t gram_bytes) {
  std::array<std::uint8_t, 8> bytes;
  std::memcpy(bytes.data(), &gram, 8);
  for (std::uint8_t& byte : bytes) byte = fold(byte);
  return gram_at(bytes.data(), gram_bytes);
}

/// One search: a text, where hits may start, and who hears of them.
class Search {
 public:
  Search(const Layout& layout, std::uint32_t group, ByteView text, std::uint64_t begin,
         std::uint64_t end, OnHit on_hit)
      : layout_(layout),
        passes_(layout.groups[group].passes.data(), layout.groups[group].pass_count),
        group_(group),
        text_(text),
        begin_(begin),
        end_(end),
        on_hit_(on_hit) {}

  bool run();

 private:
  using Candidates = std::array<std::uint32_t, kBlockBytes + kReadAhead>;

  const std::uint8_t* block_at(const Pass& pass, std::uint64_t start, std::size_t count);
  bool run_pass(const Pass& pass, std::uint64_t start);
  std::uint64_t last_gram(const Pass& pass) const;
  bool look_closer(const Pass& pass, std::uint64_t start, std::size_t found);
  bool look_up(const Pass& pass, std::uint64_t position, std::uint64_t hash) const;
  bool compare(const Pass& pass, std::uint64_t position, Entry entry) const;

  const Layout& layout_;
  std::span<const Pass> passes_;
  std::uint32_t group_;
  ByteView text_;
  std::uint64_t begin_;
  std::uint64_t end_;
  OnHit on_hit_;
  Candidates candidates_;
  std::array<std::uint8_t, kBlockBytes + kReadAhead> copy_;
};

// The block as the screen reads it: where it lies, or a copy when it has to be folded or the text
// ends before the screen does.
const std::uint8_t* Search::block_at(const Pass& pass, std::uint64_t start, std::size_t count) {
  const std::size_t ahead = std::min(count + kReadAhead, copy_.size());
  const std::size_t there = std::min<std::uint64_t>(ahead, text_.size() - start);
  const std::uint8_t* block = text_.data() + start;
  const bool folds = pass.shape.folded && !pass.is_few;  // few literals have both cases
  if (there == ahead && !folds) return block;
  if (folds) {
    for (std::size_t i = 0; i < there; ++i) copy_[i] = fold(block[i]);
  } else {
    std::copy_n(block, there, copy_.begin());
  }
  std::fill(copy_.begin() + static_cast<std::ptrdiff_t>(there),
            copy_.begin() + static_cast<std::ptrdiff_t>(ahead), std::uint8_t{0});
  return copy_.data();
}

// Where the last gram of a literal may lie that starts before the end of the window.
std::uint64_t Search::last_gram(const Pass& pass) const {
  const std::uint32_t gram_bytes = pass.shape.gram_bytes;
  const std::uint64_t reach = pass.longest - gram_bytes;  // of a gram behind its literal's start
  const std::uint64_t last_fit = text_.size() - gram_bytes;
  return end_ - 1 > last_fit - std::min(reach, last_fit) ? last_fit
                                                         : std::min(end_ - 1 + reach, last_fit);
}

// All passes look at a block while it is near. Samples begin with the window: any grid will do,
// since literals are entered for every way they can lie on one.
bool Search::run() {
  if (text_.size() < kLiteralBytesMin || begin_ >= end_) return true;
  for (std::uint64_t start = begin_; start < text_.size(); start += kBlockBytes) {
    bool is_over = true;
    for (const Pass& pass : passes_) {
      if (text_.size() < pass.shape.gram_bytes || start > last_gram(pass)) continue;
      is_over = false;
      if (!run_pass(pass, start)) return false;
    }
    if (is_over) break;
  }
  return true;
}

bool Search::run_pass(const Pass& pass, std::uint64_t start) {
  const std::size_t count = std::min<std::uint64_t>(kBlockBytes, last_gram(pass) - start + 1);
  const std::uint8_t* block = block_at(pass, start, count);
  const ScreenFunction screen = pass.is_few ? layout_.screen_few : layout_.screen;
  const std::size_t found = screen(pass.screen, block, count, candidates_.data());
  return look_closer(pass, start, found);
}

// Candidates that pass the sieve are written over those that were read before them: no branch
// depends on what a foreign gram looks like, so many look-ups are under way at once.
bool Search::look_closer(const Pass& pass, std::uint64_t start, std::size_t found) {
  const std::uint64_t last_fit = text_.size() - pass.shape.gram_bytes;
  const std::uint32_t last =
      static_cast<std::uint32_t>(std::min<std::uint64_t>(last_fit - start, kBlockBytes - 1));
  const auto hash_at = [&](std::uint32_t at) {
    const Gram gram = gram_at(text_.data() + start + at, pass.shape.gram_bytes);
    return hash_of(pass.shape.folded ? fold_gram(gram, pass.shape.gram_bytes) : gram);
  };
  std::size_t kept = 0;
  for (std::size_t i = 0; i < found; ++i) {
    const std::uint32_t at = candidates_[i];
    const std::uint64_t hash = hash_at(std::min(at, last));
    const auto word = value_at<std::uint64_t>(pass.sieve, hash >> pass.sieve_shift);
    candidates_[kept] = at;
    kept += (sieve_mask(hash) & ~word) == 0 && at <= last ? 1 : 0;
  }
  for (std::size_t i = 0; i < kept; ++i) {
    if (!look_up(pass, start + candidates_[i], hash_at(candidates_[i]))) return false;
  }
  return true;
}

bool Search::look_up(const Pass& pass, std::uint64_t position, std::uint64_t hash) const {
  for (const Table& table : pass.tables) {
    if (table.entry_count == 0) continue;
    const std::uint64_t head = hash >> table.shift;
    const auto begin = value_at<std::uint32_t>(table.heads, head);
    const auto end = std::min(value_at<std::uint32_t>(table.heads, head + 1), table.entry_count);
    for (std::uint32_t i = begin; i < end; ++i) {
      if (!compare(pass, position, value_at<Entry>(table.entries, i))) return false;
    }
  }
  return true;
}

// Nothing that an entry or a row says is believed before it is compared with where the table ends.
bool Search::compare(const Pass& pass, std::uint64_t position, Entry entry) const {
  const std::uint32_t offset = entry.ref & kOffsetMask;
  if (offset > position) return true;
  const std::uint64_t start = position - offset;
  if (start < begin_ || start >= end_) return true;
  const std::uint64_t probe = start + (entry.ref >> kOffsetBits & kOffsetMask);
  if (probe + kProbeBytes > text_.size()) return true;
  Gram there = gram_at(text_.data() + probe, kProbeBytes);
  if (pass.shape.folded) there = fold_gram(there, kProbeBytes);
  if (there.low != entry.probe) return true;

  const std::uint32_t literal = literal_of(entry);
  if (literal >= layout_.literals) return true;
  const Row row = value_at<Row>(layout_.rows, literal);
  const Row next = value_at<Row>(layout_.rows, literal + std::uint64_t{1});
  if (row.bytes_begin > next.bytes_begin || next.bytes_begin > layout_.byte_count) return true;
  const std::uint32_t size = next.bytes_begin - row.bytes_begin;
  if (size > text_.size() - start) return true;

  const std::uint8_t* here = text_.data() + start;
  const std::uint8_t* bytes = layout_.bytes + row.bytes_begin;
  const bool equal =
      pass.shape.folded ? equals_folded(here, bytes, size) : std::memcmp(here, bytes, size) == 0;
  if (!equal) return true;
  const std::uint32_t ids_end = std::min(next.ids_begin, layout_.id_count);
  for (std::uint32_t i = row.ids_begin; i < ids_end; ++i) {
    const auto [id, groups] = value_at<Id>(layout_.ids, i);
    if ((groups >> group_ & 1) != 0 && !on_hit_(id, start)) return false;
  }
  return true;
}

}  // namespace

bool LiteralIndex::find(ByteView text, std::uint64_t begin, std::uint64_t end, OnHit on_hit,
                        std::uint32_t group) const {
  if (empty() || text.empty() || group >= layout_->groups.size()) return true;
  end = std::min<std::uint64_t>(end, text.size());
  return Search(*layout_, group, text, begin, end, on_hit).run();
}

}  // namespace amanat::match
