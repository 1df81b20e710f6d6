#pragma once

// Makes a small Dalvik executable: one class with one method, and the strings given.

#include <string>
#include <vector>

#include "amanat/crypto/crypto.h"
#include "amanat/program/test_bytes.h"

namespace amanat::program {

/// String 0 is the class, string 1 the method.
inline Bytes make_dex(const std::vector<std::string>& strings) {
  TestBytes dex;
  dex.text("dex\n035").u8(0).zeros(24).u32(0).u32(112).u32(0x12345678).zeros(12);
  const std::size_t types = 112 + 4 * strings.size();
  const std::size_t methods = types + 4;
  const std::size_t classes = methods + 8;
  dex.u32(strings.size()).u32(112).u32(1).u32(types).zeros(16);
  dex.u32(1).u32(methods).u32(1).u32(classes).zeros(8);
  std::size_t at = classes + 32;
  for (const std::string& string : strings) {
    dex.u32(at);
    at += string.size() + 2;
  }
  dex.u32(0).u16(0).u16(0).u32(1).u32(0).zeros(28);
  for (const std::string& string : strings) dex.u8(string.size()).text(string).u8(0);
  dex.put(32, dex.size(), 4);
  crypto::Digest sha1(crypto::DigestKind::sha1);
  sha1.update(ByteView(dex.bytes()).subspan(32));
  dex.put_bytes(12, sha1.finish());
  std::uint32_t low = 1;
  std::uint32_t high = 0;
  for (const std::uint8_t byte : ByteView(dex.bytes()).subspan(12)) {
    low = (low + byte) % 65'521;
    high = (high + low) % 65'521;
  }
  return dex.put(8, high << 16 | low, 4).bytes();
}

}  // namespace amanat::program
