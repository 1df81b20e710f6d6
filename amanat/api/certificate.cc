#include "amanat/api/certificate.h"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <ctime>
#include <memory>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "amanat/crypto/crypto.h"

namespace amanat::api {
namespace {
constexpr std::chrono::hours kClockSlack{1};
constexpr std::size_t kNameBytesMax = 64;   // of a common name (RFC 5280 appendix A)
constexpr std::size_t kHostBytesMax = 253;  // of a DNS name

template <auto Free>
struct Freed {
  template <class T>
  void operator()(T* pointer) const {
    Free(pointer);
  }
};
using Certificate = std::unique_ptr<X509, Freed<X509_free>>;
using PrivateKey = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using Bio = std::unique_ptr<BIO, Freed<BIO_free>>;
using Extension = std::unique_ptr<X509_EXTENSION, Freed<X509_EXTENSION_free>>;
using Number = std::unique_ptr<BIGNUM, Freed<BN_free>>;

// Building from our own values fails only when memory or the generator does.
void built(bool done) { ensure(done, "OpenSSL builds a certificate from sound values"); }

PrivateKey make_key() {
  PrivateKey key(EVP_EC_gen("P-256"));
  built(key != nullptr);
  return key;
}

ByteView memory_of(const Bio& bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return {reinterpret_cast<const std::uint8_t*>(data), static_cast<std::size_t>(size)};
}

Identity to_pem(const Certificate& certificate, const PrivateKey& key) {
  const Bio certificate_bio(BIO_new(BIO_s_mem()));
  const Bio key_bio(BIO_new(BIO_s_secmem()));
  built(PEM_write_bio_X509(certificate_bio.get(), certificate.get()) == 1);
  built(
      PEM_write_bio_PKCS8PrivateKey(key_bio.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr)
      == 1);
  return {std::string(as_text(memory_of(certificate_bio))),
          SecretBytes::copy_of(memory_of(key_bio))};
}

Bio reading(ByteView pem) {
  Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  built(bio != nullptr);
  return bio;
}

Result<Certificate> read_certificate(std::string_view pem) {
  if (pem.size() > kPemBytesMax) return fail(Code::invalid_input, "the certificate is too long");
  Certificate certificate(
      PEM_read_bio_X509(reading(as_bytes(pem)).get(), nullptr, nullptr, nullptr));
  ERR_clear_error();
  if (!certificate) return fail(Code::invalid_input, "there is no certificate in the PEM text");
  return certificate;
}

Result<PrivateKey> read_key(const SecretBytes& pem) {
  if (pem.size() > kPemBytesMax) return fail(Code::invalid_input, "the private key is too long");
  // An empty passphrase instead of a question on the terminal.
  std::array<char, 1> no_passphrase{};
  PrivateKey key(
      PEM_read_bio_PrivateKey(reading(pem.expose()).get(), nullptr, nullptr, no_passphrase.data()));
  ERR_clear_error();
  if (!key) return fail(Code::invalid_input, "there is no private key in the PEM text");
  return key;
}

void set_time(ASN1_TIME* field, Instant moment) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(moment).time_since_epoch().count();
  built(ASN1_TIME_set(field, static_cast<std::time_t>(seconds)) != nullptr);
}

void set_random_serial(const Certificate& certificate) {
  std::array<std::uint8_t, 16> random{};
  crypto::fill_random(random);
  random[0] = static_cast<std::uint8_t>((random[0] & 0x7FU) | 0x40U);  // positive, full length
  const Number number(BN_bin2bn(random.data(), static_cast<int>(random.size()), nullptr));
  built(BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate.get())) != nullptr);
}

void set_common_name(X509_NAME* name, std::string_view text) {
  built(X509_NAME_add_entry_by_NID(name, NID_commonName, MBSTRING_UTF8,
                                   reinterpret_cast<const std::uint8_t*>(text.data()),
                                   static_cast<int>(text.size()), -1, 0)
        == 1);
}

// `value` is in OpenSSL's notation for extensions (x509v3_config).
void add_extension(const Certificate& certificate, X509* issuer, int kind,
                   const std::string& value) {
  X509V3_CTX context{};
  X509V3_set_ctx(&context, issuer, certificate.get(), nullptr, nullptr, 0);
  const Extension extension(X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str()));
  built(extension != nullptr);
  built(X509_add_ext(certificate.get(), extension.get(), -1) == 1);
}

Certificate begin_certificate(const PrivateKey& key, std::string_view name, Instant now,
                              std::chrono::days lifetime) {
  Certificate certificate(X509_new());
  built(certificate != nullptr);
  built(X509_set_version(certificate.get(), X509_VERSION_3) == 1);
  set_random_serial(certificate);
  set_common_name(X509_get_subject_name(certificate.get()), name);
  set_time(X509_getm_notBefore(certificate.get()), now - kClockSlack);
  set_time(X509_getm_notAfter(certificate.get()), now - kClockSlack + lifetime);
  built(X509_set_pubkey(certificate.get(), key.get()) == 1);
  return certificate;
}

bool is_address(const std::string& host) {
  std::array<std::uint8_t, 16> address{};
  return inet_pton(AF_INET, host.c_str(), address.data()) == 1
         || inet_pton(AF_INET6, host.c_str(), address.data()) == 1;
}

bool is_dns_name(std::string_view host) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
  };
  return !host.empty() && host.size() <= kHostBytesMax && std::ranges::all_of(host, fits)
         && host.front() != '.' && host.front() != '-' && !host.contains("..");
}

Result<std::string> alternative_names(const std::vector<std::string>& hosts) {
  if (hosts.empty() || hosts.size() > kHostsMax) {
    return fail(Code::invalid_input, "a server certificate names 1 to 64 hosts");
  }
  std::string names;
  for (const std::string& host : hosts) {
    if (!names.empty()) names += ',';
    if (is_address(host)) {
      names += "IP:" + host;
    } else if (is_dns_name(host)) {
      names += "DNS:" + host;
    } else {
      return fail(Code::invalid_input, "a host is neither a DNS name nor an IP address");
    }
  }
  return names;
}
}  // namespace

Result<Identity> make_authority(std::string_view name, Instant now) {
  if (name.empty() || name.size() > kNameBytesMax) {
    return fail(Code::invalid_input, "the name of a CA has 1 to 64 bytes");
  }
  const PrivateKey key = make_key();
  const Certificate certificate = begin_certificate(key, name, now, kAuthorityLifetime);
  X509* self = certificate.get();
  built(X509_set_issuer_name(self, X509_get_subject_name(self)) == 1);
  add_extension(certificate, self, NID_basic_constraints, "critical,CA:TRUE,pathlen:0");
  add_extension(certificate, self, NID_key_usage, "critical,keyCertSign,cRLSign");
  add_extension(certificate, self, NID_subject_key_identifier, "hash");
  built(X509_sign(self, key.get(), EVP_sha256()) > 0);
  return to_pem(certificate, key);
}

Result<Identity> make_server_certificate(const Identity& authority,
                                         const std::vector<std::string>& hosts, Instant now) {
  const auto issuer = read_certificate(authority.certificate_pem);
  if (!issuer) return carry(issuer, "certificate authority");
  const auto issuer_key = read_key(authority.private_key_pem);
  if (!issuer_key) return carry(issuer_key, "certificate authority");
  if (X509_check_private_key(issuer->get(), issuer_key->get()) != 1) {
    ERR_clear_error();
    return fail(Code::invalid_input, "the CA's key does not belong to its certificate");
  }
  const auto names = alternative_names(hosts);
  if (!names) return carry(names);

  const PrivateKey key = make_key();
  const std::string& name = hosts.front();
  const Certificate certificate =
      begin_certificate(key, name.size() <= kNameBytesMax ? name : "amanat", now, kServerLifetime);
  X509* self = certificate.get();
  built(X509_set_issuer_name(self, X509_get_subject_name(issuer->get())) == 1);
  add_extension(certificate, issuer->get(), NID_basic_constraints, "critical,CA:FALSE");
  add_extension(certificate, issuer->get(), NID_key_usage, "critical,digitalSignature");
  add_extension(certificate, issuer->get(), NID_ext_key_usage, "serverAuth");
  add_extension(certificate, issuer->get(), NID_subject_alt_name, *names);
  add_extension(certificate, issuer->get(), NID_subject_key_identifier, "hash");
  add_extension(certificate, issuer->get(), NID_authority_key_identifier, "keyid:always");
  built(X509_sign(self, issuer_key->get(), EVP_sha256()) > 0);
  return to_pem(certificate, key);
}

Result<Instant> certificate_end(std::string_view certificate_pem) {
  const auto certificate = read_certificate(certificate_pem);
  if (!certificate) return carry(certificate);
  std::tm broken_down{};
  if (ASN1_TIME_to_tm(X509_get0_notAfter(certificate->get()), &broken_down) != 1) {
    return fail(Code::invalid_input, "the certificate's end is not a time");
  }
  return Instant(std::chrono::seconds(timegm(&broken_down)));
}

Result<std::optional<Identity>> renew_server_certificate(const Identity& authority,
                                                         const Identity& current,
                                                         const std::vector<std::string>& hosts,
                                                         Instant now) {
  const auto end = certificate_end(current.certificate_pem);
  if (!end) return carry(end, "server certificate");
  if (*end - now >= kRenewBefore) return std::nullopt;
  auto renewed = make_server_certificate(authority, hosts, now);
  if (!renewed) return carry(renewed, "renewing the server certificate");
  return std::move(*renewed);
}

}  // namespace amanat::api
