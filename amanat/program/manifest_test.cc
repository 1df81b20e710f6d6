#include "amanat/program/manifest.h"

#include <array>

#include <doctest/doctest.h>

#include "amanat/program/test_axml.h"

namespace amanat::program {
namespace {

TEST_CASE("a manifest says what an app is, asks for and is made of") {
  for (const bool utf8 : {false, true}) {
    CAPTURE(utf8);
    const auto manifest = read_manifest(watching_app().make(utf8));
    REQUIRE(manifest);
    CHECK(manifest->package == "com.example.watch");
    CHECK(manifest->version_code == 7);
    CHECK(manifest->version_name == "1.2");
    CHECK(manifest->min_sdk == 21);
    CHECK(manifest->target_sdk == 22);
    CHECK(manifest->debuggable);
    CHECK(manifest->label.resource_id == 0x7f010000);
    CHECK(manifest->permissions
          == std::vector<std::string>{"android.permission.READ_SMS",
                                      "android.permission.RECORD_AUDIO"});
    CHECK(manifest->asks_for("android.permission.READ_SMS"));
    CHECK_FALSE(manifest->asks_for("android.permission.CAMERA"));
    REQUIRE(manifest->components.size() == 3);
    CHECK(manifest->components[0].name == "com.example.watch.Main");
    CHECK(manifest->components[1].name == "com.example.watch.Reader");
    CHECK(manifest->components[2].name == "com.example.Admin");
    CHECK(manifest->components[0].is_exported());
    CHECK_FALSE(manifest->components[1].is_exported());
  }
}

TEST_CASE("a manifest tells the powers that an app takes, and whether it hides") {
  const auto manifest = read_manifest(watching_app().make());
  REQUIRE(manifest);
  CHECK(manifest->has_accessibility_service());
  CHECK(manifest->has_device_admin());
  CHECK_FALSE(manifest->has_notification_listener());
  CHECK_FALSE(manifest->has_input_method());
  CHECK_FALSE(manifest->has_vpn_service());
  CHECK_FALSE(manifest->has_launcher_icon());  // its only launcher activity is disabled
}

TEST_CASE("an app with an enabled launcher activity shows an icon") {
  TestAxml xml;
  xml.start("manifest", {TestAxml::named("package", "com.example")}).start("application");
  xml.start("activity-alias", {TestAxml::text(0x01010003, "Start")}).start("intent-filter");
  xml.start("action", {TestAxml::text(0x01010003, "android.intent.action.MAIN")}).end("action");
  xml.start("category", {TestAxml::text(0x01010003, "android.intent.category.LAUNCHER")});
  xml.end("category").end("intent-filter").end("activity-alias");
  const auto manifest = read_manifest(xml.make());
  REQUIRE(manifest);
  CHECK(manifest->has_launcher_icon());
}

TEST_CASE("unknown chunks and a wrong type number at the start hide nothing") {
  Bytes file = watching_app().make();
  file[0] = 0;  // Android does not look at it
  const std::size_t pool_size = file[12] + 256U * file[13];
  TestBytes odd;
  odd.raw(ByteView(file).first(8 + pool_size)).u16(0x7777).u16(8).u32(12).u32(0xdeadbeef);
  odd.raw(ByteView(file).subspan(8 + pool_size)).put(4, file.size() + 12, 4);
  const auto manifest = read_manifest(odd.bytes());
  REQUIRE(manifest);
  CHECK(manifest->package == "com.example.watch");
}

TEST_CASE("a second manifest element further inside changes nothing") {
  TestAxml xml;
  xml.start("manifest", {TestAxml::named("package", "com.example.real")});
  xml.start("manifest", {TestAxml::named("package", "com.example.other")});
  CHECK(read_manifest(xml.make())->package == "com.example.real");
}

TEST_CASE("a manifest that is cut, or names no package, is refused") {
  const Bytes whole = watching_app().make();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    CHECK_FALSE(read_manifest(Bytes(whole.begin(), whole.begin() + static_cast<long>(size))));
  }
  CHECK_FALSE(read_manifest(TestAxml{}.start("manifest").make()));
  CHECK_FALSE(read_manifest(TestAxml{}.make()));
}

TEST_CASE("more components than the limit are refused") {
  TestAxml xml;
  xml.start("manifest", {TestAxml::named("package", "com.example")});
  for (std::size_t i = 0; i < kManifestComponentsMax; ++i) xml.start("service");
  CHECK(read_manifest(xml.make()));
  CHECK_FALSE(read_manifest(xml.start("service").make()));
}

TEST_CASE("counts and sizes that lie outside a chunk are refused or cut") {
  const Bytes whole = watching_app().make();
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (const std::uint8_t byte : std::to_array<std::uint8_t>({0x00, 0x7f, 0xff})) {
      Bytes bent = whole;
      bent[at] = byte;
      const auto manifest = read_manifest(bent);  // whatever it says, it comes to an end
      if (manifest) CHECK(manifest->components.size() <= kManifestComponentsMax);
    }
  }
}

TEST_CASE("strings decode from both encodings, and what is not Unicode is marked") {
  TestBytes pool;
  pool.u16(1).u16(28).u32(28 + 8 + 14).u32(2).u32(0).u32(0).u32(36).u32(0);
  pool.u32(0).u32(8).u16(3).u16(0xd83d).u16(0xde00).u16('!');  // U+1F600
  pool.u16(2).u16(0xd83d).u16('x');                            // half of one
  const auto strings = StringPool::open(pool.bytes());
  REQUIRE(strings);
  CHECK(strings->text(0) == "\xf0\x9f\x98\x80!");
  CHECK(strings->text(1) == "\xef\xbf\xbdx");
  CHECK_FALSE(strings->text(2));
  CHECK_FALSE(strings->text(0xffffffff));
}

TEST_CASE("a pool that counts four thousand million strings has those that fit") {
  Bytes bytes = make_string_pool({"one", "two"}, true);
  for (int i = 0; i < 4; ++i) bytes[8 + static_cast<std::size_t>(i)] = 0xff;
  const auto strings = StringPool::open(bytes);
  REQUIRE(strings);
  CHECK(strings->count() == (bytes.size() - 28) / 4);
  CHECK(strings->text(1) == "two");
  CHECK_FALSE(strings->text(3).has_value());
}

}  // namespace
}  // namespace amanat::program
