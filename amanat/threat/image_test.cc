#include "amanat/threat/image.h"

#include <string>

#include <doctest/doctest.h>

namespace amanat::threat {
namespace {
constexpr std::uint32_t kEngine = 214;

Bytes two_sections() {
  ImageWriter writer;
  const std::vector<std::uint32_t> numbers{1, 2, 3};
  writer.add_rows<std::uint32_t>({7, 0}, numbers);
  writer.add({8, 5}, Bytes{'a', 'b'});
  return std::move(writer).finish(kEngine);
}

Result<Image> open(const Bytes& bytes, std::uint32_t engine = kEngine) {
  auto mapping = Mapping::copy_of(bytes);
  if (!mapping) return carry(mapping);
  return Image::open(std::move(*mapping), engine);
}
}  // namespace

TEST_CASE("a container gives back the sections that were written, each at an aligned place") {
  const auto image = open(two_sections());
  REQUIRE(image);
  CHECK(image->verify());
  const auto numbers = image->rows<std::uint32_t>({7, 0});
  REQUIRE(numbers.size() == 3);
  CHECK(numbers[2] == 3);
  CHECK(as_text(image->section({8, 5})) == "ab");
  CHECK(reinterpret_cast<std::uintptr_t>(image->section({8, 5}).data()) % kSectionAlignment == 0);
  CHECK(image->section({8, 4}).empty());
  CHECK(image->rows<std::uint32_t>({8, 5}).empty());  // two bytes are no whole number
}

TEST_CASE("equal contents have equal versions, other contents others") {
  ImageWriter writer;
  writer.add({7, 0}, Bytes{1});
  const Bytes other = std::move(writer).finish(kEngine);
  CHECK(open(two_sections())->version() == open(two_sections())->version());
  CHECK(open(two_sections())->version() != open(other)->version());
}

TEST_CASE("a container cut anywhere, grown, or of another kind is refused in words") {
  const Bytes whole = two_sections();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    CAPTURE(size);
    CHECK_FALSE(open(Bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size))));
  }
  Bytes grown = whole;
  grown.push_back(0);
  CHECK(open(grown).error().message == "the threat database is cut short or has grown");
  Bytes other = whole;
  other[0] = 'x';
  CHECK(open(other).error().message == "this is not a threat database");
  CHECK(open(whole, kEngine - 1).error().code == Code::stale);
}

TEST_CASE("every flipped bit is found by verifying, if opening did not refuse it") {
  const Bytes whole = two_sections();
  for (std::size_t bit = 0; bit < whole.size() * 8; ++bit) {
    Bytes bent = whole;
    bent[bit / 8] = static_cast<std::uint8_t>(bent[bit / 8] ^ (1U << (bit % 8)));
    const auto image = open(bent);
    CAPTURE(bit);
    CHECK((!image || image->verify().error().code == Code::corrupt));
  }
}

}  // namespace amanat::threat
