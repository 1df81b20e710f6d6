#pragma once

// Finds any of hundreds of thousands of literal byte strings in one reading of a text.
//
// The index is an image: bytes without pointers that are built once, put in a file, mapped and
// shared. Its form is in index_format.h. Searching looks only at every fourth position of the text
// when literals are long enough: each literal is entered under its rarest grams, one for every way
// it can lie between the sampled positions, and a position is worth a second look only when its
// gram passes two small filters. What passes is compared byte for byte, so answers are exact.
//
//   auto image = build_index(literals);
//   auto index = LiteralIndex::open(*image);
//   index->find(text, 0, text.size(), [&](std::uint32_t id, std::uint64_t position) {
//     return note(id, position);          // false stops the search
//   });
//
// Literals may be in groups, of which a search asks for one: each group has small filters of its
// own, so that a search costs what its group costs, and all share the large tables behind them.

#include <concepts>
#include <cstdint>
#include <memory>
#include <span>
#include <type_traits>

#include "amanat/bytes/bytes.h"
#include "amanat/error/error.h"

namespace amanat::match {

inline constexpr std::size_t kLiteralBytesMin = 4;
inline constexpr std::size_t kLiteralBytesMax = 64;
inline constexpr std::size_t kLiteralsMax = std::size_t{1} << 20;
inline constexpr std::size_t kGroupsMax = 32;

/// A byte string to look for. Literals may share an id, and the same bytes may carry many ids.
struct Literal {
  Bytes bytes;          // kLiteralBytesMin to kLiteralBytesMax
  bool nocase = false;  // A to Z and a to z are the same, as in ASCII; other bytes are themselves
  std::uint32_t id = 0;
  std::uint32_t groups = 1;  // bit g: a search for group g finds it
};

/// Makes the image of an index; the same literals in any order give the same image.
///
///   groups   1 to kGroupsMax; what literals say of others counts for nothing
///   fails    invalid_input when a literal is too short or too long, or there are too many
Result<Bytes> build_index(std::span<const Literal> literals, std::size_t groups = 1);

/// How many candidates searching for a literal gives in a mebibyte of clean data, roughly: lower is
/// rarer, and sums compare (an OR of three costs the sum of the three). Judged by a built-in table
/// of byte pairs in programs and texts. Of any length; what is too short to be looked for is
/// infinitely common.
double commonness(ByteView literal, bool nocase = false);

/// Which code searches. All give the same answers.
enum class Simd : std::uint8_t { best, portable, avx2, avx512, neon };
/// Whether this machine can run it; `best` and `portable` always.
bool is_available(Simd simd);

/// Hears of a hit: literal `id` begins at `position` of the text; false stops the search. Borrows
/// the function it was made of, for the length of a call.
class OnHit {
 public:
  template <class Function>
    requires(!std::same_as<std::remove_cvref_t<Function>, OnHit>
             && std::is_invocable_r_v<bool, Function&, std::uint32_t, std::uint64_t>)
  OnHit(Function&& function)  // NOLINT(google-explicit-constructor): lambdas are passed as they are
      : function_(const_cast<void*>(static_cast<const void*>(std::addressof(function)))),
        call_([](void* f, std::uint32_t id, std::uint64_t position) -> bool {
          return (*static_cast<std::remove_reference_t<Function>*>(f))(id, position);
        }) {}
  bool operator()(std::uint32_t id, std::uint64_t position) const {
    return call_(function_, id, position);
  }

 private:
  void* function_;
  bool (*call_)(void*, std::uint32_t, std::uint64_t);
};

struct Layout;  // where the parts of an image lie, in layout.h

/// An index to search with: a view of an image, cheap to copy.
class LiteralIndex {
 public:
  LiteralIndex() = default;  // has no literals

  /// Reads the image's header and checks every offset and size in it, in no more than microseconds
  /// however large the image. What lies in the tables is checked when it is used: an image that was
  /// tampered with gives wrong hits or none, perhaps slowly, and reads nothing outside itself.
  /// Whoever maps images from elsewhere checks their digest.
  ///
  ///   image    borrowed for the life of the index and its copies; best aligned to 64 bytes
  ///   fails    invalid_input when this is no image of ours or this machine cannot run `simd`
  static Result<LiteralIndex> open(ByteView image, Simd simd = Simd::best);

  /// Reports every occurrence that lies wholly in `text` and starts in [begin, end), once for each
  /// literal of the group with these bytes and this nocase, in no promised order. False when
  /// `on_hit` stopped it. A group that there is not has no literals. Const and without memory of
  /// its own: any number of threads may search at once.
  bool find(ByteView text, std::uint64_t begin, std::uint64_t end, OnHit on_hit,
            std::uint32_t group = 0) const;

  bool empty() const { return layout_ == nullptr; }

 private:
  std::shared_ptr<const Layout> layout_;
};

}  // namespace amanat::match
