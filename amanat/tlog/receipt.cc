#include "amanat/tlog/receipt.h"

#include "amanat/codec/codec.h"

namespace amanat::tlog {
namespace {

constexpr std::size_t kProofBytesMax = merkle::kProofHashesMax * merkle::Hash::kSize;

merkle::Proof read_proof(codec::Reader& reader) {
  const ByteView bytes = reader.vector16(kProofBytesMax);
  if (bytes.size() % merkle::Hash::kSize != 0) reader.refuse("the proof holds part of a hash");
  merkle::Proof proof(bytes.size() / merkle::Hash::kSize);
  codec::Reader hashes(bytes);
  for (merkle::Hash& hash : proof) hash = hashes.id<merkle::Hash>();
  return proof;
}

}  // namespace

Bytes encode(const Receipt& receipt) {
  codec::Writer writer;
  write_event(writer, receipt.event);
  writer.u64(receipt.index);
  writer.vector16(receipt.entry, kEntryBytesMax);
  Bytes proof;
  for (const merkle::Hash& hash : receipt.proof) append(proof, hash.bytes());
  writer.vector16(proof, kProofBytesMax);
  writer.vector16(as_bytes(receipt.checkpoint), kReceiptNoteBytesMax);
  return std::move(writer).take();
}

Result<Receipt> parse_receipt(ByteView bytes) {
  codec::Reader reader(bytes);
  Receipt receipt;
  receipt.event = read_event(reader);
  receipt.index = reader.u64();
  const ByteView entry = reader.vector16(kEntryBytesMax);
  receipt.entry.assign(entry.begin(), entry.end());
  receipt.proof = read_proof(reader);
  receipt.checkpoint = as_text(reader.vector16(kReceiptNoteBytesMax));
  if (auto done = reader.finish("receipt"); !done) return carry(done);
  return receipt;
}

Result<note::VerifiedCheckpoint> check(const Receipt& receipt, const note::VerifierKey& log_key) {
  const auto entry = parse_entry(receipt.entry);
  if (!entry) return carry(entry, "checking a receipt");
  const auto* const user = std::get_if<UserEntry>(&*entry);
  if (user == nullptr || !shows(*user, receipt.event)) {
    return fail(Code::forged, "checking a receipt: the log entry shows another event");
  }
  return check_inclusion(receipt.entry, receipt.index, receipt.proof, receipt.checkpoint, log_key);
}

Result<note::VerifiedCheckpoint> check_inclusion(ByteView entry, std::uint64_t index,
                                                 const merkle::Proof& proof,
                                                 std::string_view checkpoint,
                                                 const note::VerifierKey& log_key) {
  auto head = note::open_checkpoint(checkpoint, log_key);
  if (!head) return carry(head, "checking a receipt");
  const auto included =
      merkle::verify_inclusion(merkle::hash_leaf(entry), index, proof, head->root());
  // A log that signs one thing and proves another is caught, whatever is wrong with the proof.
  if (!included) {
    return fail(Code::forged, "checking a receipt: " + included.error().message);
  }
  return head;
}

}  // namespace amanat::tlog
