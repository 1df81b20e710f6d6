#include "amanat/tlog/receipt.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

using namespace amanat;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView bytes(data, size);
  const auto receipt = tlog::parse_receipt(bytes);
  if (!receipt) return 0;
  const Bytes again = tlog::encode(*receipt);
  ensure(std::ranges::equal(again, bytes), "a receipt has one encoding");
  static const auto kKey = note::VerifierKey::ed25519("log.example", Bytes(32, 1));
  ensure(!tlog::check(*receipt, kKey), "nobody signs for a key without a private half");
  return 0;
}
