#include "amanat/scan/object_stream.h"

#include <algorithm>

#include "amanat/unpack/zip.h"

namespace amanat::scan {
namespace {

constexpr std::size_t kZerosBytes = 256 << 10;

}  // namespace

ObjectStream::ObjectStream(const Database::Tables& tables, std::uint64_t size)
    : tables_(&tables), size_(size), raw_(tables.raw.set), text_(tables.text.set) {
  for (std::size_t i = 0; i < kDigestKinds.size(); ++i) {
    if (tables.hashes.asks_for(kDigestKinds.at(i), size)
        || tables.allowed.asks_for(kDigestKinds.at(i), size)) {
      digests_.at(i).emplace(kDigestKinds.at(i));
    }
  }
}

void ObjectStream::update(ByteView piece) {
  received_ += piece.size();
  for (auto& digest : digests_) {
    if (digest) digest->update(piece);
  }
  if (begun_) return look(piece);
  const std::uint64_t head_size = std::min<std::uint64_t>(size_, kHeadBytes);
  if (pending_.empty() && piece.size() >= head_size) {
    begin(piece);
    return look(piece);
  }
  append(pending_, piece);
  if (pending_.size() < head_size) return;
  begin(pending_);
  look(pending_);
  pending_.clear();
}

void ObjectStream::update_zeros(std::uint64_t count) {
  const Bytes zeros(std::min<std::uint64_t>(count, kZerosBytes));
  const auto feed = [&](std::uint64_t size, const auto& take) {
    for (std::uint64_t left = size; left > 0;) {
      const ByteView piece = ByteView(zeros).first(std::min<std::uint64_t>(left, zeros.size()));
      take(piece);
      left -= piece.size();
    }
  };
  const auto look_at = [&](std::uint64_t size) {
    feed(size, [&](ByteView piece) { update(piece); });
  };
  if (count <= 2 * kZerosBytes) return look_at(count);
  look_at(kZerosBytes);
  const bool is_text = target_ == Target::ascii && tables_->text.set.size() > 0;
  if (!begun_ || is_text || tables_->raw.set.longest() > kZerosBytes) {
    return look_at(count - kZerosBytes);
  }
  const std::uint64_t between = count - 2 * kZerosBytes;
  received_ += between;
  raw_.skip_zeros(between);
  for (auto& digest : digests_) {
    if (digest) feed(between, [&](ByteView piece) { digest->update(piece); });
  }
  look_at(kZerosBytes);
}

void ObjectStream::begin(ByteView head) {
  begun_ = true;
  starts_as_zip_ = unpack::starts_like_zip(head);
  target_ = unpack::target_of(head);
}

// After the first match only the digests matter: they decide whether the object is allowed.
void ObjectStream::look(ByteView piece) {
  const auto search = [&](const RuledPatterns& patterns, PatternStream& stream, ByteView text) {
    stream.feed(text, [&](std::size_t pattern, std::uint64_t position) {
      const PatternRule& rule = patterns.rules[pattern];
      if (rule.admits(target_, position, size_)) found_ = rule.signature;
      return !found_;
    });
  };
  if (!found_) search(tables_->raw, raw_, piece);
  if (!found_ && target_ == Target::ascii && tables_->text.set.size() > 0) {
    search(tables_->text, text_, normaliser_.feed(piece));
  }
}

Finding ObjectStream::finish() {
  if (!begun_ && !pending_.empty()) {
    begin(pending_);
    look(pending_);
  }
  Finding finding;
  finding.size_held = received_ == size_;
  for (std::size_t i = 0; finding.size_held && i < kDigestKinds.size(); ++i) {
    if (!digests_.at(i)) continue;
    const Bytes digest = digests_.at(i)->finish();
    if (tables_->allowed.find(kDigestKinds.at(i), size_, digest)) finding.allowed = true;
    if (finding.signature) continue;
    finding.signature = tables_->hashes.find(kDigestKinds.at(i), size_, digest);
  }
  finding.by_digest = finding.signature.has_value();
  if (!finding.signature) finding.signature = found_;
  return finding;
}

}  // namespace amanat::scan
