#pragma once

// Makes small resource tables: one package 0x7f with one type, for any number of configurations.

#include "amanat/program/test_axml.h"

namespace amanat::program {

struct TestResource {
  std::uint8_t type = 3;   // a string
  std::uint32_t data = 0;  // its index
};

class TestResources {
 public:
  explicit TestResources(std::vector<std::string> strings) : strings_(std::move(strings)) {}

  /// The entries of type 1 for one language, or for the default one where `language` is 0.
  TestResources& add(std::uint16_t language, const std::vector<TestResource>& entries) {
    const std::size_t start = 20 + 64 + 4 * entries.size();
    types_.u16(0x201).u16(20 + 64).u32(start + 16 * entries.size());
    types_.u8(1).zeros(3).u32(entries.size()).u32(start);
    types_.u32(64).u32(0).u16(language).zeros(54);
    for (std::size_t i = 0; i < entries.size(); ++i) types_.u32(16 * i);
    for (const TestResource& entry : entries) {
      types_.u16(8).u16(0).u32(0).u16(8).u8(0).u8(entry.type).u32(entry.data);
    }
    return *this;
  }

  Bytes make() const {
    const Bytes pool = make_string_pool(strings_, true);
    TestBytes table;
    table.u16(2).u16(12).u32(12 + pool.size() + 288 + types_.size()).u32(1).raw(pool);
    table.u16(0x200).u16(288).u32(288 + types_.size()).u32(0x7f).zeros(276);
    return table.raw(types_.bytes()).bytes();
  }

 private:
  std::vector<std::string> strings_;
  TestBytes types_;
};

}  // namespace amanat::program
