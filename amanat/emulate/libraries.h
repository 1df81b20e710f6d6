#pragma once

// The libraries of a Windows that is not there: kernel32, ntdll, user32 and whatever a program
// asks for by name.
//
// Each has a header and a table of exports in memory, so that programs that look for functions by
// themselves find them, and 16 bytes for each function:
//
//   8b ff   mov edi, edi        the opening that Windows' own functions have, which some programs
//   55      push ebp            look at, and some copy and jump behind
//   8b ec   mov ebp, esp
//   5d      pop ebp
//   0f 0a   asks for the answer (Operation::host_call)

#include <cstdint>
#include <deque>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "amanat/bytes/bytes.h"
#include "amanat/emulate/memory.h"

namespace amanat::emulate {

inline constexpr std::size_t kLibrariesMax = 64;
inline constexpr std::size_t kFunctionNameMax = 256;

/// One function that the system offers under a name.
struct Export {
  std::string_view library;  // lower case, without extension
  std::string_view name;
};

class Libraries {
 public:
  /// Maps kernel32, ntdll and user32 with these functions; borrows `memory` and `exports`.
  Libraries(Memory& memory, std::span<const Export> exports);

  /// Where a library lies, which is made when it is new; 0 when there are too many. `name` may
  /// have a path and an extension.
  std::uint32_t load(std::string_view name);
  /// Likewise, of one that is there already; else 0.
  std::uint32_t find(std::string_view name) const;

  /// The address of a function in the library at `base`, which gets every function it is asked
  /// for: what a program imports is there. 0 when no library lies there or it is full.
  std::uint32_t function(std::uint32_t base, std::string_view name);

  /// The name of the function that asks for its answer at `address`; empty for none.
  std::string_view function_at(std::uint32_t address) const;

  struct Library {
    std::string name;  // "kernel32.dll"
    std::uint32_t base = 0;
    Bytes header;
    std::vector<std::string> functions;  // by their place
    std::map<std::string, std::size_t, std::less<>> places;
  };
  const std::deque<Library>& all() const { return libraries_; }

  static constexpr std::uint32_t kLibraryBytes = 0x10000;

 private:
  Library* add(std::string_view name);
  Bytes make_header(const Library& library) const;
  const Library* library_at(std::uint32_t address) const;

  Memory& memory_;
  std::span<const Export> exports_;
  Bytes code_;                     // the same for every library
  std::deque<Library> libraries_;  // their headers stay where they are mapped
};

}  // namespace amanat::emulate
