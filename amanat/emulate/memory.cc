#include "amanat/emulate/memory.h"

#include <algorithm>
#include <cstring>

namespace amanat::emulate {
namespace {

constexpr std::uint64_t kAddresses = std::uint64_t{1} << 32;

}  // namespace

bool Memory::map(std::uint32_t base, std::uint64_t size, ByteView content, bool in_image) {
  if (regions_.size() >= kRegionsMax || size > kAddresses - base) return false;
  if (content.size() > size) content = content.first(static_cast<std::size_t>(size));
  regions_.push_back({.base = base, .size = size, .content = content, .in_image = in_image});
  return true;
}

// What the regions say about one page; false when none has a part in it.
bool Memory::fill(std::uint32_t page_address, ByteSpan out, bool& in_image) const {
  bool is_mapped = false;
  for (const Region& region : regions_) {
    const std::uint64_t begin = std::max(region.base, page_address);
    const std::uint64_t end =
        std::min(region.base + region.size, std::uint64_t{page_address} + kPageBytes);
    if (begin >= end) continue;
    is_mapped = true;
    in_image |= region.in_image;
    const ByteSpan part = out.subspan(begin - page_address, end - begin);
    std::ranges::fill(part, std::uint8_t{0});
    const std::uint64_t from = begin - region.base;
    if (from >= region.content.size()) continue;
    const ByteView content = region.content.subspan(
        from, std::min<std::uint64_t>(part.size(), region.content.size() - from));
    std::ranges::copy(content, part.begin());
  }
  return is_mapped;
}

Page* Memory::make_page(std::uint32_t address) {
  const std::uint32_t page_address = address & ~(kPageBytes - 1);
  const bool is_mapped = std::ranges::any_of(regions_, [&](const Region& region) {
    return region.base < std::uint64_t{page_address} + kPageBytes
           && region.base + region.size > page_address;
  });
  if (!is_mapped) return nullptr;
  if (pages_ >= pages_max_) {
    is_full_ = true;
    return nullptr;
  }
  ++pages_;
  auto page = std::make_unique<Page>();
  fill(page_address, page->bytes, page->in_image);
  auto& table = directory_[address >> 22];
  if (!table) table = std::make_unique<Table>();
  auto& slot = (*table)[address >> 12 & 1023];
  slot = std::move(page);
  return slot.get();
}

std::uint32_t Memory::read_slowly(std::uint32_t address, unsigned width) {
  if (fault_) return 0;
  std::uint32_t value = 0;
  for (unsigned i = 0; i < width; ++i) {
    const Page* page = page_at(address + i);
    if (page == nullptr) {
      raise(Access::read, address + i);
      return 0;
    }
    value |= std::uint32_t{page->bytes[(address + i) % kPageBytes]} << 8 * i;
  }
  return value;
}

void Memory::write_slowly(std::uint32_t address, std::uint32_t value, unsigned width) {
  if (fault_) return;
  // Nothing is written when not all of it can be.
  for (const std::uint32_t end : {address, address + width - 1}) {
    if (page_at(end) == nullptr) return raise(Access::write, end);
  }
  for (unsigned i = 0; i < width; ++i) {
    Page& page = *page_at(address + i);
    note_write(page, Page::line_of(address + i), 1);
    page.bytes[(address + i) % kPageBytes] = static_cast<std::uint8_t>(value >> 8 * i);
  }
}

// An instruction that begins in the line before may reach into this one.
void Memory::forget_code(Page& page, unsigned line) {
  page.code &= ~(std::uint64_t{1} << line);
  ++page.version[line];
  if (line > 0) ++page.version[line - 1];
}

void Memory::copy_out(std::uint32_t address, ByteSpan out) const {
  std::array<std::uint8_t, kPageBytes> made{};
  for (std::size_t done = 0; done < out.size();) {
    const std::uint32_t at = address + static_cast<std::uint32_t>(done);
    const std::uint32_t offset = at % kPageBytes;
    const std::size_t count = std::min<std::size_t>(out.size() - done, kPageBytes - offset);
    const auto& table = directory_[at >> 22];
    const Page* page = table ? (*table)[at >> 12 & 1023].get() : nullptr;
    if (page == nullptr) {
      bool in_image = false;
      made.fill(0);
      fill(at - offset, made, in_image);
    }
    const auto& bytes = page != nullptr ? page->bytes : made;
    std::memcpy(out.data() + done, bytes.data() + offset, count);
    done += count;
  }
}

void Memory::store(std::uint32_t address, ByteView bytes) {
  for (std::size_t i = 0; i < bytes.size() && !fault_; ++i) {
    write(address + static_cast<std::uint32_t>(i), bytes[i], 1);
  }
}

std::string Memory::read_text(std::uint32_t address, unsigned width, std::size_t size_max) {
  std::string text;
  while (text.size() < size_max && !fault_) {
    const std::uint32_t character = read(address, width);
    if (character == 0) break;
    text.push_back(static_cast<char>(character & 0xff));
    address += width;
  }
  return text;
}

std::optional<MemoryFault> Memory::take_fault() { return std::exchange(fault_, std::nullopt); }

void Memory::raise(Access access, std::uint32_t address) {
  if (!fault_) fault_ = MemoryFault{.access = access, .address = address};
}

void Memory::forget_writes() {
  written_ = {};
  for (const auto& table : directory_) {
    if (!table) continue;
    for (const auto& page : *table) {
      if (!page) continue;
      page->fresh = 0;
      page->written.fill(0);
    }
  }
}

std::uint64_t Memory::image_lines_written() const {
  std::uint64_t lines = 0;
  for (const auto& table : directory_) {
    if (!table) continue;
    for (const auto& page : *table) {
      if (!page || !page->in_image) continue;
      lines += static_cast<std::uint64_t>(
          std::ranges::count_if(page->written, [](std::uint32_t epoch) { return epoch != 0; }));
    }
  }
  return lines;
}

}  // namespace amanat::emulate
