#pragma once

// A file as recognition sees it: its size, its first bytes, and a bounded way to the rest, so that
// a film of some gigabytes is told from another file by reading a few kilobytes of it.

#include <cstdint>
#include <functional>
#include <optional>

#include "amanat/bytes/bytes.h"
#include "amanat/error/error.h"

namespace amanat::phone {

inline constexpr std::size_t kHeadBytesMax = 256 * 1024;

/// Fills `target` with the bytes at `offset`; fails when the file is shorter or unreadable.
using ReadAt = std::function<Result<>(std::uint64_t offset, ByteSpan target)>;

/// Borrows: what it points to lives as long as the sample.
struct Sample {
  std::uint64_t size = 0;
  ByteView head;   // the first bytes, at most kHeadBytesMax, all of a smaller file
  ReadAt read_at;  // the rest; empty when the head is all there is to see
  const Sample* write_ahead_log = nullptr;  // of a SQLite database: its -wal, if it has one
};

/// A sample of bytes in memory; borrows them.
Sample sample_of(ByteView bytes);

/// What all parts of one recognition may read together. Whatever a file claims, recognition ends
/// when this is spent.
struct ReadBudget {
  std::uint64_t bytes = std::uint64_t{32} << 20;    // read beyond the head
  std::uint64_t copied = std::uint64_t{256} << 20;  // handed to parsers, from the head too
  std::uint64_t reads = 400'000;                    // of any kind
};

/// The door through which every parser reads a sample: never past the end, never past the budget.
class Window {
 public:
  static constexpr std::size_t kBlockBytes = 16 * 1024;

  /// Borrows both. Reads beyond the head come in blocks, since parsers take a few bytes at a time;
  /// one that jumps far after each few bytes asks for small blocks.
  Window(const Sample& sample, ReadBudget& budget, std::size_t block_bytes = kBlockBytes)
      : sample_(sample), budget_(budget), block_bytes_(block_bytes) {}

  std::uint64_t size() const { return sample_.size; }
  ByteView head() const { return sample_.head; }
  const Sample& sample() const { return sample_; }
  ReadBudget& budget() { return budget_; }

  /// Fills `target` from `offset`; false when that is not all there, or the budget is spent.
  bool read(std::uint64_t offset, ByteSpan target);

  /// Exactly `count` bytes at `offset`, or none.
  std::optional<Bytes> read(std::uint64_t offset, std::size_t count);

  /// As many of the first `count` bytes as can be read.
  Bytes prefix(std::size_t count);

  /// A number of 1 to 8 bytes at `offset`, most or least significant byte first.
  std::optional<std::uint64_t> big(std::uint64_t offset, unsigned width);
  std::optional<std::uint64_t> little(std::uint64_t offset, unsigned width);

  /// Whether the bytes at `offset` are these.
  bool has(std::uint64_t offset, std::string_view text);

  /// Whether `text` is anywhere in the first `count` bytes.
  bool mentions(std::string_view text, std::uint64_t count);

 private:
  bool read_block(std::uint64_t offset, ByteSpan target);

  const Sample& sample_;
  ReadBudget& budget_;
  std::size_t block_bytes_;
  Bytes block_;  // the last small piece read beyond the head
  std::uint64_t block_offset_ = 0;
};

}  // namespace amanat::phone
