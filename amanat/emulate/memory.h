#pragma once

// The memory of a made-up process: 4 GiB of addresses, of which few stand for anything.
//
// What is mapped is a list of regions, each with the bytes it begins with; a page of 4 KiB is made
// when it is first touched. So a large program costs only what its stub reads and writes.
//
// Each page knows, in lines of 64 bytes, what was written and when:
//
//   code     decoded instructions lie here; a write makes them invalid (`version`)
//   fresh    written, and not executed since: what a packer makes before it jumps there
//   written  in which epoch; the unpacker begins a new epoch when the program reaches a new layer
//
// All of it may be written and executed, as if every page were PAGE_EXECUTE_READWRITE: programs
// that count on less are rare. An access to nothing leaves a fault behind; until somebody takes
// it, reads give 0 and writes do nothing, so that an instruction may go on to its end.

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "amanat/bytes/bytes.h"

namespace amanat::emulate {

inline constexpr std::uint32_t kPageBytes = 4096;
inline constexpr std::size_t kRegionsMax = 4096;

enum class Access : std::uint8_t { read, write, execute };

/// An access to memory that is not there.
struct MemoryFault {
  Access access = Access::read;
  std::uint32_t address = 0;
};

struct Page {
  static constexpr unsigned kLineShift = 6;
  static constexpr std::size_t kLines = kPageBytes >> kLineShift;

  std::array<std::uint8_t, kPageBytes> bytes{};
  std::uint64_t code = 0;
  std::uint64_t fresh = 0;
  std::array<std::uint32_t, kLines> version{};
  std::array<std::uint32_t, kLines> written{};  // the epoch, from 1; 0 is never
  bool in_image = false;
  bool is_executed = false;

  static unsigned line_of(std::uint32_t address) { return address % kPageBytes >> kLineShift; }
};

class Memory {
 public:
  /// At most `bytes_max` are made into pages; what needs more faults, and `is_full` says so.
  explicit Memory(std::uint64_t bytes_max) : pages_max_(bytes_max / kPageBytes) {}

  /// Lets `size` bytes from `base` on begin as `content`, which is borrowed, with zeros behind it.
  /// Later regions lie over earlier ones; pages that were touched stay as they are. `in_image`
  /// marks the program that is unpacked. False when there are too many regions, or it would reach
  /// past the last address.
  bool map(std::uint32_t base, std::uint64_t size, ByteView content, bool in_image = false);

  /// `width` is 1, 2 or 4 bytes.
  std::uint32_t read(std::uint32_t address, unsigned width) {
    const std::uint32_t offset = address % kPageBytes;
    const Page* page = page_at(address);
    if (page == nullptr || offset + width > kPageBytes) [[unlikely]] {
      return read_slowly(address, width);
    }
    const std::uint8_t* from = page->bytes.data() + offset;
    if (width == 4) {
      return std::uint32_t{from[0]} | std::uint32_t{from[1]} << 8 | std::uint32_t{from[2]} << 16
             | std::uint32_t{from[3]} << 24;
    }
    return width == 1 ? from[0] : std::uint32_t{from[0]} | std::uint32_t{from[1]} << 8;
  }

  void write(std::uint32_t address, std::uint32_t value, unsigned width) {
    const std::uint32_t offset = address % kPageBytes;
    Page* page = page_at(address);
    const bool in_line = offset % (1U << Page::kLineShift) + width <= 1U << Page::kLineShift;
    if (page == nullptr || !in_line || fault_) [[unlikely]] {
      return write_slowly(address, value, width);
    }
    note_write(*page, Page::line_of(offset), width);
    for (unsigned i = 0; i < width; ++i) {
      page->bytes[offset + i] = static_cast<std::uint8_t>(value >> 8 * i);
    }
  }

  /// The page around an address, made when it is needed; nullptr, and no fault, when nothing is
  /// mapped there. Pages live as long as the memory.
  Page* page_at(std::uint32_t address) {
    const auto& table = directory_[address >> 22];
    Page* page = table ? (*table)[address >> 12 & 1023].get() : nullptr;
    return page != nullptr ? page : make_page(address);
  }

  /// Copies what stands from `address` on, without making pages; what is not mapped reads as 0.
  void copy_out(std::uint32_t address, ByteSpan out) const;
  /// Writes bytes as a system call does: a fault stays behind where they do not fit.
  void store(std::uint32_t address, ByteView bytes);
  /// Text up to a zero of `width` bytes for a character, which are cut to their low byte.
  std::string read_text(std::uint32_t address, unsigned width, std::size_t size_max);

  bool has_fault() const { return fault_.has_value(); }
  std::optional<MemoryFault> take_fault();
  void raise(Access access, std::uint32_t address);
  bool is_full() const { return is_full_; }

  std::uint32_t epoch() const { return epoch_; }
  void begin_epoch() { ++epoch_; }
  /// Takes what stands there as what was there from the beginning.
  void forget_writes();
  /// How many bytes of the program's image were written, each time counted.
  std::uint64_t image_bytes_written() const { return written_[1]; }
  /// How many different lines of it were.
  std::uint64_t image_lines_written() const;

 private:
  struct Region {
    std::uint32_t base = 0;
    std::uint64_t size = 0;
    ByteView content;
    bool in_image = false;
  };
  using Table = std::array<std::unique_ptr<Page>, 1024>;

  Page* make_page(std::uint32_t address);
  bool fill(std::uint32_t page_address, ByteSpan out, bool& in_image) const;
  std::uint32_t read_slowly(std::uint32_t address, unsigned width);
  void write_slowly(std::uint32_t address, std::uint32_t value, unsigned width);

  void note_write(Page& page, unsigned line, unsigned width) {
    const std::uint64_t bit = std::uint64_t{1} << line;
    if ((page.code & bit) != 0) [[unlikely]]
      forget_code(page, line);
    page.fresh |= bit;
    page.written[line] = epoch_;
    written_[page.in_image ? 1 : 0] += width;
  }
  static void forget_code(Page& page, unsigned line);

  std::array<std::unique_ptr<Table>, 1024> directory_;
  std::vector<Region> regions_;
  std::uint64_t pages_ = 0;
  std::uint64_t pages_max_;
  std::optional<MemoryFault> fault_;
  bool is_full_ = false;
  std::uint32_t epoch_ = 1;
  std::array<std::uint64_t, 2> written_{};
};

}  // namespace amanat::emulate
