#include "amanat/crypto/aes_cbc.h"

#include <string>
#include <string_view>

#include <doctest/doctest.h>

using namespace amanat;
using namespace amanat::crypto;

// NIST SP 800-38A F.2.1 and F.2.5, the first two blocks.
TEST_CASE("AES in CBC mode gives the blocks of SP 800-38A, and takes them back") {
  struct Case {
    std::string_view key;
    std::string_view blocks;
  };
  const auto cases =
      std::to_array<Case>({{"2b7e151628aed2a6abf7158809cf4f3c",
                            "7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b2"},
                           {"603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4",
                            "f58c4c04d6e5f1ba779eabfb5f7bfbd69cfc4e967edb808d679f777bc6702c7d"}});
  const Bytes start = from_hex("000102030405060708090a0b0c0d0e0f").value();
  const Bytes plain =
      from_hex("6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51").value();
  for (const Case& c : cases) {
    const Bytes key = from_hex(c.key).value();
    Bytes out(plain.size());
    aes_cbc_encrypt(key, start, plain, out);
    CHECK(to_hex(out) == c.blocks);
    aes_cbc_decrypt(key, start, out, out);
    CHECK(out == plain);
  }
  aes_cbc_decrypt(start, start, {}, {});
}
