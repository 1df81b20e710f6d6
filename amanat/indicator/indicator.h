#pragma once

// Indicators: what is known to belong to spyware, stalkerware and malware, from public lists. A
// package name, a certificate, a file's hash, a host name, a process: each is one entry that says
// whose it is, what kind of threat that is, and who published it under which licence.
//
//   Indicators::Builder builder;
//   builder.add(Kind::domain, "copy9.com", builder.collection({.name = "TheTruthSpy", ...}));
//   const Indicators indicators = std::move(builder).build();
//   indicators.find(Kind::package, "com.apspy.app");   // entries, one for each collection
//   indicators.find_domain("api.copy9.com");           // also what lies below a known domain
//
// Values are kept in one spelling (indicator/spelling.h), sorted, each once per collection; a
// lookup is a binary search. Reading the lists: indicator/load.h. Checking things:
// indicator/check.h.

#include <array>
#include <compare>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "amanat/bytes/bytes.h"
#include "amanat/error/error.h"

namespace amanat::indicator {

inline constexpr std::size_t kEntriesMax = 8'000'000;
inline constexpr std::size_t kCollectionsMax = 100'000;
inline constexpr std::size_t kValueBytesMax = 4096;

/// What a value is compared with.
enum class Kind : std::uint8_t {
  file_md5,         // of a whole file, lower-case hex
  file_sha1,        //
  file_sha256,      //
  file_name,        // the last part of a path, exactly
  file_path,        // a file, or a folder with all that is in it
  package,          // the name of an Android package or an iOS bundle
  certificate_md5,  // of the certificate an app is signed with
  certificate_sha1,
  certificate_sha256,
  certificate_organization,  // the subject's O, exactly
  domain,                    // this host and all below it
  ip_address,                // version 4 with dots, or version 6 as written
  url,
  email,
  process,
  profile,   // the identifier of a configuration profile
  property,  // the name of an Android system property
};
inline constexpr std::size_t kKinds = 17;

/// In words for people: "package name", "certificate (SHA-1)".
std::string_view describe(Kind kind);

/// What having it means for the person; explain.h says so in plain words.
enum class ThreatClass : std::uint8_t {
  malware,      // harms or robs whoever runs it
  spyware,      // of states and their suppliers, aimed at chosen people
  stalkerware,  // sold to watch somebody close without their knowledge
  watchware,    // of parents and employers, made to be seen; misused to stalk
  unwanted,     // takes money or data by tricks, within what shops tolerate
};

/// `malware`, `spyware`, `stalkerware`, `watchware`, `unwanted`: as in reports.
std::string_view name_of(ThreatClass threat_class);

/// One family, campaign or product, as one publisher describes it.
struct Collection {
  std::string name = {};
  ThreatClass threat_class = ThreatClass::malware;
  std::string source = {};   // who published it: "Echap stalkerware-indicators"
  std::string licence = {};  // of the list: "CC BY 4.0"

  friend auto operator<=>(const Collection&, const Collection&) = default;
};

struct Entry {
  Kind kind = Kind::domain;
  std::string value = {};
  std::uint32_t collection = 0;  // a position in `collections`

  friend auto operator<=>(const Entry&, const Entry&) = default;
};

/// All entries, ready to be looked up. Copies are deep; views live as long as this.
class Indicators {
 public:
  class Builder;

  Indicators() = default;

  std::span<const Entry> entries() const { return entries_; }
  /// Those of one kind, sorted by value.
  std::span<const Entry> entries(Kind kind) const;
  bool empty() const { return entries_.empty(); }
  bool has(Kind kind) const { return !entries(kind).empty(); }
  const Collection& collection(const Entry& entry) const { return collections_[entry.collection]; }
  std::span<const Collection> collections() const { return collections_; }

  /// The entries with exactly this value, in its one spelling (spelling.h); empty when unknown.
  std::span<const Entry> find(Kind kind, std::string_view value) const;

  /// The entries of the longest known domain that is `host` or that `host` lies below, label by
  /// label: `a.evil.com` is found by `evil.com`, `notevil.com` is not.
  std::span<const Entry> find_domain(std::string_view host) const;

  /// The entries whose path is `path` or a folder above it.
  std::span<const Entry> find_path(std::string_view path) const;

  /// The process names that `name` may be a cut form of: kernels keep 15 or 16 bytes of a name.
  std::span<const Entry> find_process(std::string_view name) const;

 private:
  std::vector<Entry> entries_ = {};                    // sorted by kind, value, collection
  std::array<std::size_t, kKinds + 1> kind_begins_{};  // where each kind begins
  std::vector<Collection> collections_ = {};
};

/// Takes entries in any order and in any spelling.
class Indicators::Builder {
 public:
  enum class Added : std::uint8_t { taken, malformed, shared_key, full };

  /// The position of this collection, made when it is new; the last allowed one when there are
  /// too many.
  std::uint32_t collection(const Collection& collection);

  /// Brings the value into its one spelling and keeps it. A certificate of a published test key
  /// signs thousands of innocent apps and is refused as `shared_key`.
  Added add(Kind kind, std::string_view value, std::uint32_t collection);

  std::size_t size() const { return entries_.size(); }  // what was taken, duplicates included

  /// Sorts, and keeps each entry once.
  Indicators build() &&;

 private:
  std::vector<Entry> entries_ = {};
  std::vector<Collection> collections_ = {};
  std::map<Collection, std::uint32_t> positions_;
};

}  // namespace amanat::indicator
