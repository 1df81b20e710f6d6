#pragma once

// What a hit is called: its name, where the signature comes from, and what kind of thing it is.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "amanat/threat/image.h"

namespace amanat::threat {

/// What a signature says its object is.
enum class Class : std::uint8_t {
  malware,
  unwanted,     // ClamAV's PUA.*: lawful, and often not what the owner wants
  stalkerware,  // watches a person without their knowledge; the source says so
  allowed,      // a known false alarm (.fp, .sfp): silences other hits
};
std::string_view name_of(Class kind);

/// A list of signatures: who made it, under which terms, and what it is about.
struct Source {
  std::string name;             // "clamav/main.ldb"
  std::string licence;          // as stated: "GPL-2.0"
  Class kind = Class::malware;  // what a signature of it means unless its name says otherwise
  friend bool operator==(const Source&, const Source&) = default;
};

/// The class of a signature: PUA.* is unwanted, otherwise what its source is about.
Class class_of(std::string_view signature_name, Class of_source);

/// As it is stored: `name` is a place in the string pool.
struct Label {
  std::uint32_t name = 0;
  std::uint16_t source = 0;
  Class kind = Class::malware;
  std::uint8_t zero = 0;
};

/// Strings by place: u16 length, then the bytes. Equal strings have one place.
class StringPool {
 public:
  std::uint32_t add(std::string_view text);
  Bytes take() && { return std::move(bytes_); }

 private:
  Bytes bytes_;
  std::unordered_map<std::string, std::uint32_t> places_;
};

/// The string at `place`; empty when it does not lie inside the pool. Borrows.
std::string_view string_at(ByteView pool, std::uint32_t place);

/// Sources as a section: name and licence as places, and the class.
void write_sources(ImageWriter& writer, StringPool& pool, const std::vector<Source>& sources);
std::vector<Source> read_sources(const Image& image, ByteView pool);

}  // namespace amanat::threat
