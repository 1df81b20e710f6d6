#include "amanat/phone/quarantine_file.h"

#include <algorithm>

#include "amanat/codec/codec.h"
#include "amanat/phone/durable.h"

namespace amanat::phone {
namespace {

constexpr std::string_view kMagic = "amanat quarantine 1\n";
constexpr std::size_t kHeadBytes = kMagic.size() + QuarantineId::kSize;
constexpr std::size_t kRecordBytesMax = 32 * 1024;  // sealed
constexpr std::size_t kChunkBytes = 1 << 20;

Bytes head_of(const QuarantineId& id) {
  codec::Writer writer;
  writer.raw(kMagic);
  writer.raw(id.bytes());
  return std::move(writer).take();
}

crypto::AeadKey derive(const QuarantineKey& key, const QuarantineId& id, std::string_view use) {
  return crypto::derive_key<crypto::AeadKey>(key.expose(), id.bytes(),
                                             {as_bytes("amanat quarantine "), as_bytes(use)});
}

crypto::GcmNonce nonce_of(std::uint64_t chunk) {
  crypto::GcmNonce nonce{};
  for (std::size_t i = 0; i < sizeof(chunk); ++i) {
    nonce.at(nonce.size() - 1 - i) = static_cast<std::uint8_t>(chunk >> (8 * i));
  }
  return nonce;
}

Bytes encode(const QuarantineRecord& record) {
  codec::Writer writer;
  writer.vector16(as_bytes(record.path), kQuarantinePathBytesMax);
  for (const std::uint64_t number : {record.stamp.device, record.stamp.inode, record.stamp.size}) {
    writer.u64(number);
  }
  for (const std::int64_t time : {record.stamp.mtime_ns, record.stamp.ctime_ns, record.atime_ns}) {
    writer.u64(static_cast<std::uint64_t>(time));
  }
  for (const std::uint32_t number : {record.mode, record.user, record.group}) writer.u32(number);
  writer.raw(record.digest.bytes());
  for (const std::string* text : {&record.reason.signature, &record.reason.source,
                                  &record.reason.inside, &record.reason.words}) {
    writer.vector16(as_bytes(*text), kQuarantineTextBytesMax);
  }
  writer.u64(millis_of(record.when));
  return std::move(writer).take();
}

Result<QuarantineRecord> decode(ByteView bytes) {
  codec::Reader reader(bytes);
  QuarantineRecord record;
  record.path = as_text(reader.vector16(kQuarantinePathBytesMax));
  for (std::uint64_t* number : {&record.stamp.device, &record.stamp.inode, &record.stamp.size}) {
    *number = reader.u64();
  }
  for (std::int64_t* time : {&record.stamp.mtime_ns, &record.stamp.ctime_ns, &record.atime_ns}) {
    *time = static_cast<std::int64_t>(reader.u64());
  }
  for (std::uint32_t* number : {&record.mode, &record.user, &record.group}) *number = reader.u32();
  record.digest = reader.id<crypto::Hash>();
  for (std::string* text : {&record.reason.signature, &record.reason.source, &record.reason.inside,
                            &record.reason.words}) {
    *text = as_text(reader.vector16(kQuarantineTextBytesMax));
  }
  record.when = instant_from_millis(reader.u64());
  if (auto done = reader.finish("a record of the quarantine"); !done) return carry(done);
  return record;
}

struct OpenedRecord {
  QuarantineRecord record;
  std::uint64_t content = 0;  // where the first chunk begins
};

Result<OpenedRecord> open_record(const QuarantineKey& key, const QuarantineId& id, int file) {
  Bytes start(kHeadBytes + 4 + kRecordBytesMax);
  const auto size = read_up_to(file, 0, start);
  if (!size) return carry(size, "reading a file of the quarantine");
  codec::Reader reader(ByteView(start).first(*size));
  const Bytes head = head_of(id);
  reader.expect(ByteView(head), "the start of a file in quarantine");
  const ByteView sealed = reader.vector32(kRecordBytesMax);
  if (reader.failed()) return fail(Code::forged, "a file of the quarantine is damaged");
  const auto plain = crypto::xchacha_open(derive(key, id, "record"), head, sealed);
  if (!plain) return carry(plain, "opening a record of the quarantine");
  auto record = decode(plain->expose());
  if (!record) return carry(record);
  return OpenedRecord{std::move(*record), reader.position()};
}

}  // namespace

Result<> seal_quarantined(const QuarantineKey& key, const QuarantineId& id, int from, int to,
                          QuarantineRecord& record) {
  const Bytes head = head_of(id);
  const std::size_t record_bytes = encode(record).size() + crypto::kXchachaOverhead;
  if (record_bytes > kRecordBytesMax) {
    return fail(Code::invalid_input, "the reason for a quarantine is too long");
  }
  // The record stands in front and has the digest, which is known last: its place is left empty.
  std::uint64_t written = kHeadBytes + 4 + record_bytes;
  crypto::Gcm gcm(derive(key, id, "content").expose());
  crypto::Digest digest;
  Bytes plain(kChunkBytes);
  Bytes sealed(kChunkBytes + crypto::kTagSize);
  std::uint64_t read = 0;
  for (std::uint64_t chunk = 0;; ++chunk) {
    const auto size = read_up_to(from, read, plain);
    if (!size) return carry(size);
    if (*size == 0) break;
    const ByteView piece = ByteView(plain).first(*size);
    const ByteSpan out = ByteSpan(sealed).first(*size + crypto::kTagSize);
    digest.update(piece);
    gcm.seal(nonce_of(chunk), {}, piece, out);
    if (auto done = write_at(to, written, out); !done) return carry(done);
    read += *size;
    written += out.size();
    if (*size < kChunkBytes) break;
  }
  if (read != record.stamp.size) return fail(Code::conflict, "the file changed while it was read");
  record.digest = digest.finish_sha256();
  codec::Writer front;
  front.raw(head);
  front.vector32(crypto::xchacha_seal(derive(key, id, "record"), head, encode(record)),
                 kRecordBytesMax);
  return write_at(to, 0, front.bytes());
}

Result<QuarantineRecord> open_quarantine_record(const QuarantineKey& key, const QuarantineId& id,
                                                int file) {
  auto opened = open_record(key, id, file);
  if (!opened) return carry(opened);
  return std::move(opened->record);
}

Result<QuarantineRecord> open_quarantined(const QuarantineKey& key, const QuarantineId& id,
                                          int file, int to) {
  auto opened = open_record(key, id, file);
  if (!opened) return carry(opened);
  crypto::Gcm gcm(derive(key, id, "content").expose());
  crypto::Digest digest;
  Bytes plain(kChunkBytes);
  Bytes sealed(kChunkBytes + crypto::kTagSize);
  std::uint64_t at = opened->content;
  std::uint64_t chunk = 0;
  for (std::uint64_t done = 0; done < opened->record.stamp.size; ++chunk) {
    const auto size = static_cast<std::size_t>(
        std::min<std::uint64_t>(opened->record.stamp.size - done, kChunkBytes));
    const ByteSpan in = ByteSpan(sealed).first(size + crypto::kTagSize);
    const ByteSpan out = ByteSpan(plain).first(size);
    const auto read = read_up_to(file, at, in);
    if (!read) return carry(read);
    if (*read != in.size()) return fail(Code::forged, "a file of the quarantine is cut");
    if (auto opens = gcm.open(nonce_of(chunk), {}, in, out); !opens) {
      return carry(opens, "opening a file of the quarantine");
    }
    digest.update(out);
    if (to >= 0) {
      if (auto wrote = write_at(to, done, out); !wrote) return carry(wrote);
    }
    at += in.size();
    done += size;
  }
  if (digest.finish_sha256() != opened->record.digest) {
    return fail(Code::forged, "a file of the quarantine has another content than was put there");
  }
  return std::move(opened->record);
}

}  // namespace amanat::phone
