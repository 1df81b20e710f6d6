#pragma once

// What an x86 processor of 32 bits keeps between instructions (Intel SDM volume 1, chapter 3).

#include <array>
#include <cstdint>

namespace amanat::emulate {

/// Bits of EFLAGS (SDM volume 1, section 3.4.3).
namespace flag {
inline constexpr std::uint32_t kCarry = 1U << 0;
inline constexpr std::uint32_t kAlwaysSet = 1U << 1;
inline constexpr std::uint32_t kParity = 1U << 2;
inline constexpr std::uint32_t kAdjust = 1U << 4;
inline constexpr std::uint32_t kZero = 1U << 6;
inline constexpr std::uint32_t kSign = 1U << 7;
inline constexpr std::uint32_t kTrap = 1U << 8;
inline constexpr std::uint32_t kInterrupt = 1U << 9;
inline constexpr std::uint32_t kDirection = 1U << 10;
inline constexpr std::uint32_t kOverflow = 1U << 11;
/// What arithmetic sets.
inline constexpr std::uint32_t kArithmetic = kCarry | kParity | kAdjust | kZero | kSign | kOverflow;
/// What POPF sets for a program (AC and ID too).
inline constexpr std::uint32_t kOfProgram =
    kArithmetic | kTrap | kDirection | 1U << 14 | 1U << 18 | 1U << 21;
}  // namespace flag

/// The general registers by their numbers in instructions.
namespace reg {
inline constexpr std::uint8_t kEax = 0;
inline constexpr std::uint8_t kEcx = 1;
inline constexpr std::uint8_t kEdx = 2;
inline constexpr std::uint8_t kEbx = 3;
inline constexpr std::uint8_t kEsp = 4;
inline constexpr std::uint8_t kEbp = 5;
inline constexpr std::uint8_t kEsi = 6;
inline constexpr std::uint8_t kEdi = 7;
inline constexpr std::uint8_t kNone = 8;  // reads as 0: an address without base or index
}  // namespace reg

struct Registers {
  std::array<std::uint32_t, 9> general{};  // the ninth is kNone and stays 0
  std::uint32_t eip = 0;
  std::uint32_t flags = flag::kAlwaysSet | flag::kInterrupt;

  std::uint32_t& operator[](std::uint8_t number) { return general[number]; }
  std::uint32_t operator[](std::uint8_t number) const { return general[number]; }

  friend bool operator==(const Registers&, const Registers&) = default;
};

}  // namespace amanat::emulate
