#include "amanat/seal/pack.h"

#include <algorithm>

#include "amanat/codec/codec.h"
#include "amanat/merkle/merkle.h"

namespace amanat::seal {
namespace {

constexpr std::string_view kMagic = "AMNTPACK";
constexpr std::uint8_t kSuite = 1;
constexpr std::uint8_t kFrameLog2 = 16;
constexpr std::size_t kHeaderZeros = 14;
constexpr auto kPaddedFrames = std::to_array<std::uint32_t>(
    {4, 5, 7, 9, 12, 15, 19, 24, 30, 38, 48, 60, 75, 94, 118, 148, 185, 232, 256});

BlobType read_type(codec::Reader& reader) {
  const std::uint8_t byte = reader.u8();
  if (byte < 1 || byte > 4) reader.refuse("a blob's type is unknown");
  return static_cast<BlobType>(byte);
}

BlobCodec read_codec(codec::Reader& reader) {
  const std::uint8_t byte = reader.u8();
  if (byte > 2) reader.refuse("a blob's codec is unknown");
  return static_cast<BlobCodec>(byte);
}

PackEntry read_entry(codec::Reader& reader) {
  PackEntry entry;
  entry.name = reader.id<BlobName>();
  entry.offset = reader.u32();
  entry.stored = reader.u32();
  entry.raw = reader.u32();
  entry.codec = read_codec(reader);
  entry.dictionary = reader.u8();
  entry.type = read_type(reader);
  reader.expect_zeros(1, "an entry ends in a zero");
  return entry;
}

}  // namespace

Result<std::uint32_t> frames_of_size(std::uint64_t size) {
  if (size < pack_size_of(1) || size > pack_size_of(kFramesMax)
      || (size - kPackHeaderBytes) % kFrameBytes != 0) {
    return fail(Code::invalid_input, "no pack has this size");
  }
  return static_cast<std::uint32_t>((size - kPackHeaderBytes) / kFrameBytes);
}

std::uint32_t pad_frames(std::uint32_t frames) {
  ensure(frames <= kFramesMax, "a pack has at most 256 frames");
  return *std::ranges::lower_bound(kPaddedFrames, frames);
}

Result<PackHeader> PackHeader::parse(ByteView header) {
  codec::Reader reader(header);
  PackHeader parsed;
  reader.expect(kMagic, "it is no pack");
  if (reader.u8() != kSuite) reader.refuse("the suite is unknown");
  if (reader.u8() != kFrameLog2) reader.refuse("the frame size is unknown");
  if (reader.u16() != 0) reader.refuse("a flag is unknown");
  parsed.frames = reader.u32();
  if (parsed.frames < 1 || parsed.frames > kFramesMax) reader.refuse("a pack has 1 to 256 frames");
  parsed.salt = reader.id<PackSalt>();
  parsed.commitment = reader.id<KeyCommitment>();
  parsed.compartment = reader.id<CompartmentId>();
  parsed.generation = reader.u16();
  if (parsed.generation == 0) reader.refuse("generations count from 1");
  reader.expect_zeros(kHeaderZeros, "the fields end in zeros");
  reader.raw(kSlots * kSlotBytes);
  reader.expect_zeros(kPackHeaderBytes - kHeaderFieldsBytes - kSlots * kSlotBytes,
                      "the header ends in zeros");
  if (auto done = reader.finish("pack header"); !done) return carry(done);
  return parsed;
}

std::array<std::uint8_t, kHeaderFieldsBytes> PackHeader::encode() const {
  codec::Writer writer;
  writer.raw(kMagic);
  writer.u8(kSuite);
  writer.u8(kFrameLog2);
  writer.u16(0);
  writer.u32(frames);
  writer.raw(salt.bytes());
  writer.raw(commitment.bytes());
  writer.raw(compartment.bytes());
  writer.u16(generation);
  writer.zeros(kHeaderZeros);
  std::array<std::uint8_t, kHeaderFieldsBytes> fields{};
  ensure(writer.bytes().size() == fields.size(), "the fields of a header are 96 bytes");
  std::ranges::copy(writer.bytes(), fields.begin());
  return fields;
}

ByteView slot_of(ByteView header, std::size_t slot) {
  ensure(header.size() == kPackHeaderBytes && slot < kSlots, "a header has 16 slots");
  return header.subspan(kHeaderFieldsBytes + slot * kSlotBytes, kSlotBytes);
}

PackId pack_id_of(ByteView pack) {
  merkle::Edge edge;
  for (std::size_t at = 0; at < pack.size(); at += kPackLeafBytes) {
    edge.append(merkle::hash_leaf(pack.subspan(at, std::min(kPackLeafBytes, pack.size() - at))));
  }
  return PackId::from(edge.root().hash.bytes()).value();
}

BlobName name_blob(const NameKey& key, BlobType type, ByteView plain) {
  const std::array prefix{static_cast<std::uint8_t>(type)};
  return BlobName::from(crypto::hmac_sha256(key.expose(), {prefix, plain}).bytes()).value();
}

Result<> check_entry(const PackEntry& entry, std::uint64_t plain_size) {
  if (entry.raw > kBlobBytesMax) return fail(Code::invalid_input, "a blob is larger than 8 MiB");
  if (entry.stored > entry.raw) {
    return fail(Code::invalid_input, "a blob takes more room than its content");
  }
  if (entry.codec == BlobCodec::none && entry.stored != entry.raw) {
    return fail(Code::invalid_input, "an uncompressed blob has two sizes");
  }
  if (entry.codec != BlobCodec::zstd_dictionary && entry.dictionary != 0) {
    return fail(Code::invalid_input, "a blob names a dictionary that it does not use");
  }
  if (std::uint64_t{entry.offset} + entry.stored > plain_size) {
    return fail(Code::invalid_input, "a blob lies outside its pack");
  }
  return {};
}

Bytes encode_directory(const std::vector<PackEntry>& entries) {
  codec::Writer writer;
  for (const PackEntry& entry : entries) {
    writer.raw(entry.name.bytes());
    writer.u32(entry.offset);
    writer.u32(entry.stored);
    writer.u32(entry.raw);
    writer.u8(static_cast<std::uint8_t>(entry.codec));
    writer.u8(entry.dictionary);
    writer.u8(static_cast<std::uint8_t>(entry.type));
    writer.u8(0);
  }
  return std::move(writer).take();
}

Result<std::vector<PackEntry>> parse_directory(ByteView bytes, std::uint64_t directory_offset) {
  if (bytes.size() > kPackEntriesMax * kPackEntryBytes) {
    return fail(Code::invalid_input, "directory: it is longer than a pack");
  }
  std::vector<PackEntry> entries;
  entries.reserve(bytes.size() / kPackEntryBytes);
  codec::Reader reader(bytes);
  std::uint64_t end = 0;
  while (reader.left() > 0) {
    const PackEntry entry = read_entry(reader);
    if (reader.failed()) break;
    if (auto fits = check_entry(entry, directory_offset); !fits) return carry(fits, "directory");
    if (entry.offset < end) return fail(Code::invalid_input, "directory: entries overlap");
    end = std::uint64_t{entry.offset} + entry.stored;
    entries.push_back(entry);
  }
  if (auto done = reader.finish("directory"); !done) return carry(done);
  return entries;
}

}  // namespace amanat::seal
