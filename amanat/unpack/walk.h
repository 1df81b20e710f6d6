#pragma once

// What every unpacker works with: the budget, the one who listens, and what became of it all.

#include <cstring>
#include <limits>
#include <string_view>

#include "amanat/bytes/bytes.h"
#include "amanat/unpack/memory.h"
#include "amanat/unpack/unpack.h"

namespace amanat::unpack {

/// An inner object as it comes out, never larger than its budget. Memory is kept between objects,
/// so that a thousand small ones cost one allocation.
class Output {
 public:
  explicit Output(Budget& budget) : budget_(budget) {}
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;
  ~Output();

  /// Empties it for the next object, which is made of `packed_size` bytes.
  void begin(std::uint64_t packed_size);

  /// How many bytes still fit.
  std::size_t room() const { return allowance_.bytes - size_; }

  /// Adds bytes as far as they fit; false when they did not, which is noted in the budget.
  bool add(ByteView bytes);
  bool add(std::uint8_t byte) {
    if (size_ < memory_.size() && size_ < allowance_.bytes) {
      memory_.data()[size_++] = byte;
      return true;
    }
    return add(ByteView(&byte, 1));
  }
  /// Adds `count` bytes seen `distance` bytes ago, which may overlap what they become (LZ77);
  /// false when that is before the beginning or they do not fit.
  bool copy(std::size_t distance, std::size_t count);
  bool add_zeros(std::uint64_t count);

  /// Uninitialised room for `count` bytes behind what is there, count <= room(); `commit` says how
  /// many of them were filled.
  ByteSpan reserve(std::size_t count);
  void commit(std::size_t count) { size_ += count; }

  /// Notes in the budget which limit stands in the way.
  void note_limit() { budget_.reach(allowance_.limit); }
  void cut(std::size_t size) { size_ = size < size_ ? size : size_; }
  ByteView bytes() const { return {memory_.data(), size_}; }
  std::size_t size() const { return size_; }
  Budget& budget() { return budget_; }

 private:
  void grow(std::size_t capacity);

  Budget& budget_;
  Allowance allowance_;
  Memory memory_;
  std::size_t size_ = 0;
};

/// One call of `unpack`.
struct Walk {
  Budget& budget;
  const OnFound& on_found;
  Outcome& outcome;

  /// Whether to go on: nobody said stop, and there is time.
  bool goes_on() { return !outcome.stopped && (budget.has_time() || over_budget()); }
  /// Hands one thing over, its end noted; false when the walk ends here. What is over the budget of
  /// entries or bytes is not handed over; views count too, for whoever listens reads them.
  bool give(Entry entry, End end, ByteView content);
  /// Hands over what `output` holds.
  bool give(Entry entry, End end, Output& output);

 private:
  bool over_budget() {
    outcome.note(End::over_budget);
    return false;
  }
};

}  // namespace amanat::unpack
