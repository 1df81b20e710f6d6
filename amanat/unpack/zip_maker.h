#pragma once

// Makes ZIP archives for the tests, honest ones and liars.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <libdeflate.h>

#include "amanat/bytes/bytes.h"

namespace amanat::unpack {

/// What to write instead of the truth.
struct ZipLies {
  std::optional<std::uint32_t> size = {};         // in the directory
  std::optional<std::uint32_t> packed_size = {};  // in the directory
  std::optional<std::uint16_t> method = {};       // in the directory
  std::optional<std::string> local_name = {};     // in front of the entry
  bool encrypted = false;
};

class ZipMaker {
 public:
  ZipMaker& store(std::string_view name, ByteView content, const ZipLies& lies = {}) {
    return add(name, content, content, 0, lies);
  }
  ZipMaker& deflate(std::string_view name, ByteView content, const ZipLies& lies = {}) {
    libdeflate_compressor* compressor = libdeflate_alloc_compressor(9);
    Bytes packed(libdeflate_deflate_compress_bound(compressor, content.size()));
    packed.resize(libdeflate_deflate_compress(compressor, content.data(), content.size(),
                                              packed.data(), packed.size()));
    libdeflate_free_compressor(compressor);
    return add(name, content, packed, 8, lies);
  }
  /// A second name for the entry that came last: the same bytes, twice.
  ZipMaker& repeat() {
    append(directory_, last_);
    ++entries_;
    return *this;
  }

  Bytes make(bool zip64 = false) const {
    Bytes all = bytes_;
    append(all, directory_);
    if (zip64) end64(all);
    number(all, 0x06054b50, 4);
    number(all, 0, 4);
    number(all, zip64 ? 0xffff : entries_, 2);
    number(all, zip64 ? 0xffff : entries_, 2);
    number(all, zip64 ? 0xffffffff : directory_.size(), 4);
    number(all, zip64 ? 0xffffffff : bytes_.size(), 4);
    number(all, 0, 2);
    return all;
  }

 private:
  static void number(Bytes& out, std::uint64_t value, int width) {
    for (int i = 0; i < width; ++i) out.push_back(static_cast<std::uint8_t>(value >> 8 * i));
  }

  ZipMaker& add(std::string_view name, ByteView content, ByteView packed, std::uint16_t method,
                const ZipLies& lies) {
    const std::string local_name = lies.local_name.value_or(std::string(name));
    const auto fields = [&](Bytes& out, std::uint64_t packed_size, std::uint64_t size,
                            std::uint16_t shown_method) {
      number(out, 20, 2);
      number(out, lies.encrypted ? 1 : 0, 2);
      number(out, shown_method, 2);
      number(out, 0, 4);
      number(out, libdeflate_crc32(0, content.data(), content.size()), 4);
      number(out, packed_size, 4);
      number(out, size, 4);
    };
    last_.clear();
    number(last_, 0x02014b50, 4);
    number(last_, 20, 2);
    fields(last_, lies.packed_size.value_or(static_cast<std::uint32_t>(packed.size())),
           lies.size.value_or(static_cast<std::uint32_t>(content.size())),
           lies.method.value_or(method));
    number(last_, name.size(), 2);
    number(last_, 0, 8);
    number(last_, 0, 4);
    number(last_, bytes_.size(), 4);
    append(last_, as_bytes(name));
    append(directory_, last_);
    ++entries_;

    number(bytes_, 0x04034b50, 4);
    fields(bytes_, packed.size(), content.size(), method);
    number(bytes_, local_name.size(), 2);
    number(bytes_, 0, 2);
    append(bytes_, as_bytes(local_name));
    append(bytes_, packed);
    return *this;
  }

  void end64(Bytes& all) const {
    const std::size_t at = all.size();
    number(all, 0x06064b50, 4);
    number(all, 44, 8);
    number(all, 45, 2);
    number(all, 45, 2);
    number(all, 0, 8);
    number(all, entries_, 8);
    number(all, entries_, 8);
    number(all, directory_.size(), 8);
    number(all, bytes_.size(), 8);
    number(all, 0x07064b50, 4);
    number(all, 0, 4);
    number(all, at, 8);
    number(all, 1, 4);
  }

  Bytes bytes_;
  Bytes directory_;
  Bytes last_;
  std::uint64_t entries_ = 0;
};

}  // namespace amanat::unpack
