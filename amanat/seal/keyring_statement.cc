#include "amanat/seal/keyring_statement.h"

#include <algorithm>
#include <set>

#include "amanat/codec/codec.h"
#include "amanat/seal/read_each.h"

namespace amanat::seal {
namespace {

constexpr std::string_view kContext = "amanat/keyring/v1";
constexpr std::string_view kWhat = "keyring statement";
constexpr std::size_t kWrapsBytesMax = std::size_t{1} << 17;
constexpr std::size_t kSignatureBytes = 97;
constexpr std::size_t kSignaturesBytesMax = kKeyringSignaturesMax * kSignatureBytes;

std::vector<KeyringWrap> read_wraps(codec::Reader& reader) {
  std::vector<KeyringWrap> wraps;
  read_each(reader, reader.vector32(kWrapsBytesMax), "wraps", [&](codec::Reader& inner) {
    KeyringWrap wrap;
    wrap.device = inner.id<DeviceId>();
    wrap.one_time_key = inner.id<crypto::BoxPublicKey>();
    wrap.wrap = inner.id<DeviceWrap>();
    if (!wraps.empty() && wraps.back().device >= wrap.device) inner.refuse("devices do not ascend");
    wraps.push_back(wrap);
  });
  return wraps;
}

KeyringTerms read_terms(codec::Reader& reader) {
  KeyringTerms terms;
  reader.expect(kContext, "it is no keyring statement");
  terms.account = reader.id<AccountId>();
  terms.version = reader.u32();
  if (terms.version == 0) reader.refuse("versions count from 1");
  terms.previous = reader.id<KeyringHash>();
  if ((terms.version == 1) != terms.previous.is_zero()) {
    reader.refuse("the first version alone follows none");
  }
  terms.sealed = reader.id<KeyringHash>();
  terms.recovery_wrap = reader.id<RecoveryWrap>();
  terms.wraps = read_wraps(reader);
  terms.next_one_time_key = reader.id<crypto::BoxPublicKey>();
  terms.device = reader.id<DeviceId>();
  if (terms.find_wrap(terms.device) == nullptr) reader.refuse("its maker is not among its devices");
  terms.phrase_key = reader.id<crypto::PublicKey>();
  const std::uint8_t confirmed = reader.u8();
  if (confirmed > 1) reader.refuse("confirmed is 0 or 1");
  terms.confirmed = confirmed == 1;
  terms.time = instant_from_millis(reader.u64());
  return terms;
}

std::vector<KeyringSignature> read_signatures(codec::Reader& reader) {
  std::vector<KeyringSignature> signatures;
  std::set<crypto::PublicKey> seen;
  const ByteView bytes = reader.vector16(kSignaturesBytesMax);
  read_each(reader, bytes, "signatures", [&](codec::Reader& inner) {
    KeyringSignature signature;
    const std::uint8_t kind = inner.u8();
    if (kind != 1 && kind != 2) inner.refuse("a signer's kind is unknown");
    signature.kind = static_cast<KeyringSignerKind>(kind);
    signature.key = inner.id<crypto::PublicKey>();
    if (!seen.insert(signature.key).second) inner.refuse("a key signs twice");
    signature.signature = inner.id<crypto::Signature>();
    signatures.push_back(signature);
  });
  if (signatures.empty()) reader.refuse("nobody signed it");
  return signatures;
}

template <class IsDevice>
bool is_signed_by_device(const KeyringStatement& statement, IsDevice is_device) {
  return std::ranges::any_of(statement.signatures(), [&](const KeyringSignature& signature) {
    return signature.kind == KeyringSignerKind::device && is_device(device_id_of(signature.key));
  });
}

bool is_signed_by_some_phrase_key(const KeyringStatement& statement) {
  return std::ranges::any_of(statement.signatures(), [](const KeyringSignature& signature) {
    return signature.kind == KeyringSignerKind::phrase_key;
  });
}

}  // namespace

bool is_signed_by_phrase_key(const KeyringStatement& statement, const crypto::PublicKey& key) {
  return std::ranges::any_of(statement.signatures(), [&](const KeyringSignature& signature) {
    return signature.kind == KeyringSignerKind::phrase_key && signature.key == key;
  });
}

const KeyringWrap* KeyringTerms::find_wrap(const DeviceId& id) const {
  const auto found = std::ranges::lower_bound(wraps, id, {}, &KeyringWrap::device);
  return found != wraps.end() && found->device == id ? &*found : nullptr;
}

Bytes KeyringTerms::encode() const {
  codec::Writer inner;
  for (const KeyringWrap& wrap : wraps) {
    inner.raw(wrap.device.bytes());
    inner.raw(wrap.one_time_key.bytes());
    inner.raw(wrap.wrap.bytes());
  }
  codec::Writer writer;
  writer.raw(kContext);
  writer.raw(account.bytes());
  writer.u32(version);
  writer.raw(previous.bytes());
  writer.raw(sealed.bytes());
  writer.raw(recovery_wrap.bytes());
  writer.vector32(inner.bytes(), kWrapsBytesMax);
  writer.raw(next_one_time_key.bytes());
  writer.raw(device.bytes());
  writer.raw(phrase_key.bytes());
  writer.u8(confirmed ? 1 : 0);
  writer.u64(millis_of(time));
  return std::move(writer).take();
}

Bytes sign_keyring(const KeyringTerms& terms, std::span<const KeyringSigner> signers) {
  ensure(!signers.empty() && signers.size() <= kKeyringSignaturesMax, "1 to 3 sign a keyring");
  codec::Writer writer;
  writer.raw(terms.encode());
  codec::Writer inner;
  for (const KeyringSigner& signer : signers) {
    inner.u8(static_cast<std::uint8_t>(signer.kind));
    inner.raw(signer.signer.public_key().bytes());
    inner.raw(signer.signer.sign(writer.bytes()).bytes());
  }
  writer.vector16(inner.bytes(), kSignaturesBytesMax);
  return std::move(writer).take();
}

Result<KeyringStatement> KeyringStatement::parse(ByteView statement) {
  if (statement.size() > kKeyringStatementBytesMax) {
    return fail(Code::invalid_input, "keyring statement: it is too long");
  }
  codec::Reader reader(statement);
  KeyringStatement parsed;
  parsed.terms_ = read_terms(reader);
  parsed.signed_size_ = reader.position();
  parsed.signatures_ = read_signatures(reader);
  if (auto done = reader.finish(kWhat); !done) return carry(done);
  parsed.bytes_.assign(statement.begin(), statement.end());
  return parsed;
}

Result<> verify_signatures(const KeyringStatement& statement) {
  const ByteView body = statement.bytes().first(statement.signed_size_);
  for (const KeyringSignature& signature : statement.signatures()) {
    auto holds = crypto::verify(signature.key, body, signature.signature);
    if (!holds) return carry(holds, kWhat);
  }
  return {};
}

Result<> verify_first(const KeyringStatement& first) {
  const KeyringTerms& terms = first.terms_unverified();
  if (terms.version != 1) return fail(Code::conflict, "keyring statement: it is not version 1");
  if (auto holds = verify_signatures(first); !holds) return carry(holds);
  if (!is_signed_by_device(first, [&](const DeviceId& id) { return id == terms.device; })) {
    return fail(Code::forged, "keyring statement: its device did not sign it");
  }
  if (!is_signed_by_phrase_key(first, terms.phrase_key)) {
    return fail(Code::forged, "keyring statement: its phrase key did not sign it");
  }
  return {};
}

Result<> verify_successor(const KeyringStatement& previous, const KeyringStatement& next,
                          const std::optional<crypto::PublicKey>& settled) {
  const KeyringTerms& before = previous.terms_unverified();
  const KeyringTerms& terms = next.terms_unverified();
  if (terms.account != before.account || terms.version != std::uint64_t{before.version} + 1
      || terms.previous != before.sealed) {
    return fail(Code::conflict, "keyring statement: it does not follow the one before");
  }
  if (auto holds = verify_signatures(next); !holds) return carry(holds);
  const bool by_phrase = is_signed_by_phrase_key(next, before.phrase_key)
                         || (settled && is_signed_by_phrase_key(next, *settled));
  const bool by_device = is_signed_by_device(
      next, [&](const DeviceId& id) { return before.find_wrap(id) != nullptr; });
  if (!by_phrase && !by_device) {
    return fail(Code::forged, "keyring statement: nobody of the version before signed it");
  }
  if (terms.confirmed && !is_signed_by_some_phrase_key(next)) {
    return fail(Code::forged, "keyring statement: no phrase key confirmed it");
  }
  return {};
}

Result<> verify_for_recovery(const KeyringStatement& statement, const KeyringBody& body,
                             const crypto::PublicKey& phrase_key) {
  if (auto holds = verify_signatures(statement); !holds) return carry(holds);
  if (body.phrase_key != phrase_key || statement.terms_unverified().phrase_key != phrase_key) {
    return fail(Code::forged, "keyring statement: it belongs to another phrase");
  }
  if (is_signed_by_phrase_key(statement, phrase_key)
      || is_signed_by_device(statement,
                             [&](const DeviceId& id) { return body.find_device(id) != nullptr; })) {
    return {};
  }
  return fail(Code::forged, "keyring statement: none of its devices signed it");
}

Result<> match_keyring(const KeyringStatement& statement, ByteView sealed,
                       const KeyringBody& body) {
  const KeyringTerms& terms = statement.terms_unverified();
  if (terms.sealed != hash_keyring(sealed)) {
    return fail(Code::forged, "keyring statement: it is about another keyring");
  }
  if (terms.account != body.account || terms.version != body.version
      || terms.previous != body.previous || terms.phrase_key != body.phrase_key) {
    return fail(Code::forged, "keyring statement: its keyring says something else");
  }
  const bool same_devices = terms.wraps.size() == body.devices.size()
                            && std::ranges::all_of(body.devices, [&](const KeyringDevice& device) {
                                 return terms.find_wrap(device.id()) != nullptr;
                               });
  if (!same_devices) {
    return fail(Code::forged, "keyring statement: its wraps are for other devices");
  }
  return {};
}

}  // namespace amanat::seal
