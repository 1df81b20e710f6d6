// Speed of the two loops that see every byte: cutting and sealing. CPU seconds, so that a loaded
// machine measures the same.

#include <chrono>
#include <ctime>
#include <random>

#include <fmt/format.h>

#include "amanat/seal/test_world.h"

using namespace amanat;
using namespace amanat::seal;

namespace {

double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

template <class Work>
void report(std::string_view what, std::size_t bytes, Work work) {
  double best = 1e9;
  for (int round = 0; round < 5; ++round) {
    const double start = cpu_seconds();
    work();
    best = std::min(best, cpu_seconds() - start);
  }
  fmt::print("{:<44} {:8.1f} MB per CPU second\n", what, static_cast<double>(bytes) / best / 1e6);
}

Bytes noise(std::size_t size) {
  std::mt19937_64 random(1);
  Bytes bytes(size);
  for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random());
  return bytes;
}

void cut(Chunker& chunker, ChunkRule rule, ByteView file) {
  const auto read = [&](ByteSpan memory) -> Result<std::size_t> {
    const std::size_t count = std::min(memory.size(), file.size());
    std::ranges::copy(file.first(count), memory.begin());
    file = file.subspan(count);
    return count;
  };
  ensure(chunker.cut(rule, read, [](ByteView) { return Result<>(); }).has_value(), "it is cut");
}

// Seals packs as an upload does: the memory of one that was sent serves the one after the next.
class Packing {
 public:
  explicit Packing(const CompartmentKeys& keys) : keys_(keys), writer_(keys) {}

  void run(ByteView file, Compression compression) {
    for (std::size_t at = 0; at < file.size(); at += 320'000) {
      const ByteView blob = file.subspan(at, std::min<std::size_t>(320'000, file.size() - at));
      const auto name = name_blob(keys_.name, BlobType::data, blob);
      if (writer_.add(name, BlobType::data, blob, compression)) continue;
      finish(Padding::none);
      ensure(writer_.add(name, BlobType::data, blob, compression), "an empty pack takes a blob");
    }
    finish(Padding::ladder);
  }

 private:
  void finish(Padding padding) {
    auto sealed = writer_.finish(padding, std::move(memory_));
    ensure(sealed.has_value(), "it is sealed");
    memory_ = std::move(sealed->bytes);
  }

  const CompartmentKeys& keys_;
  PackWriter writer_;
  Bytes memory_;
};

void unpack(const CompartmentKeys& keys, const SealedPack& sealed) {
  auto reader = PackReader::open(source_over(sealed.bytes).value(), access_of(keys));
  for (const PackEntry& entry : sealed.entries) {
    ensure(reader->read_blob(entry).has_value(), "it opens");
  }
}

}  // namespace

int main() {
  constexpr std::size_t kSize = 64UZ << 20;
  const CompartmentKeys keys = testing::compartment_of("bench");
  const Bytes media = noise(kSize);
  const Bytes text = testing::text_of(kSize);
  Chunker chunker(keys.chunk, keys.cut);
  report("chunker, content-defined, noise", kSize,
         [&] { cut(chunker, ChunkRule::content, media); });
  report("chunker, content-defined, text", kSize, [&] { cut(chunker, ChunkRule::content, text); });
  report("chunker, fixed segments", kSize, [&] { cut(chunker, ChunkRule::segments, media); });
  Packing packing(keys);
  report("name, seal and hash, stored as it is", kSize,
         [&] { packing.run(media, Compression::none); });
  report("name, compress (noise), seal and hash", kSize,
         [&] { packing.run(media, Compression::zstd); });
  report("name, compress (text), seal and hash", kSize,
         [&] { packing.run(text, Compression::zstd); });
  PackWriter writer(keys);
  for (std::size_t at = 0; at < 15UZ << 20; at += 1 << 20) {
    const ByteView blob = ByteView(media).subspan(at, 1 << 20);
    ensure(writer.add(name_blob(keys.name, BlobType::data, blob), BlobType::data, blob,
                      Compression::none),
           "it fits");
  }
  const auto sealed = writer.finish(Padding::none);
  report("open, and check names", 15UZ << 20, [&] { unpack(keys, *sealed); });
}
