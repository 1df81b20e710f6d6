#include "amanat/seal/pack_reader.h"

#include <algorithm>
#include <cstring>

#include "amanat/codec/codec.h"
#include "amanat/seal/compressor.h"
#include "amanat/seal/frame.h"

namespace amanat::seal {
namespace {

constexpr std::size_t kSlotNonceBytes = 12;

Result<Bytes> read_range(const PackSource& source, std::uint64_t offset, std::size_t size) {
  auto bytes = source.read(offset, size);
  if (bytes && bytes->size() != size) {
    return fail(Code::unavailable, "a source gave another number of bytes");
  }
  return bytes;
}

Result<Bytes> read_header_bytes(const PackSource& source) {
  if (source.frames < 1 || source.frames > kFramesMax) {
    return fail(Code::invalid_input, "a pack has 1 to 256 frames");
  }
  return read_range(source, std::uint64_t{source.frames} * kFrameBytes, kPackHeaderBytes);
}

Result<PackHeader> parse_header(const PackSource& source, ByteView bytes) {
  auto header = PackHeader::parse(bytes);
  if (header && header->frames != source.frames) {
    return fail(Code::invalid_input, "pack header: it states another number of frames");
  }
  return header;
}

Result<PackKey> open_slot(const PackHeader& header, ByteView header_bytes,
                          const PackAccess& access) {
  const ByteView slot = slot_of(header_bytes, kSlotCustody);
  crypto::GcmNonce nonce{};
  std::ranges::copy(slot.first(kSlotNonceBytes), nonce.begin());
  PackKey key;
  auto opened =
      crypto::Gcm(access.wrap.expose())
          .open(nonce, slot_aad(header, access.decisions),
                slot.subspan(kSlotNonceBytes, PackKey::kSize + crypto::kTagSize), key.expose());
  if (!opened) return carry(opened, "key slot");
  // GCM alone lets one ciphertext open under two keys; the commitment leaves only one.
  if (!equal_in_constant_time(commit_pack_key(header, key).bytes(), header.commitment.bytes())) {
    return fail(Code::forged, "key slot: the header commits to another key");
  }
  return key;
}

}  // namespace

struct PackReader::State {
  State(PackSource from, const PackHeader& parsed, const PackKey& key, const NameKey& names)
      : source(std::move(from)),
        header(parsed),
        name_key(names.duplicate()),
        gcm(key.expose()),
        aad(frame_aad(parsed.salt, parsed.compartment)) {}
  ~State() { wipe(cached); }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  std::uint64_t plain_size() const { return std::uint64_t{header.frames} * kFramePlainBytes; }
  Result<> open_frame(std::uint32_t index, ByteView sealed);
  Result<Bytes> read_plain(std::uint64_t offset, std::size_t size);

  PackSource source;
  PackHeader header;
  NameKey name_key;
  crypto::Gcm gcm;
  Bytes aad;
  Decompressor decompressor;
  Bytes cached = Bytes(kFramePlainBytes);   // the plain text of one frame, since blobs share frames
  std::uint32_t cached_index = kFramesMax;  // none
};

Result<> PackReader::State::open_frame(std::uint32_t index, ByteView sealed) {
  cached_index = kFramesMax;
  const bool is_last = index + 1 == header.frames;
  auto opened = gcm.open(frame_nonce(index, is_last), aad, sealed, cached);
  if (!opened) return carry(opened, "frame " + std::to_string(index));
  cached_index = index;
  return {};
}

// Copies `size` plain bytes from `offset` on; the frames that are missing come in one read.
Result<Bytes> PackReader::State::read_plain(std::uint64_t offset, std::size_t size) {
  if (offset > plain_size() || size > plain_size() - offset) {
    return fail(Code::invalid_input, "the bytes lie outside the pack");
  }
  Bytes plain(size);
  if (size == 0) return plain;
  const auto first = static_cast<std::uint32_t>(offset / kFramePlainBytes);
  const auto last = static_cast<std::uint32_t>((offset + size - 1) / kFramePlainBytes);
  const std::uint32_t fetch = first == cached_index ? first + 1 : first;
  Bytes sealed;
  if (fetch <= last) {
    auto read = read_range(source, std::uint64_t{fetch} * kFrameBytes,
                           std::size_t{last - fetch + 1} * kFrameBytes);
    if (!read) return carry(read);
    sealed = *std::move(read);
  }
  std::size_t done = 0;
  for (std::uint32_t i = first; i <= last; ++i) {
    if (i >= fetch) {
      auto opened = open_frame(
          i, ByteView(sealed).subspan(std::size_t{i - fetch} * kFrameBytes, kFrameBytes));
      if (!opened) return carry(opened);
    }
    const std::size_t from = i == first ? offset % kFramePlainBytes : 0;
    const std::size_t count = std::min(kFramePlainBytes - from, size - done);
    std::memcpy(plain.data() + done, cached.data() + from, count);
    done += count;
  }
  return plain;
}

Result<PackSource> source_over(ByteView pack) {
  auto frames = frames_of_size(pack.size());
  if (!frames) return carry(frames);
  return PackSource{*frames, [pack](std::uint64_t offset, std::size_t size) -> Result<Bytes> {
                      if (offset > pack.size() || size > pack.size() - offset) {
                        return fail(Code::not_found, "the range lies outside the pack");
                      }
                      const ByteView range = pack.subspan(offset, size);
                      return Bytes(range.begin(), range.end());
                    }};
}

Result<PackHeader> read_pack_header(const PackSource& source) {
  auto bytes = read_header_bytes(source);
  if (!bytes) return carry(bytes, "reading a pack's header");
  return parse_header(source, *bytes);
}

Result<PackReader> PackReader::open(PackSource source, const PackAccess& access) {
  auto bytes = read_header_bytes(source);
  if (!bytes) return carry(bytes, "reading a pack's header");
  const auto header = parse_header(source, *bytes);
  if (!header) return carry(header);
  if (header->compartment != access.compartment) {
    return fail(Code::invalid_input, "pack header: it names another compartment");
  }
  const auto key = open_slot(*header, *bytes, access);
  if (!key) return carry(key);
  return PackReader(std::make_unique<State>(std::move(source), *header, *key, access.name));
}

PackReader::PackReader(std::unique_ptr<State> state) : state_(std::move(state)) {}
PackReader::PackReader(PackReader&&) noexcept = default;
PackReader& PackReader::operator=(PackReader&&) noexcept = default;
PackReader::~PackReader() = default;

const PackHeader& PackReader::header() const { return state_->header; }

Result<std::vector<PackEntry>> PackReader::directory() {
  const std::uint64_t end = state_->plain_size() - kTrailerBytes;
  auto trailer = state_->read_plain(end, kTrailerBytes);
  if (!trailer) return carry(trailer, "directory");
  codec::Reader reader(*trailer);
  const std::uint64_t offset = reader.u32();
  const std::uint64_t size = std::uint64_t{reader.u32()} * kPackEntryBytes;
  if (offset > end || size > end - offset) {
    return fail(Code::invalid_input, "directory: it lies outside the pack");
  }
  auto bytes = state_->read_plain(offset, size);
  if (!bytes) return carry(bytes, "directory");
  return parse_directory(*bytes, offset);
}

Result<Bytes> PackReader::read_blob(const PackEntry& entry) {
  if (auto fits = check_entry(entry, state_->plain_size()); !fits) return carry(fits);
  if (entry.codec == BlobCodec::zstd_dictionary) {
    return fail(Code::invalid_input, "a blob needs a dictionary, which this reader does not know");
  }
  auto stored = state_->read_plain(entry.offset, entry.stored);
  if (!stored) return carry(stored, "blob");
  Bytes plain;
  if (entry.codec == BlobCodec::none) {
    plain = *std::move(stored);
  } else {
    auto decompressed = state_->decompressor.decompress(*stored, entry.raw);
    if (!decompressed) return carry(decompressed);
    plain = *std::move(decompressed);
  }
  if (name_blob(state_->name_key, entry.type, plain) != entry.name) {
    return fail(Code::forged, "a blob's content has another name");
  }
  return plain;
}

}  // namespace amanat::seal
