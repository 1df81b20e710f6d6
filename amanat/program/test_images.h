#pragma once

// Small executables of every format, made to order.

#include <string>
#include <vector>

#include "amanat/program/test_bytes.h"

namespace amanat::program {

struct TestPeSection {
  std::string name = ".text";
  std::uint32_t virtual_size = 0x100;
  std::uint32_t rva = 0x1000;
  std::uint32_t raw_size = 0x200;
  std::uint32_t raw_offset = 0x400;
};

struct TestPe {
  bool plus = false;
  bool library = false;
  std::uint32_t entry = 0x1010;
  std::uint32_t section_alignment = 0x1000;
  std::uint32_t file_alignment = 0x200;
  std::vector<TestPeSection> sections = {TestPeSection{}};
  std::uint32_t import_rva = 0;
  std::uint32_t import_size = 0;
  std::uint32_t resource_rva = 0;
  std::uint32_t resource_size = 0;
  std::size_t file_size = 0x800;

  Bytes make() const {
    TestBytes pe;
    pe.text("MZ").zeros(58).u32(64);
    pe.text("PE").zeros(2).u16(plus ? 0x8664 : 0x14c).u16(sections.size()).zeros(12);
    pe.u16((plus ? 112 : 96) + 16 * 8).u16(library ? 0x2002 : 0x0002);
    const std::size_t optional = pe.size();
    pe.u16(plus ? 0x20b : 0x10b).zeros(14).u32(entry).zeros(12);
    pe.u32(section_alignment).u32(file_alignment).zeros(20).u32(0x400).zeros(4).u16(2);
    pe.fill_to(optional + (plus ? 108 : 92)).u32(16);
    pe.zeros(8).u32(import_rva).u32(import_size).u32(resource_rva).u32(resource_size).zeros(13 * 8);
    for (const TestPeSection& section : sections) {
      pe.field(section.name, 8).u32(section.virtual_size).u32(section.rva);
      pe.u32(section.raw_size).u32(section.raw_offset).zeros(12).u32(0x60000020);
    }
    Bytes bytes = pe.bytes();
    bytes.resize(file_size);
    return bytes;
  }
};

struct TestElf {
  bool wide = true;
  bool big_endian = false;
  std::uint64_t entry = 0x10010;
  std::uint16_t section_count = 3;
  std::uint16_t segment_count = 1;

  Bytes make() const {
    TestBytes elf(big_endian);
    elf.text(
           "\x7f"
           "ELF")
        .u8(wide ? 2 : 1)
        .u8(big_endian ? 2 : 1)
        .u8(1)
        .zeros(9);
    elf.u16(2).u16(62).u32(1);
    address(elf, entry);
    const std::size_t header_size = wide ? 64 : 52;
    const std::size_t segment_size = wide ? 56 : 32;
    const std::size_t section_size = wide ? 64 : 40;
    address(elf, header_size);
    address(elf, 0x200);
    elf.u32(0).u16(header_size).u16(segment_size).u16(segment_count);
    elf.u16(section_size).u16(section_count).u16(2);
    for (int i = 0; i < segment_count; ++i) {
      elf.u32(1);
      if (wide) elf.u32(5);
      address(elf, 0x400);
      address(elf, 0x10000);
      address(elf, 0);
      address(elf, 0x100);
      address(elf, 0x100);
      if (!wide) elf.u32(5);
      address(elf, 4);
    }
    elf.fill_to(0x200).zeros(section_size);
    section(elf, 1, 0x10000, 0x400, 0x100);
    section(elf, 7, 0, 0x500, 13);  // the names
    elf.fill_to(0x500).zeros(1).text(".text").zeros(1).text(".abc").zeros(2);
    return elf.fill_to(0x600).bytes();
  }

 private:
  void address(TestBytes& elf, std::uint64_t value) const {
    wide ? elf.u64(value) : elf.u32(value);
  }
  void section(TestBytes& elf, std::uint32_t name, std::uint64_t at, std::uint64_t offset,
               std::uint64_t size) const {
    elf.u32(name).u32(1);
    address(elf, 6);
    address(elf, at);
    address(elf, offset);
    address(elf, size);
    elf.u32(0).u32(0);
    address(elf, 4);
    address(elf, 0);
  }
};

struct TestMacho {
  bool wide = true;
  bool big_endian = false;
  std::uint32_t processor = 18 | 0x1000000;  // PowerPC
  std::uint64_t entry = 0x1004;
  std::uint32_t section_count = 2;
  std::uint32_t command_count = 2;

  Bytes make() const {
    TestBytes macho(big_endian);
    macho.u32(wide ? 0xfeedfacf : 0xfeedface).u32(processor).u32(0).u32(2);
    macho.u32(command_count).u32(0).u32(0);
    if (wide) macho.u32(0);
    macho.u32(wide ? 0x19 : 1).u32(0).field("__TEXT", 16);
    for (int i = 0; i < 4; ++i) address(macho, 0);
    macho.u32(7).u32(7).u32(section_count).u32(0);
    for (std::uint32_t i = 0; i < section_count; ++i) {
      macho.field("__part", 16).field("__TEXT", 16);
      address(macho, 0x1000 + 0x100 * i);
      address(macho, 50);
      macho.u32(0x400 + 0x100 * i).u32(4).zeros(wide ? 24 : 20);
    }
    macho.u32(5).u32(0).u32(1).u32(40);
    address(macho, entry);
    return macho.fill_to(macho.size() + 400).fill_to(0x600).bytes();
  }

 private:
  void address(TestBytes& macho, std::uint64_t value) const {
    wide ? macho.u64(value) : macho.u32(value);
  }
};

}  // namespace amanat::program
