#pragma once

// Unpacks programs for Windows whatever packed them: the packer's own code is run, in a made-up
// process that can reach nothing, until the program it hides stands in memory and begins.
//
// A packed program is a stub and data that looks like noise. The stub writes the program to where
// it belongs and jumps to it. So the end of unpacking is a jump to memory that was written and
// never executed before: the last such jump before the program calls what no packer calls. Stubs
// that unpack themselves first, in layers, make several; each begins a new epoch of writing, and a
// jump counts when it goes to a new epoch's bytes, or leaves the stack as it was at the entry. A
// section too small to pack stays as it is; then the jump that leaves the stub's section counts.
//
//   processor.h  the x86 instructions, with instruction.h, opcode_map.h and alu.h
//   memory.h     pages, and who wrote where
//   windows.h    the process, its functions and exceptions
//   pe_image.h   the program as the loader reads it, and as it is written back
//
// All of it is deterministic: the same file gives the same answer, on every machine, unless time is
// short.

#include <cstdint>
#include <functional>

#include "amanat/bytes/bytes.h"

namespace amanat::emulate {

/// What running a stub may cost: at 50 million steps and more for each second, less than one.
struct Limits {
  std::uint64_t steps_max = 40'000'000;
  // Without a write to the program for so long, nothing is being unpacked.
  std::uint64_t idle_steps_max = 8'000'000;
  std::uint64_t memory_bytes_max = 64ULL << 20;
  std::uint64_t program_bytes_max = 64ULL << 20;
};

/// Whether it pays to run the stub of this file: it is a program for 32 bits, and its header or its
/// bytes look as packers make them.
bool looks_packed(ByteView file);

struct Unpacked {
  enum class End : std::uint8_t {
    nothing,     // it is no such program, or was not packed
    program,     // `program` is what stood in memory when the program ran
    unfinished,  // it was being unpacked when a limit came, or an instruction we do not know;
                 // `program` is how far it came
  };
  End end = End::nothing;
  Bytes program;            // a PE image: see rebuild_image
  std::uint32_t entry = 0;  // of the program, from its image base
  std::uint64_t steps = 0;
};

/// Runs the stub of `file`.
///
///   may_go_on   asked every million steps; false ends it as a limit does
Unpacked unpack_program(ByteView file, const Limits& limits,
                        const std::function<bool()>& may_go_on = {});

}  // namespace amanat::emulate
