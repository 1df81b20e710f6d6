#include "amanat/unpack/walk.h"

#include <algorithm>
#include <new>
#include <utility>

#include "amanat/bytes/find.h"
#include "amanat/unpack/little.h"

namespace amanat::unpack {

namespace {
constexpr std::size_t kFirstBytes = 4096;
}  // namespace

std::optional<std::size_t> find(ByteView bytes, std::string_view magic, std::size_t at) {
  return find_bytes(bytes, as_bytes(magic), at);
}

Output::~Output() { budget_.give_back(memory_.size()); }

void Output::begin(std::uint64_t packed_size) {
  size_ = 0;
  // What is held already is room for the next object, not a debt of it.
  budget_.give_back(memory_.size());
  allowance_ = budget_.allowance(packed_size);
  budget_.hold(memory_.size());
}

void Output::grow(std::size_t capacity) {
  const std::size_t wanted = std::min<std::uint64_t>(
      std::max({capacity, memory_.size() + memory_.size() / 2, kFirstBytes}),
      std::max<std::uint64_t>(allowance_.bytes, capacity));
  budget_.give_back(memory_.size());
  memory_.grow(wanted);
  budget_.hold(wanted);
}

bool Output::add(ByteView bytes) {
  const std::size_t count = std::min(bytes.size(), room());
  if (count > 0) {
    if (size_ + count > memory_.size()) grow(size_ + count);
    std::memcpy(memory_.data() + size_, bytes.data(), count);
    size_ += count;
  }
  if (count < bytes.size()) note_limit();
  return count == bytes.size();
}

bool Output::copy(std::size_t distance, std::size_t count) {
  if (distance == 0 || distance > size_) return false;
  const std::size_t fits = std::min(count, room());
  if (size_ + fits > memory_.size()) grow(size_ + fits);
  for (std::size_t i = 0; i < fits; ++i, ++size_)
    memory_.data()[size_] = memory_.data()[size_ - distance];
  if (fits < count) note_limit();
  return fits == count;
}

bool Output::add_zeros(std::uint64_t count) {
  const std::size_t fits = std::min<std::uint64_t>(count, room());
  if (size_ + fits > memory_.size()) grow(size_ + fits);
  if (fits > 0) std::memset(memory_.data() + size_, 0, fits);
  size_ += fits;
  if (fits < count) note_limit();
  return fits == count;
}

ByteSpan Output::reserve(std::size_t count) {
  ensure(count <= room(), "an output keeps its allowance");
  if (size_ + count > memory_.size()) grow(size_ + count);
  return {memory_.data() + size_, count};
}

bool Walk::give(Entry entry, End end, ByteView content) {
  if (outcome.stopped) return false;
  if (!budget.take_entry() || !budget.take_bytes(content.size())) return over_budget();
  if (entry.name.size() > kNameBytesMax) entry.name.resize(kNameBytesMax);
  entry.index = outcome.entries++;
  outcome.note(end);
  if (!on_found({.entry = entry, .end = end, .content = content})) outcome.stopped = true;
  return !outcome.stopped;
}

bool Walk::give(Entry entry, End end, Output& output) {
  return give(std::move(entry), end, output.bytes());
}

}  // namespace amanat::unpack
