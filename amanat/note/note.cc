#include "amanat/note/note.h"

#include <algorithm>

#include "amanat/codec/codec.h"
#include "amanat/crypto/crypto.h"
#include "amanat/note/text.h"

namespace amanat::note {
namespace {

constexpr std::string_view kDash = "\u2014 ";
constexpr std::string_view kCosignatureHeader = "cosignature/v1\ntime ";

std::unexpected<Error> bad_note(std::string_view reason) {
  return fail(Code::invalid_input, "note: " + std::string(reason));
}

// "— name base64(key id[4] || signature)", without the newline
Result<SignatureLine> parse_line(std::string_view line) {
  if (!line.starts_with(kDash)) return bad_note("a signature line does not begin with a dash");
  line.remove_prefix(kDash.size());
  const std::size_t space = line.find(' ');
  if (space == line.npos) return bad_note("a signature line has no signature");
  SignatureLine parsed;
  parsed.name = line.substr(0, space);
  if (!is_key_name(parsed.name)) return bad_note("a signature line has no valid name");
  const auto bytes = from_base64(line.substr(space + 1));
  if (!bytes) return carry(bytes, "note");
  codec::Reader reader(*bytes);
  parsed.key_id = reader.u32();
  append(parsed.signature, reader.raw(reader.left()));
  if (parsed.signature.empty()) return bad_note("a signature is empty");
  return parsed;
}

bool is_by(const SignatureLine& line, const VerifierKey& key) {
  return line.key_id == key.id && line.name == key.name;
}

// What a cosigner signs (C2SP tlog-cosignature, "Ed25519 signed message").
std::string cosigned_message(std::string_view text, std::uint64_t seconds) {
  std::string message(kCosignatureHeader);
  message += std::to_string(seconds);
  message += '\n';
  message += text;
  return message;
}

Result<> verify_line(std::string_view text, const SignatureLine& line, const VerifierKey& key) {
  codec::Reader reader(line.signature);
  std::string message;
  if (key.type == kTypeCosignature) {
    message = cosigned_message(text, reader.u64());
    text = message;
  }
  const auto signature = reader.id<crypto::Signature>();
  if (!reader.finish("signature")) return fail(Code::forged, "a signature has the wrong length");
  const auto public_key = crypto::PublicKey::from(key.public_key);
  if (!public_key) return carry(public_key);
  return crypto::verify(*public_key, as_bytes(text), signature);
}

struct Signed {
  crypto::Signature signature;
  crypto::PublicKey public_key;
};

Signed sign_message(std::string_view message, ByteView seed_bytes) {
  auto seed = crypto::SigningSeed::from(seed_bytes);
  ensure(seed.has_value(), "an Ed25519 seed has 32 bytes");
  const crypto::Signer signer(std::move(*seed));
  return {.signature = signer.sign(as_bytes(message)), .public_key = signer.public_key()};
}

}  // namespace

// The signatures stand below the last empty line: the text may have empty lines of its own.
Result<SignedNote> parse(std::string_view note) {
  if (note.size() > kNoteBytesMax) return bad_note("it is longer than its maximum");
  if (!is_note_text(note)) return bad_note("it is not UTF-8 without control characters");
  const std::size_t end = note.rfind("\n\n");
  if (end == note.npos) return bad_note("no empty line stands before the signatures");
  SignedNote parsed;
  parsed.text = note.substr(0, end + 1);
  std::string_view rest = note.substr(end + 2);
  if (!rest.ends_with('\n')) return bad_note("the last signature line does not end");
  while (!rest.empty()) {
    if (parsed.signatures.size() == kSignaturesMax) return bad_note("it has too many signatures");
    const std::size_t newline = rest.find('\n');
    auto line = parse_line(rest.substr(0, newline));
    if (!line) return carry(line);
    parsed.signatures.push_back(std::move(*line));
    rest.remove_prefix(newline + 1);
  }
  return parsed;
}

std::string to_text(const SignedNote& note) {
  std::string text = note.text;
  text += '\n';
  for (const SignatureLine& line : note.signatures) {
    codec::Writer writer;
    writer.u32(line.key_id);
    writer.raw(line.signature);
    text += kDash;
    text += line.name;
    text += ' ';
    text += to_base64(writer.bytes());
    text += '\n';
  }
  return text;
}

SignatureLine sign(std::string_view text, std::string_view name, ByteView seed) {
  ensure(text.ends_with('\n') && is_note_text(text), "a signed text is lines of UTF-8");
  const Signed made = sign_message(text, seed);
  SignatureLine line;
  line.name = name;
  line.key_id = VerifierKey::ed25519(line.name, made.public_key.bytes()).id;
  append(line.signature, made.signature.bytes());
  return line;
}

SignatureLine cosign(std::string_view text, std::string_view name, ByteView seed,
                     std::uint64_t seconds) {
  ensure(text.ends_with('\n') && is_note_text(text), "a signed text is lines of UTF-8");
  const Signed made = sign_message(cosigned_message(text, seconds), seed);
  codec::Writer writer;
  writer.u64(seconds);
  writer.raw(made.signature.bytes());
  const VerifierKey key = VerifierKey::cosigner(std::string(name), made.public_key.bytes());
  return {.name = key.name, .key_id = key.id, .signature = std::move(writer).take()};
}

Result<std::uint64_t> verify_cosignature(const SignedNote& note, const VerifierKey& key) {
  ensure(key.type == kTypeCosignature, "a cosignature is checked with a cosigner's key");
  if (auto held = verify(note, key); !held) return carry(held);
  const auto line = std::ranges::find_if(
      note.signatures, [&](const SignatureLine& candidate) { return is_by(candidate, key); });
  return codec::Reader(line->signature).u64();
}

Result<> verify(const SignedNote& note, const VerifierKey& key) {
  bool found = false;
  for (const SignatureLine& line : note.signatures) {
    if (!is_by(line, key)) continue;
    found = true;
    if (auto held = verify_line(note.text, line, key); !held) return carry(held, key.name);
  }
  if (!found) return fail(Code::not_found, "no signature by " + key.name);
  return {};
}

}  // namespace amanat::note
