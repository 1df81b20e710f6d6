#include "amanat/scan/app.h"

#include <string>
#include <utility>

#include "amanat/codec/codec.h"
#include "amanat/program/apk_signature.h"
#include "amanat/program/manifest.h"
#include "amanat/unpack/zip.h"

namespace amanat::scan {
namespace {

constexpr std::size_t kManifestBytesMax = 8UL << 20;
constexpr std::size_t kEntryBytesMax = 64UL << 20;
constexpr std::size_t kTextBytesMax = 1'024;
constexpr std::string_view kOrganization = "O=";

void write_texts(codec::Writer& writer, const std::vector<std::string>& texts) {
  const std::size_t count = std::min(texts.size(), kAppTextsMax);
  writer.u16(static_cast<std::uint16_t>(count));
  for (std::size_t i = 0; i < count; ++i) {
    writer.vector16(as_bytes(std::string_view(texts[i]).substr(0, kTextBytesMax)), kTextBytesMax);
  }
}

std::string read_text(codec::Reader& reader) {
  return std::string(as_text(reader.vector16(kTextBytesMax)));
}

std::vector<std::string> read_texts(codec::Reader& reader) {
  const std::uint16_t count = reader.u16();
  if (count > kAppTextsMax) reader.refuse("too many texts");
  std::vector<std::string> texts;
  for (std::uint16_t i = 0; i < count && !reader.failed(); ++i) texts.push_back(read_text(reader));
  return texts;
}

/// The O= of a subject as RFC 2253 writes it; empty when it has none.
std::string organization_of(std::string_view subject) {
  while (!subject.empty()) {
    const std::size_t end = subject.find(',');
    std::string_view field = subject.substr(0, end);
    while (field.starts_with(' ')) field.remove_prefix(1);
    if (field.starts_with(kOrganization)) {
      return std::string(field.substr(kOrganization.size()));
    }
    if (end == std::string_view::npos) break;
    subject.remove_prefix(end + 1);
  }
  return {};
}

void add_certificates(indicator::App& app, const unpack::Zip& zip, ByteView package) {
  program::ApkEntries entries;
  for (const unpack::ZipEntry& entry : zip.entries()) entries.names.push_back(entry.name);
  entries.content = [&](std::string_view name) -> Result<Bytes> {
    const unpack::ZipEntry* entry = zip.find(name);
    if (entry == nullptr) return fail(Code::not_found, "no such entry");
    return zip.extract(*entry, kEntryBytesMax);
  };
  const auto signatures = program::verify_apk(package, entries);
  if (!signatures || !signatures->is_verified()) return;
  for (const program::ApkSigner& signer : signatures->decisive()->signers) {
    if (signer.certificates.empty()) continue;
    const crypto::Certificate& own = signer.certificates.front();
    app.certificates_sha1.push_back(own.sha1.hex());
    app.certificates_sha256.push_back(own.sha256.hex());
    if (std::string name = organization_of(own.subject); !name.empty()) {
      app.certificate_organizations.push_back(std::move(name));
    }
  }
}

}  // namespace

Result<indicator::App> read_app(ByteView package) {
  auto zip = unpack::Zip::open(unpack::read_from(package), package.size());
  if (!zip) return fail(Code::not_found, "this is no Android package");
  const unpack::ZipEntry* entry = zip->find("AndroidManifest.xml");
  if (entry == nullptr) return fail(Code::not_found, "this is no Android package");
  auto bytes = zip->extract(*entry, kManifestBytesMax);
  if (!bytes) return carry(bytes, "the package's manifest");
  auto manifest = program::read_manifest(*bytes);
  if (!manifest) return carry(manifest, "the package's manifest");
  indicator::App app;
  app.package = manifest->package;
  app.label = manifest->label.text;
  app.permissions = std::move(manifest->permissions);
  add_certificates(app, *zip, package);
  return app;
}

Bytes encode(const indicator::App& app) {
  codec::Writer writer;
  writer.vector16(as_bytes(std::string_view(app.package).substr(0, kTextBytesMax)), kTextBytesMax);
  writer.vector16(as_bytes(std::string_view(app.label).substr(0, kTextBytesMax)), kTextBytesMax);
  write_texts(writer, app.certificates_sha1);
  write_texts(writer, app.certificates_sha256);
  write_texts(writer, app.certificate_organizations);
  write_texts(writer, app.permissions);
  return std::move(writer).take();
}

Result<indicator::App> parse_app(ByteView bytes) {
  codec::Reader reader(bytes);
  indicator::App app;
  app.package = read_text(reader);
  app.label = read_text(reader);
  app.certificates_sha1 = read_texts(reader);
  app.certificates_sha256 = read_texts(reader);
  app.certificate_organizations = read_texts(reader);
  app.permissions = read_texts(reader);
  if (auto done = reader.finish("app"); !done) return carry(done);
  return app;
}

}  // namespace amanat::scan
