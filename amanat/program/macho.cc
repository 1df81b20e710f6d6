// Mach-O files (mach-o/loader.h), as far as offsets need them: the sections of all segments in the
// order of the load commands. Like ClamAV, a segment command is as long as its sections make it and
// a thread's as long as its registers; every other one as long as it says.

#include <array>

#include "amanat/program/fields.h"
#include "amanat/program/layout.h"

namespace amanat::program {
namespace {

constexpr std::uint32_t kSegment = 0x01;
constexpr std::uint32_t kThread = 0x04;
constexpr std::uint32_t kUnixThread = 0x05;
constexpr std::uint32_t kSegment64 = 0x19;
constexpr std::size_t kNameSize = 16;

// A processor whose thread command is understood, and the size of the registers in it. The first
// register of PowerPC is where it starts; x86 says it too, but nobody has ever counted from there.
struct Processor {
  std::uint32_t type;
  std::size_t state_size;
  std::size_t start_width;  // 0: the start is not taken from it
};
constexpr auto kProcessors = std::to_array<Processor>({
    {7, 64, 0},
    {18, 160, 4},
    {18 | 0x1000000, 312, 8},
});

const Processor* find_processor(std::uint32_t type) {
  for (const Processor& processor : kProcessors) {
    if (processor.type == type) return &processor;
  }
  return nullptr;
}

class Reader {
 public:
  Reader(Fields fields, Executable& image) : fields_(fields), image_(image) {}

  Result<> read() {
    const bool wide = image_.bits == 64;
    processor_ = find_processor(fields_.u32(4));
    const std::uint32_t count = fields_.u32(16);
    at_ = wide ? 32 : 28;
    if (count == 0 || count > kMachoCommandsMax) {
      return fail(Code::invalid_input, "Mach-O: no load commands, or too many");
    }
    for (std::uint32_t i = 0; i < count; ++i) {
      if (auto done = read_command(wide); !done) return carry(done);
    }
    return place_entry();
  }

 private:
  Result<> read_command(bool wide) {
    const std::uint32_t command = fields_.u32(at_);
    const std::uint32_t size = fields_.u32(at_ + 4);
    if (fields_.failed()) return fail(Code::invalid_input, "Mach-O: a load command is cut");
    at_ += 8;
    if (command == (wide ? kSegment64 : kSegment)) return read_segment(wide);
    if (processor_ != nullptr && (command == kThread || command == kUnixThread)) {
      return read_thread();
    }
    if (size > 8) at_ += size - 8;
    return {};
  }

  Result<> read_segment(bool wide) {
    const std::size_t segment_size = wide ? 64 : 48;
    const std::size_t section_size = wide ? 80 : 68;
    const std::uint32_t count = fields_.u32(at_ + segment_size - 8);
    at_ += segment_size;
    if (count > kMachoSegmentSectionsMax || image_.sections.size() + count > kSectionsMax) {
      return fail(Code::invalid_input, "Mach-O: too many sections");
    }
    if (fields_.failed() || !fields_.holds(at_, std::uint64_t{count} * section_size)) {
      return fail(Code::invalid_input, "Mach-O: a segment is cut");
    }
    for (std::uint32_t i = 0; i < count; ++i, at_ += section_size) {
      if (auto done = read_section(wide); !done) return carry(done);
    }
    return {};
  }

  Result<> read_section(bool wide) {
    Section section;
    section.name = name_from(fields_.bytes(at_, kNameSize));
    const std::uint64_t at = at_ + 2 * kNameSize;
    section.rva = static_cast<std::uint32_t>(wide ? fields_.u64(at) : fields_.u32(at));
    section.virtual_size =
        static_cast<std::uint32_t>(wide ? fields_.u64(at + 8) : fields_.u32(at + 4));
    const std::uint64_t rest = at + (wide ? 16 : 8);
    section.raw_offset = fields_.u32(rest);
    const std::uint32_t align = fields_.u32(rest + 4);
    section.flags = fields_.u32(rest + 16);
    if (align >= 32 && !wide) return fail(Code::invalid_input, "Mach-O: an alignment is broken");
    const std::uint32_t unit = std::uint32_t{1} << (align & 31);
    section.raw_size = section.virtual_size + (unit - section.virtual_size % unit) % unit;
    image_.sections.push_back(std::move(section));
    return {};
  }

  Result<> read_thread() {
    at_ += 8;
    if (!fields_.holds(at_, processor_->state_size)) {
      return fail(Code::invalid_input, "Mach-O: a thread is cut");
    }
    if (processor_->start_width == 4) entry_ = fields_.u32(at_);
    if (processor_->start_width == 8) entry_ = static_cast<std::uint32_t>(fields_.u64(at_));
    at_ += processor_->state_size;
    return {};
  }

  Result<> place_entry() {
    image_.entry_point = entry_;
    if (entry_ == 0 || image_.sections.empty()) return {};
    for (const Section& section : image_.sections) {
      if (section.rva <= entry_ && section.rva + section.virtual_size > entry_) {
        image_.entry_point = entry_ - section.rva + section.raw_offset;
        return {};
      }
    }
    return fail(Code::invalid_input, "Mach-O: no section holds the entry point");
  }

  Fields fields_;
  Executable& image_;
  const Processor* processor_ = nullptr;
  std::uint64_t at_ = 0;
  std::uint32_t entry_ = 0;
};

}  // namespace

Result<Executable> read_macho(ByteView file) {
  Executable image;
  image.format = Format::macho;
  const std::uint32_t magic = Fields(file).u32(0);
  image.big_endian = magic == 0xcefaedfe || magic == 0xcffaedfe;
  image.bits = magic == 0xfeedfacf || magic == 0xcffaedfe ? 64 : 32;
  const Fields fields(file, image.big_endian ? Fields::Order::big : Fields::Order::little);
  if (!fields.holds(0, 28)) return fail(Code::invalid_input, "Mach-O: header is cut");
  if (auto done = Reader(fields, image).read(); !done) return carry(done);
  return image;
}

}  // namespace amanat::program
