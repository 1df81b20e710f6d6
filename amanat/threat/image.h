#pragma once

// The container of a threat database: one file of aligned sections, mapped and used where it lies.
//
//   header     128 bytes: magic "AMTHREAT", u32 format version, u32 engine version, u64 size,
//              u32 number of sections, u32 zero, u8 digest[32], zeros
//   table      one row of 24 bytes per section: u32 name, u32 part, u64 offset, u64 size
//   sections   each begins at a multiple of 64; the gaps are zeros
//
// Numbers are little-endian, as on every machine this runs on. Nothing holds an address, so the
// file may be mapped anywhere and by many processes at once. `digest` is SHA-256 of the whole file
// with those 32 bytes taken as zeros: it names the version of the database.
//
// Opening looks at the header and the table alone. What stands inside a section is checked where it
// is read, because looking at all of it would bring it all into memory.

#include <cstdint>
#include <cstring>
#include <filesystem>
#include <memory>
#include <span>
#include <type_traits>
#include <vector>

#include "amanat/bytes/bytes.h"
#include "amanat/error/error.h"

namespace amanat::threat {

using Version = Id<struct ThreatVersionTag, 32>;

inline constexpr std::uint32_t kFormatVersion = 3;
/// Counts what evaluation can do: a database may ask for no more than the engine that opens it.
inline constexpr std::uint32_t kEngineVersion = 1;
inline constexpr std::size_t kSectionAlignment = 64;
inline constexpr std::size_t kSectionCountMax = 512;
inline constexpr std::uint64_t kImageBytesMax = std::uint64_t{8} << 30U;

/// What a section holds; `part` counts those of one name (a partition, a kind of digest).
struct SectionName {
  std::uint32_t name = 0;
  std::uint32_t part = 0;
  friend bool operator==(const SectionName&, const SectionName&) = default;
};

/// Memory that is read, never written: a mapped file, a copy at an aligned address, or somebody
/// else's that outlives this.
class Mapping {
 public:
  /// `file` is open for reading as long as this lives.
  static Result<Mapping> of_file(int file);
  static Result<Mapping> copy_of(ByteView bytes);
  static Mapping borrow(ByteView bytes) { return {bytes.data(), bytes.size(), Kind::borrowed}; }
  Mapping(Mapping&& other) noexcept;
  Mapping& operator=(Mapping&& other) noexcept;
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;
  ~Mapping();
  ByteView bytes() const { return {data_, size_}; }
  /// Takes the pages of a mapped file out of this process's memory: they come back when they are
  /// read again.
  void let_go(std::size_t begin, std::size_t size) const;
  /// Copies bytes that lie in it; of a file, without bringing the page they are in into memory.
  void read(std::size_t begin, ByteSpan bytes) const;

 private:
  enum class Kind : std::uint8_t { file, copy, borrowed };
  Mapping(const std::uint8_t* data, std::size_t size, Kind kind, int file = -1)
      : data_(data), size_(size), kind_(kind), file_(file) {}
  const std::uint8_t* data_ = nullptr;
  std::size_t size_ = 0;
  Kind kind_ = Kind::borrowed;
  int file_ = -1;
};

/// A section of rows that are asked for here and there, so that most of the pages they lie in would
/// be mapped for a few bytes; a small one may be, for asking the system costs more than looking.
/// Borrows from the image.
template <class T>
class ScatteredRows {
 public:
  static_assert(std::is_trivially_copyable_v<T>);
  ScatteredRows() = default;
  ScatteredRows(const Mapping& mapping, ByteView section)
      : mapping_(section.size() > kSmallBytes ? &mapping : nullptr),
        in_memory_(section.data()),
        begin_(static_cast<std::size_t>(section.data() - mapping.bytes().data())),
        size_(section.size() % sizeof(T) == 0 ? section.size() / sizeof(T) : 0) {}

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  /// Copies rows[first], rows[first + 1] ..., all of which are there.
  void read(std::size_t first, std::span<T> rows) const {
    ensure(first <= size_ && rows.size() <= size_ - first, "rows lie in their section");
    auto* const bytes = reinterpret_cast<std::uint8_t*>(rows.data());
    if (mapping_ != nullptr)
      return mapping_->read(begin_ + first * sizeof(T), {bytes, rows.size_bytes()});
    if (!rows.empty()) std::memcpy(bytes, in_memory_ + first * sizeof(T), rows.size_bytes());
  }
  T operator[](std::size_t place) const {
    T row;
    read(place, {&row, 1});
    return row;
  }

 private:
  static constexpr std::size_t kSmallBytes = std::size_t{2} << 20;

  const Mapping* mapping_ = nullptr;  // nothing for a small section
  const std::uint8_t* in_memory_ = nullptr;
  std::size_t begin_ = 0;
  std::size_t size_ = 0;
};

/// A container whose header and table have been checked.
class Image {
 public:
  /// Fails with invalid_input (no database, cut short, table outside the file) or stale (written
  /// for another format, or for a newer engine than `engine_version`).
  static Result<Image> open(Mapping mapping, std::uint32_t engine_version);

  /// Reads everything once: corrupt when the bytes are not those that were written.
  Result<> verify() const;

  Version version() const { return version_; }
  std::uint64_t size() const { return mapping_.bytes().size(); }
  /// The bytes of a section; empty when there is none. Borrows from the image.
  ByteView section(SectionName name) const;
  /// The image must stay where it is.
  template <class T>
  ScatteredRows<T> scattered_rows(SectionName name) const {
    const ByteView bytes = section(name);
    return bytes.empty() ? ScatteredRows<T>() : ScatteredRows<T>(mapping_, bytes);
  }

  /// A section as rows of T; empty when it is not a whole number of them.
  template <class T>
  std::span<const T> rows(SectionName name) const {
    static_assert(std::is_trivially_copyable_v<T> && alignof(T) <= kSectionAlignment);
    const ByteView bytes = section(name);
    if (bytes.size() % sizeof(T) != 0) return {};
    return {reinterpret_cast<const T*>(bytes.data()), bytes.size() / sizeof(T)};
  }

 private:
  struct Row {
    SectionName name;
    std::uint64_t offset = 0;
    std::uint64_t size = 0;
  };
  explicit Image(Mapping mapping) : mapping_(std::move(mapping)) {}
  Mapping mapping_;
  Version version_;
  std::vector<Row> table_;
};

/// Collects sections and writes them as one container.
class ImageWriter {
 public:
  void add(SectionName name, Bytes content);
  template <class T>
  void add_rows(SectionName name, std::span<const T> rows) {
    static_assert(std::is_trivially_copyable_v<T> && std::has_unique_object_representations_v<T>,
                  "padding would make equal databases differ");
    const auto* data = reinterpret_cast<const std::uint8_t*>(rows.data());
    add(name, Bytes(data, data + rows.size_bytes()));
  }
  /// The whole file. The same sections give the same bytes.
  Bytes finish(std::uint32_t engine_version) &&;

 private:
  struct Section {
    SectionName name;
    Bytes content;
  };
  std::vector<Section> sections_;
};

}  // namespace amanat::threat
