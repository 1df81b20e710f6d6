#pragma once

// What looking inside may cost. A bomb is an object that unpacks to more than anybody wants to
// read; it ends where the first of these limits is reached, and the limit is named.

#include <array>
#include <chrono>
#include <cstdint>
#include <limits>
#include <string_view>

#include "amanat/clock/clock.h"

namespace amanat::unpack {

enum class Limit : std::uint8_t {
  none,
  depth,         // archives in archives
  entries,       // all that came out of one file, at every level
  bytes,         // all that was unpacked from one file, at every level
  object_bytes,  // one inner object
  ratio,         // one object grew this much more than its packed bytes
  memory,        // inner objects held at once
  deadline,      // the time for one file is over
};

/// In words: "too many entries".
std::string_view describe(Limit limit);

/// By default, what a phone can spare for one file: seconds for the worst, and memory that leaves
/// the other apps alone. Stored entries are looked at where they lie and need none.
struct Limits {
  std::uint32_t depth_max = 40;  // ClamAV counts fewer levels for the same nest
  std::uint64_t entries_max = 100'000;
  std::uint64_t bytes_max = 1ULL << 30;
  std::uint64_t object_bytes_max = 128ULL << 20;
  std::uint64_t ratio_max = 250;
  std::uint64_t ratio_free_bytes = 32ULL << 20;  // up to this size any ratio is fine
  std::uint64_t memory_bytes_max = 192ULL << 20;
  // For each packed program: half a second of its stub.
  std::uint64_t stub_steps_max = 40'000'000;
  std::chrono::milliseconds time_max{60'000};
};

/// How far one object may grow, and which limit stops it there.
struct Allowance {
  std::uint64_t bytes = 0;
  Limit limit = Limit::none;
};

/// The budget of one file from outside, shared by everything found inside it.
class Budget {
 public:
  /// Borrows `clock`; the time begins now.
  Budget(const Limits& limits, const Clock& clock);

  /// The room for an inner object made of `packed_size` bytes.
  Allowance allowance(std::uint64_t packed_size) const;

  /// Counts one entry; false when there are too many or the time is over.
  bool take_entry();
  /// Counts bytes that are handed over; false when they are more than there are left.
  bool take_bytes(std::uint64_t count);
  /// Whether there is time left. Cheap enough for every entry and every 64 KiB.
  bool has_time();
  /// Notes that a limit stood in the way. The first one stays.
  void reach(Limit limit);
  /// The first limit that was reached; none when all was looked at.
  Limit reached() const { return reached_; }

  const Limits& limits() const { return limits_; }
  std::uint64_t entries_taken() const { return entries_; }
  std::uint64_t bytes_taken() const { return bytes_; }

  /// Memory that holds inner objects while somebody looks at them.
  void hold(std::uint64_t bytes) { held_ += bytes; }
  void give_back(std::uint64_t bytes) { held_ -= bytes; }

  /// One level deeper, for as long as it lives; `fits` is false below the deepest level.
  class Level {
   public:
    explicit Level(Budget& budget);
    Level(const Level&) = delete;
    Level& operator=(const Level&) = delete;
    ~Level() { --budget_.depth_; }
    bool fits() const { return fits_; }

   private:
    Budget& budget_;
    bool fits_ = false;
  };

 private:
  Limits limits_;
  const Clock& clock_;
  Instant deadline_;
  std::uint64_t entries_ = 0;
  std::uint64_t bytes_ = 0;
  std::uint64_t held_ = 0;
  std::uint32_t depth_ = 0;
  bool late_ = false;
  Limit reached_ = Limit::none;
};

}  // namespace amanat::unpack
