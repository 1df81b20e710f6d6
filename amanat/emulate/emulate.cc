#include "amanat/emulate/emulate.h"

#include <algorithm>

#include "amanat/emulate/memory.h"
#include "amanat/emulate/pe_image.h"
#include "amanat/emulate/processor.h"
#include "amanat/emulate/windows.h"

namespace amanat::emulate {
namespace {

constexpr std::uint64_t kStepsPerLook = 1'000'000;
// A program that writes less than this into itself has not unpacked anything.
constexpr std::uint64_t kBytesOfLayer = 32;
constexpr std::uint64_t kLinesUnpacked = 64;

class Unpacker {
 public:
  Unpacker(const PeImage& image, const Limits& limits)
      : image_(image),
        limits_(limits),
        memory_(limits.memory_bytes_max),
        processor_(memory_),
        windows_(image, memory_, processor_) {}

  Unpacked run(const std::function<bool()>& may_go_on) {
    Unpacked result;
    if (!windows_.load()) return result;
    functions_before_ = windows_.functions_found();
    const bool has_ended = run_to_end(may_go_on);
    result.steps = processor_.steps();
    if (has_program_) {
      result.end = Unpacked::End::program;
      result.entry = entry_;
    } else if (!has_ended && memory_.image_lines_written() >= kLinesUnpacked) {
      result.end = Unpacked::End::unfinished;
      result.entry = image_.entry;
    } else {
      return result;
    }
    result.program = rebuild_image(image_, result.entry, memory_);
    return result;
  }

 private:
  // Whether it came to an end by itself, and not to a limit or to what we do not know.
  bool run_to_end(const std::function<bool()>& may_go_on) {
    std::uint64_t written = 0;
    std::uint64_t last_write = 0;
    while (processor_.steps() < limits_.steps_max) {
      const std::uint64_t left = limits_.steps_max - processor_.steps();
      switch (processor_.run(std::min(left, kStepsPerLook))) {
        case Processor::Event::steps_done:
          if (may_go_on && !may_go_on()) return false;
          break;
        case Processor::Event::new_code: note_layer(); break;
        case Processor::Event::host_call:
          if (windows_.answer() != Windows::Answer::goes_on) return true;
          break;
        case Processor::Event::fault:
          if (memory_.is_full() || processor_.fault().exception == Exception::unsupported) {
            return false;
          }
          if (!windows_.deliver(processor_.fault())) return true;
          break;
      }
      if (written != memory_.image_bytes_written()) {
        written = memory_.image_bytes_written();
        last_write = processor_.steps();
      }
      if (processor_.steps() - last_write > limits_.idle_steps_max) return true;
    }
    return false;
  }

  // The processor is about to run what was written and never executed, or a new page.
  void note_layer() {
    const std::uint32_t rva = processor_.registers.eip - image_.base;
    if (rva >= image_.size || !processor_.has_jumped()) return;
    const std::uint64_t written = memory_.image_bytes_written() - written_before_;
    const bool has_written = written >= kBytesOfLayer;
    const std::uint32_t epoch = epoch_here();
    const bool is_new = has_written && epoch != 0 && (!has_program_ || epoch == memory_.epoch());
    // Small sections are left as they were: the stub then leaves for what nobody wrote.
    const bool is_elsewhere = section_of(image_, rva) != section_of(image_, image_.entry);
    const bool is_left = processor_.registers[reg::kEsp] == windows_.first_stack()
                         && (epoch != 0 || is_elsewhere)
                         && (has_written || windows_.functions_found() > functions_before_);
    if (!is_new && !is_left) return;
    has_program_ = true;
    entry_ = rva;
    written_before_ = memory_.image_bytes_written();
    functions_before_ = windows_.functions_found();
    memory_.begin_epoch();
  }

  std::uint32_t epoch_here() {
    const std::uint32_t eip = processor_.registers.eip;
    const Page* page = memory_.page_at(eip);
    return page == nullptr ? 0 : page->written[Page::line_of(eip)];
  }

  const PeImage& image_;
  const Limits& limits_;
  Memory memory_;
  Processor processor_;
  Windows windows_;
  bool has_program_ = false;
  std::uint32_t entry_ = 0;
  std::uint64_t written_before_ = 0;
  std::uint64_t functions_before_ = 0;
};

}  // namespace

bool looks_packed(ByteView file) {
  const auto image = read_image(file);
  return image && looks_packed(*image);
}

Unpacked unpack_program(ByteView file, const Limits& limits,
                        const std::function<bool()>& may_go_on) {
  const auto image = read_image(file);
  if (!image || image->size > limits.program_bytes_max) return {};
  return Unpacker(*image, limits).run(may_go_on);
}

}  // namespace amanat::emulate
