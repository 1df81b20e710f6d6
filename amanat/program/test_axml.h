#pragma once

// Makes small binary XML files and string pools.

#include <algorithm>
#include <string>
#include <vector>

#include "amanat/program/axml.h"
#include "amanat/program/test_bytes.h"

namespace amanat::program {

inline Bytes make_string_pool(const std::vector<std::string>& strings, bool utf8) {
  TestBytes data;
  std::vector<std::size_t> offsets;
  for (const std::string& string : strings) {
    offsets.push_back(data.size());
    if (utf8) {
      data.u8(string.size()).u8(string.size()).text(string).u8(0);
    } else {
      data.u16(string.size()).utf16(string).u16(0);
    }
  }
  TestBytes pool;
  const std::size_t start = 28 + 4 * strings.size();
  pool.u16(1).u16(28).u32(start + data.size()).u32(strings.size()).u32(0);
  pool.u32(utf8 ? 0x100 : 0).u32(start).u32(0);
  for (const std::size_t offset : offsets) pool.u32(offset);
  return pool.raw(data.bytes()).bytes();
}

class TestAxml {
 public:
  struct Attribute {
    std::uint32_t resource_id = 0;  // 0: by name
    std::string name;
    ValueType type = ValueType::string;
    std::uint32_t data = 0;
    std::string text;
  };
  static Attribute text(std::uint32_t id, std::string value) {
    return {.resource_id = id, .name = {}, .type = ValueType::string, .text = std::move(value)};
  }
  static Attribute named(std::string name, std::string value) {
    return {.resource_id = 0, .name = std::move(name), .text = std::move(value)};
  }
  static Attribute value(std::uint32_t id, ValueType type, std::uint32_t data) {
    return {.resource_id = id, .name = {}, .type = type, .data = data, .text = {}};
  }

  TestAxml& start(std::string tag, std::vector<Attribute> attributes = {}) {
    elements_.push_back({true, std::move(tag), std::move(attributes)});
    return *this;
  }
  TestAxml& end(std::string tag) {
    elements_.push_back({false, std::move(tag), {}});
    return *this;
  }

  /// Attribute names with resource ids are left empty, as packages that hide do.
  Bytes make(bool utf8 = true) const {
    std::vector<std::uint32_t> ids;
    std::vector<std::string> strings;
    for (const Element& element : elements_) {
      for (const Attribute& attribute : element.attributes) {
        if (attribute.resource_id != 0) ids.push_back(attribute.resource_id);
      }
    }
    strings.resize(ids.size());
    const auto index_of = [&](const std::string& string) {
      const auto first = strings.begin() + static_cast<std::ptrdiff_t>(ids.size());
      const auto found = std::find(first, strings.end(), string);
      if (found != strings.end()) return static_cast<std::uint32_t>(found - strings.begin());
      strings.push_back(string);
      return static_cast<std::uint32_t>(strings.size() - 1);
    };
    TestBytes events;
    std::uint32_t next_id = 0;
    for (const Element& element : elements_) {
      const std::size_t count = element.attributes.size();
      events.u16(element.is_start ? 0x102 : 0x103).u16(16);
      events.u32(element.is_start ? 36 + 20 * count : 24).u32(1).u32(0xffffffff);
      events.u32(0xffffffff).u32(index_of(element.tag));
      if (element.is_start) events.u16(20).u16(20).u16(count).zeros(6);
      for (const Attribute& attribute : element.attributes) {
        events.u32(0xffffffff);
        events.u32(attribute.resource_id != 0 ? next_id++ : index_of(attribute.name));
        events.u32(0xffffffff).u16(8).u8(0).u8(static_cast<std::uint8_t>(attribute.type));
        events.u32(attribute.type == ValueType::string ? index_of(attribute.text) : attribute.data);
      }
    }
    TestBytes map;
    map.u16(0x180).u16(8).u32(8 + 4 * ids.size());
    for (const std::uint32_t id : ids) map.u32(id);
    const Bytes pool = make_string_pool(strings, utf8);
    TestBytes file;
    file.u16(3).u16(8).u32(8 + pool.size() + map.size() + events.size());
    return file.raw(pool).raw(map.bytes()).raw(events.bytes()).bytes();
  }

 private:
  struct Element {
    bool is_start;
    std::string tag;
    std::vector<Attribute> attributes;
  };
  std::vector<Element> elements_;
};

/// An app that watches: no icon, an accessibility service, a device administrator.
inline TestAxml watching_app() {
  constexpr std::uint32_t kName = 0x01010003;
  constexpr std::uint32_t kPermission = 0x01010006;
  TestAxml xml;
  xml.start("manifest", {TestAxml::named("package", "com.example.watch"),
                         TestAxml::value(0x0101021b, ValueType::decimal, 7),
                         TestAxml::text(0x0101021c, "1.2")});
  xml.start("uses-sdk", {TestAxml::value(0x0101020c, ValueType::decimal, 21),
                         TestAxml::value(0x01010270, ValueType::decimal, 22)});
  xml.end("uses-sdk");
  for (const char* permission : {"android.permission.READ_SMS", "android.permission.READ_SMS",
                                 "android.permission.RECORD_AUDIO"}) {
    xml.start("uses-permission", {TestAxml::text(kName, permission)}).end("uses-permission");
  }
  xml.start("application", {TestAxml::value(0x01010001, ValueType::reference, 0x7f010000),
                            TestAxml::value(0x0101000f, ValueType::boolean, 0xffffffff)});
  xml.start("activity",
            {TestAxml::text(kName, ".Main"), TestAxml::value(0x0101000e, ValueType::boolean, 0)});
  xml.start("intent-filter");
  xml.start("action", {TestAxml::text(kName, "android.intent.action.MAIN")}).end("action");
  xml.start("category", {TestAxml::text(kName, "android.intent.category.LAUNCHER")});
  xml.end("category").end("intent-filter").end("activity");
  xml.start("service",
            {TestAxml::text(kName, "Reader"),
             TestAxml::text(kPermission, "android.permission.BIND_ACCESSIBILITY_SERVICE"),
             TestAxml::value(0x01010010, ValueType::boolean, 0)});
  xml.end("service");
  xml.start("receiver", {TestAxml::text(kName, "com.example.Admin")}).start("intent-filter");
  xml.start("action", {TestAxml::text(kName, "android.app.action.DEVICE_ADMIN_ENABLED")});
  xml.end("action").end("intent-filter").end("receiver").end("application").end("manifest");
  return xml;
}

}  // namespace amanat::program
