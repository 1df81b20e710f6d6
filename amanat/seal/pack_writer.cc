#include "amanat/seal/pack_writer.h"

#include <algorithm>
#include <cstring>

#include "amanat/codec/codec.h"
#include "amanat/merkle/merkle.h"
#include "amanat/seal/compressor.h"
#include "amanat/seal/frame.h"

namespace amanat::seal {
namespace {

constexpr std::size_t kPackPlainBytes = kFramesMax * kFramePlainBytes;
constexpr std::uint32_t kFramesBetweenChecks = 16;
constexpr std::size_t kSlotNonceBytes = 12;

std::uint32_t frames_for(std::size_t plain_size) {
  return static_cast<std::uint32_t>((plain_size + kFramePlainBytes - 1) / kFramePlainBytes);
}

}  // namespace

// The pack that is being written. Plain text is gathered where its frame will stand in `bytes` and
// sealed in place.
struct PackWriter::State {
  State(const CompartmentKeys& borrowed, RandomSource source)
      : keys(borrowed), random(std::move(source)) {}

  void begin();
  void put(ByteView plain);
  void seal_frame(bool is_last);
  void write_trailer(std::uint32_t frames, std::size_t directory_offset);
  void write_header();
  Result<> check_frame(std::uint32_t index, ByteSpan plain);
  Result<> check(std::size_t directory_offset);
  Result<> check_directory(std::size_t directory_offset);
  SealedPack take();
  void reset(Bytes reuse);

  std::size_t room() const { return kFramePlainBytes - filled; }

  const CompartmentKeys& keys;
  RandomSource random;
  Compressor compressor;

  PackKey key;
  std::unique_ptr<crypto::Gcm> gcm;  // nullptr while the pack is empty
  PackHeader header;                 // frames: those sealed so far
  Bytes aad;
  Bytes bytes;
  std::size_t filled = 0;  // plain bytes in the open frame
  std::size_t plain_size = 0;
  std::vector<PackEntry> entries;
  merkle::Edge leaves;
  PackId id;
};

void PackWriter::State::begin() {
  key = PackKey();
  random(key.expose());
  gcm = std::make_unique<crypto::Gcm>(key.expose());
  header = PackHeader();
  random(header.salt.fill());
  header.compartment = keys.id;
  header.generation = keys.generation;
  aad = frame_aad(header.salt, header.compartment);
  leaves = merkle::Edge();
  if (bytes.capacity() < kPackBytesMax) bytes.reserve(kPackBytesMax);
  bytes.assign(kFrameBytes, 0);
}

// A frame is sealed when more is to come after it, so it is never the last one here.
void PackWriter::State::put(ByteView plain) {
  while (!plain.empty()) {
    if (room() == 0) seal_frame(false);
    const std::size_t count = std::min(room(), plain.size());
    std::memcpy(bytes.data() + std::size_t{header.frames} * kFrameBytes + filled, plain.data(),
                count);
    filled += count;
    plain = plain.subspan(count);
  }
}

void PackWriter::State::seal_frame(bool is_last) {
  const ByteSpan frame =
      ByteSpan(bytes).subspan(std::size_t{header.frames} * kFrameBytes, kFrameBytes);
  gcm->seal(frame_nonce(header.frames, is_last), aad, frame.first(kFramePlainBytes), frame);
  for (std::size_t at = 0; at < kFrameBytes; at += kPackLeafBytes) {
    leaves.append(merkle::hash_leaf(frame.subspan(at, kPackLeafBytes)));
  }
  ++header.frames;
  filled = 0;
  bytes.resize(bytes.size() + (is_last ? kPackHeaderBytes : kFrameBytes));  // zeros
}

// Zeros up to the last frame, whose last 8 bytes say where the directory is.
void PackWriter::State::write_trailer(std::uint32_t frames, std::size_t directory_offset) {
  while (header.frames + 1 < frames) seal_frame(false);
  codec::Writer trailer;
  trailer.u32(static_cast<std::uint32_t>(directory_offset));
  trailer.u32(static_cast<std::uint32_t>(entries.size()));
  ensure(room() >= kTrailerBytes, "the trailer fits the last frame");
  filled = kFramePlainBytes - kTrailerBytes;
  put(trailer.bytes());
  seal_frame(true);
}

void PackWriter::State::write_header() {
  header.commitment = commit_pack_key(header, key);
  const ByteSpan target =
      ByteSpan(bytes).subspan(std::size_t{header.frames} * kFrameBytes, kPackHeaderBytes);
  const auto fields = header.encode();
  std::ranges::copy(fields, target.begin());
  const ByteSpan slots = target.subspan(kHeaderFieldsBytes, kSlots * kSlotBytes);
  random(slots);
  // The custody slot begins with its nonce, random already; what follows the sealed key stays so.
  crypto::GcmNonce nonce{};
  std::ranges::copy(slots.first(kSlotNonceBytes), nonce.begin());
  crypto::Gcm(keys.wrap.expose())
      .seal(nonce, slot_aad(header, keys.decisions), key.expose(),
            slots.subspan(kSlotNonceBytes, PackKey::kSize + crypto::kTagSize));
  leaves.append(merkle::hash_leaf(target));
  id = PackId::from(leaves.root().hash.bytes()).value();
}

Result<> PackWriter::State::check_frame(std::uint32_t index, ByteSpan plain) {
  const ByteView sealed = ByteView(bytes).subspan(std::size_t{index} * kFrameBytes, kFrameBytes);
  return gcm->open(frame_nonce(index, index + 1 == header.frames), aad, sealed, plain);
}

Result<> PackWriter::State::check_directory(std::size_t directory_offset) {
  const Bytes expected = encode_directory(entries);
  const auto first = static_cast<std::uint32_t>(directory_offset / kFramePlainBytes);
  const std::uint32_t end = frames_for(directory_offset + expected.size());
  Bytes found(std::size_t{end - std::min(first, end)} * kFramePlainBytes);
  for (std::uint32_t i = first; i < end; ++i) {
    const ByteSpan plain =
        ByteSpan(found).subspan(std::size_t{i - first} * kFramePlainBytes, kFramePlainBytes);
    if (auto opened = check_frame(i, plain); !opened) return carry(opened);
  }
  const ByteView directory =
      ByteView(found).subspan(directory_offset % kFramePlainBytes, expected.size());
  const bool same = std::ranges::equal(directory, expected);
  wipe(found);
  if (!same) return fail(Code::corrupt, "the directory reads back otherwise");
  return {};
}

// Bad memory between sealing and now would make a pack that nobody can open: look again.
Result<> PackWriter::State::check(std::size_t directory_offset) {
  Bytes plain(kFramePlainBytes);
  Result<> opened;
  for (std::uint32_t i = 0; i < header.frames && opened; i += kFramesBetweenChecks) {
    opened = check_frame(i, plain);
  }
  wipe(plain);
  if (!opened) return carry(opened);
  const ByteView slot = slot_of(ByteView(bytes).last(kPackHeaderBytes), kSlotCustody);
  crypto::GcmNonce nonce{};
  std::ranges::copy(slot.first(kSlotNonceBytes), nonce.begin());
  PackKey again;
  opened =
      crypto::Gcm(keys.wrap.expose())
          .open(nonce, slot_aad(header, keys.decisions),
                slot.subspan(kSlotNonceBytes, PackKey::kSize + crypto::kTagSize), again.expose());
  if (!opened) return carry(opened);
  if (!equal_in_constant_time(again.expose(), key.expose())) {
    return fail(Code::corrupt, "the key slot reads back otherwise");
  }
  return check_directory(directory_offset);
}

SealedPack PackWriter::State::take() {
  return {.id = id,
          .frames = header.frames,
          .generation = header.generation,
          .bytes = std::move(bytes),
          .entries = std::move(entries)};
}

void PackWriter::State::reset(Bytes reuse) {
  key = PackKey();
  gcm.reset();
  header = PackHeader();
  bytes = std::move(reuse);
  entries.clear();
  filled = 0;
  plain_size = 0;
}

PackWriter::PackWriter(const CompartmentKeys& keys, RandomSource random)
    : state_(std::make_unique<State>(keys, std::move(random))) {}
PackWriter::PackWriter(PackWriter&&) noexcept = default;
PackWriter& PackWriter::operator=(PackWriter&&) noexcept = default;

PackWriter::~PackWriter() {
  // An unfinished frame is plain text.
  if (state_ && state_->gcm) wipe(ByteSpan(state_->bytes).last(kFrameBytes));
}

bool PackWriter::add(const BlobName& name, BlobType type, ByteView plain, Compression compression) {
  ensure(plain.size() <= kBlobBytesMax, "a blob has at most 8 MiB");
  const std::size_t directory_size = (state_->entries.size() + 1) * kPackEntryBytes;
  const std::size_t taken = state_->plain_size + directory_size + kTrailerBytes;
  if (taken > kPackPlainBytes) return false;

  ByteView stored = plain;
  BlobCodec codec = BlobCodec::none;
  if (compression == Compression::zstd && !plain.empty()) {
    if (const auto compressed = state_->compressor.compress(plain)) {
      stored = *compressed;
      codec = BlobCodec::zstd;
    }
  }
  if (stored.size() > kPackPlainBytes - taken) return false;

  if (is_empty()) state_->begin();
  state_->entries.push_back({.name = name,
                             .offset = static_cast<std::uint32_t>(state_->plain_size),
                             .stored = static_cast<std::uint32_t>(stored.size()),
                             .raw = static_cast<std::uint32_t>(plain.size()),
                             .codec = codec,
                             .dictionary = 0,
                             .type = type});
  state_->put(stored);
  state_->plain_size += stored.size();
  return true;
}

Result<SealedPack> PackWriter::finish(Padding padding, Bytes reuse) {
  if (is_empty()) return fail(Code::invalid_input, "a pack without blobs is not written");
  State& state = *state_;
  const std::size_t directory_offset = state.plain_size;
  const std::size_t directory_size = state.entries.size() * kPackEntryBytes;
  std::uint32_t frames = frames_for(directory_offset + directory_size + kTrailerBytes);
  if (padding == Padding::ladder) frames = pad_frames(frames);
  state.put(encode_directory(state.entries));
  state.write_trailer(frames, directory_offset);
  state.write_header();
  if (auto checked = state.check(directory_offset); !checked) {
    std::string message = "a sealed pack does not open again: " + checked.error().message;
    state.reset(std::move(reuse));
    return fail(Code::corrupt, std::move(message));
  }
  SealedPack pack = state.take();
  state.reset(std::move(reuse));
  return pack;
}

bool PackWriter::is_empty() const { return state_->gcm == nullptr; }

std::size_t PackWriter::plain_size() const { return state_->plain_size; }

}  // namespace amanat::seal
