#include "amanat/threat/known_hashes.h"

#include <random>

#include <doctest/doctest.h>

namespace amanat::threat {
namespace {
using crypto::DigestKind;

KnownHash random_hash(std::mt19937_64& random, DigestKind kind, std::uint32_t size) {
  KnownHash hash;
  for (std::size_t i = 0; i < digest_size(kind); ++i) {
    hash.digest[i] = static_cast<std::uint8_t>(random());
  }
  hash.size = size;
  hash.label.name = static_cast<std::uint32_t>(random());
  return hash;
}

Image image_of(std::vector<KnownHash> hashes, DigestKind kind) {
  ImageWriter writer;
  write_hashes(writer, Hashed::object, kind, std::move(hashes));
  auto mapping = Mapping::copy_of(std::move(writer).finish(1));
  return *Image::open(std::move(*mapping), 1);
}

ByteView view(const KnownHash& hash, DigestKind kind) {
  return ByteView(hash.digest).first(digest_size(kind));
}
}  // namespace

TEST_CASE("every hash that was put in is found for its size and for no other") {
  std::mt19937_64 random(4);
  for (const DigestKind kind : kDigestKinds) {
    for (const std::size_t count : {1U, 2U, 3U, 15U, 16U, 33U, 1000U, 40000U}) {
      std::vector<KnownHash> hashes;
      for (std::size_t i = 0; i < count; ++i) {
        hashes.push_back(random_hash(random, kind, 1 + static_cast<std::uint32_t>(random() % 500)));
      }
      const Image image = image_of(hashes, kind);
      const KnownHashes known(image, Hashed::object, kind);
      REQUIRE(known.count() == count);
      for (const KnownHash& hash : hashes) {
        REQUIRE(known.asks_for(hash.size));
        const auto label = known.find(hash.size, view(hash, kind));
        REQUIRE(label);
        REQUIRE(label->name == hash.label.name);
        REQUIRE_FALSE(known.find(hash.size + 1, view(hash, kind)));
      }
      int asked_in_vain = 0;
      for (std::uint64_t size = 501; size <= 2'500; ++size) {
        asked_in_vain += known.asks_for(size) ? 1 : 0;
      }
      REQUIRE(asked_in_vain < 30);  // of 2,000; one in 256
    }
  }
}

TEST_CASE("what was never put in is not found, and the filter alone refuses nearly all of it") {
  std::mt19937_64 random(5);
  std::vector<KnownHash> hashes;
  std::vector<std::uint64_t> keys;
  for (int i = 0; i < 20000; ++i) hashes.push_back(random_hash(random, DigestKind::md5, 7));
  const Image image = image_of(hashes, DigestKind::md5);
  const KnownHashes known(image, Hashed::object, DigestKind::md5);
  for (int i = 0; i < 20000; ++i) keys.push_back(random());
  const Bytes filter_image = build_filter(keys);
  const Filter filter(filter_image);
  int passed = 0;
  for (int i = 0; i < 20000; ++i) {
    CHECK_FALSE(known.find(7, view(random_hash(random, DigestKind::md5, 7), DigestKind::md5)));
    passed += filter.may_contain(random()) ? 1 : 0;
  }
  CHECK(passed < 120);
  for (const std::uint64_t key : keys) CHECK(filter.may_contain(key));
  CHECK(filter_image.size() < keys.size() * 5 / 4 + 1024);
}

TEST_CASE("a hash for any size is asked for at every size, four gigabytes and more included") {
  std::mt19937_64 random(6);
  const KnownHash any = random_hash(random, DigestKind::sha256, 0);
  const Image image = image_of({any}, DigestKind::sha256);
  const KnownHashes known(image, Hashed::object, DigestKind::sha256);
  CHECK(known.asks_for(std::uint64_t{1} << 40U));
  CHECK(known.find(std::uint64_t{1} << 40U, view(any, DigestKind::sha256)));
  CHECK_FALSE(KnownHashes(image, Hashed::allowed, DigestKind::sha256).asks_for(1));
  CHECK_FALSE(KnownHashes(image, Hashed::object, DigestKind::md5).asks_for(1));
}

TEST_CASE("one digest may be listed for several sizes under several names") {
  std::mt19937_64 random(7);
  KnownHash one = random_hash(random, DigestKind::sha1, 10);
  KnownHash two = one;
  two.size = 20;
  two.label.name = 99;
  const Image image = image_of({two, one, two}, DigestKind::sha1);
  const KnownHashes known(image, Hashed::object, DigestKind::sha1);
  CHECK(known.find(10, view(one, DigestKind::sha1))->name == one.label.name);
  CHECK(known.find(20, view(one, DigestKind::sha1))->name == 99);
  CHECK_FALSE(known.find(30, view(one, DigestKind::sha1)));
}

}  // namespace amanat::threat
