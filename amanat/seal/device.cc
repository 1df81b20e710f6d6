#include "amanat/seal/device.h"

#include "amanat/codec/codec.h"

namespace amanat::seal {
namespace {
constexpr std::string_view kDeviceContext = "amanat/device/v1";
constexpr std::string_view kConsentKeyContext = "amanat/consent-key/v1";
}  // namespace

Bytes Device::encode() const {
  codec::Writer writer;
  writer.raw(kDeviceContext);
  writer.raw(account.bytes());
  writer.raw(device_key.bytes());
  writer.raw(one_time_key.bytes());
  writer.raw(phrase_key.bytes());
  writer.u64(millis_of(made_at));
  return std::move(writer).take();
}

Result<Device> Device::parse(ByteView body) {
  codec::Reader reader(body);
  reader.expect(kDeviceContext, "it is no device statement");
  Device device;
  device.account = reader.id<AccountId>();
  device.device_key = reader.id<crypto::PublicKey>();
  device.one_time_key = reader.id<crypto::BoxPublicKey>();
  device.phrase_key = reader.id<crypto::PublicKey>();
  device.made_at = instant_from_millis(reader.u64());
  if (auto done = reader.finish(kWhat); !done) return carry(done);
  return device;
}

Bytes sign_device(const Device& device, const crypto::Signer& device_signer,
                  const crypto::Signer& phrase_signer) {
  return crypto::sign_statement(phrase_signer, sign(device, device_signer));
}

Result<VerifiedDevice> open_device(ByteView statement) {
  constexpr std::size_t kSignaturesBytes = 2 * crypto::Signature::kSize;
  if (statement.size() < kSignaturesBytes) {
    return fail(Code::invalid_input, "device statement: it ends too early");
  }
  auto device = Device::parse(statement.first(statement.size() - kSignaturesBytes));
  if (!device) return carry(device);
  auto by_phrase = crypto::open_statement(device->phrase_key, statement);
  if (!by_phrase) return carry(by_phrase, "device statement, phrase key");
  auto by_device = crypto::open_statement(device->device_key, *by_phrase);
  if (!by_device) return carry(by_device, "device statement, device key");
  return VerifiedDevice{*device, Bytes(statement.begin(), statement.end())};
}

Bytes ConsentKey::encode() const {
  codec::Writer writer;
  writer.raw(kConsentKeyContext);
  writer.raw(device_key.bytes());
  writer.raw(consent_key.bytes());
  writer.u64(millis_of(made_at));
  return std::move(writer).take();
}

Result<ConsentKey> ConsentKey::parse(ByteView body) {
  codec::Reader reader(body);
  reader.expect(kConsentKeyContext, "it is no consent key certificate");
  ConsentKey certificate;
  certificate.device_key = reader.id<crypto::PublicKey>();
  certificate.consent_key = reader.id<crypto::PublicKey>();
  certificate.made_at = instant_from_millis(reader.u64());
  if (auto done = reader.finish(kWhat); !done) return carry(done);
  return certificate;
}

}  // namespace amanat::seal
