#include "amanat/threat/compile.h"

#include <algorithm>
#include <array>
#include <limits>
#include <map>
#include <unordered_map>
#include <utility>
#include <variant>

#include "amanat/crypto/crypto.h"
#include "amanat/threat/body_tables.h"
#include "amanat/threat/known_hashes.h"
#include "amanat/threat/members.h"
#include "amanat/threat/sections.h"

namespace amanat::threat {
namespace {
using signature::BodySignature;
using signature::CertificateSignature;
using signature::ContainerSignature;
using signature::HashSignature;
using signature::IgnoredName;
using signature::Logical;
using signature::Parsed;
using signature::Reason;
using signature::refuse;

Hashed role_of(HashSignature::Of of) {
  switch (of) {
    case HashSignature::Of::file: return Hashed::object;
    case HashSignature::Of::allowed_file: return Hashed::allowed;
    case HashSignature::Of::section: return Hashed::section;
    case HashSignature::Of::import_table: return Hashed::imports;
  }
  return Hashed::object;
}

std::string_view signature_name(const signature::Signature& signature) {
  return std::visit([](const auto& one) -> std::string_view { return one.name; }, signature);
}

std::array<std::uint8_t, 16> md5_of(std::string_view line) {
  crypto::Digest digest(crypto::DigestKind::md5);
  digest.update(as_bytes(line));
  const Bytes bytes = digest.finish();
  std::array<std::uint8_t, 16> md5{};
  std::ranges::copy(bytes, md5.begin());
  return md5;
}
}  // namespace

struct Compiler::State {
  std::vector<Source> sources;
  Report report;
  StringPool strings;
  BodyTables bodies;
  std::vector<MemberRow> members;
  std::map<std::pair<Hashed, crypto::DigestKind>, std::vector<KnownHash>> hashes;
  std::unordered_map<std::string, std::vector<IgnoredName>> ignored;

  bool is_ignored(std::string_view name, std::string_view line) const {
    const auto known = ignored.find(std::string(name));
    if (known == ignored.end()) return false;
    return std::ranges::any_of(known->second, [&](const IgnoredName& one) {
      return !one.line_md5 || *one.line_md5 == md5_of(line);
    });
  }

  Label label(SourceNumber source, std::string_view name, bool unwanted) {
    Label label;
    label.name = strings.add(name);
    label.source = source;
    label.kind = unwanted ? Class::unwanted : class_of(name, sources[source].kind);
    return label;
  }

  Parsed<void> take(Label label, const HashSignature& signature) {
    KnownHash hash;
    std::ranges::copy(signature.digest, hash.digest.begin());
    hash.size = signature.size.value_or(0);
    hash.label = label;
    if (signature.of == HashSignature::Of::allowed_file) hash.label.kind = Class::allowed;
    hashes[{role_of(signature.of), signature.kind}].push_back(hash);
    return {};
  }
  Parsed<void> take(Label label, const BodySignature& signature) {
    return bodies.add(label, signature);
  }
  Parsed<void> take(Label label, const Logical& signature) { return bodies.add(label, signature); }
  Parsed<void> take(Label label, const ContainerSignature& signature) {
    Bytes code = encode_member(signature);
    if (!MemberSignature::decode(label, code)) {
      return refuse(Reason::unsupported, "a regular expression that PCRE2 does not take");
    }
    members.push_back({label, bodies.add_code(std::move(code))});
    return {};
  }
  static Parsed<void> take(Label /*label*/, const CertificateSignature& /*signature*/) {
    return refuse(Reason::unsupported, "certificates of code signers are not evaluated");
  }
  Parsed<void> take(Label /*label*/, const IgnoredName& name) {
    ignored[name.name].push_back(name);
    return {};
  }

  void add(SourceNumber source, const signature::Signature& signature, bool unwanted,
           std::string_view where) {
    const Label named = label(source, signature_name(signature), unwanted);
    const Parsed<void> taken =
        std::visit([&](const auto& one) { return take(named, one); }, signature);
    if (taken) {
      ++report[source].applied;
    } else {
      note_left(report[source], taken.error(), where);
    }
  }
};

Compiler::Compiler() : state_(std::make_unique<State>()) {}
Compiler::Compiler(Compiler&&) noexcept = default;
Compiler& Compiler::operator=(Compiler&&) noexcept = default;
Compiler::~Compiler() = default;

Compiler::SourceNumber Compiler::add_source(Source source) {
  ensure(state_->sources.size() < std::numeric_limits<SourceNumber>::max(),
         "sources are counted in two bytes");
  state_->sources.push_back(std::move(source));
  state_->report.emplace_back();
  return static_cast<SourceNumber>(state_->sources.size() - 1);
}

void Compiler::add_file(SourceNumber source, signature::FileKind kind, std::string_view text) {
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    add_line(source, kind, text.substr(0, end), "line " + std::to_string(number));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

void Compiler::add_line(SourceNumber source, signature::FileKind kind, std::string_view line,
                        std::string_view where) {
  const auto signature = signature::parse_line(kind.kind, line);
  SourceReport& report = state_->report.at(source);
  if (!signature) return note_left(report, signature.error(), where);
  if (kind.kind != signature::Kind::ignored_names
      && state_->is_ignored(signature_name(*signature), line)) {
    ++report.ignored;
    return;
  }
  state_->add(source, *signature, kind.unwanted, where);
}

void Compiler::add(SourceNumber source, const signature::Signature& signature) {
  state_->add(source, signature, false, signature_name(signature));
}

const Report& Compiler::report() const { return state_->report; }

Result<Bytes> Compiler::finish() && {
  ImageWriter writer;
  write_sources(writer, state_->strings, state_->sources);
  for (auto& [key, hashes] : state_->hashes) {
    write_hashes(writer, key.first, key.second, std::move(hashes));
  }
  writer.add_rows<MemberRow>(section::kMembers, state_->members);
  if (auto written = state_->bodies.write(writer); !written) return carry(written);
  writer.add(section::kReport, encode_report(state_->report));
  writer.add(section::kStrings, std::move(state_->strings).take());
  state_.reset();
  Bytes image = std::move(writer).finish(kEngineVersion);
  return image;
}

}  // namespace amanat::threat
