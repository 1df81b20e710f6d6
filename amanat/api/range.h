#pragma once

// The one form of `Range` we honour: `bytes=a-b`, `bytes=a-` or `bytes=-n` (RFC 9110 §14.1.2).

#include <cstdint>
#include <optional>
#include <string_view>

namespace amanat::api {

/// A run of bytes inside a body.
struct ByteRange {
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
  friend bool operator==(const ByteRange&, const ByteRange&) = default;
};

enum class RangeKind : std::uint8_t {
  whole,          // no range, or one we do not honour: answer 200 with everything
  part,           // answer 206
  unsatisfiable,  // well formed, but outside the body: answer 416
};

struct RangeAnswer {
  RangeKind kind = RangeKind::whole;
  ByteRange range;  // of `part`: not empty, inside the body; of `whole`: everything
  friend bool operator==(const RangeAnswer&, const RangeAnswer&) = default;
};

/// Reads the value of a Range field for a body of `size` bytes.
RangeAnswer choose_range(std::optional<std::string_view> field, std::uint64_t size);

}  // namespace amanat::api
