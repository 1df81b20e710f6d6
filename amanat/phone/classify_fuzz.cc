// Whatever the bytes, recognition ends, names at least one category, and says the same twice. The
// first byte chooses whether the rest is a file or a database's file and log, so that both doors
// are pushed.

#include "amanat/phone/classify.h"

#include <algorithm>

namespace {

using amanat::ByteView;
namespace phone = amanat::phone;

void expect_answer(const phone::Sample& sample) {
  const phone::Classification once = phone::classify(sample);
  amanat::ensure(!once.categories.empty() && !once.kind.empty(), "everything has a category");
  amanat::ensure(once == phone::classify(sample), "recognition says the same twice");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView bytes(data, size);
  expect_answer(phone::sample_of(bytes));
  if (size < 2) return 0;
  const std::size_t cut = (bytes.size() - 1) * bytes[0] / 255;
  phone::Sample database = phone::sample_of(bytes.subspan(1, cut));
  const phone::Sample log = phone::sample_of(bytes.subspan(1 + cut));
  database.write_ahead_log = &log;
  // A head shorter than the file, so that reading beyond it is tried too.
  database.head = database.head.first(std::min<std::size_t>(database.head.size(), 64));
  expect_answer(database);
  return 0;
}
