#include "amanat/phone/classify.h"

#include <array>

#include "amanat/phone/classify_parts.h"

namespace amanat::phone {

Classification classify(const Sample& sample) {
  // Strong marks first, weak ones later, text last: the first answer is right.
  static constexpr std::array kParts{
      classify_image, classify_box_media, classify_database, classify_archive,       classify_fit,
      classify_audio, classify_document,  classify_text,     classify_hidden_archive};
  ReadBudget budget;
  Window window(sample, budget);
  const bool empty_database = sample.size == 0 && sample.write_ahead_log != nullptr;
  if (sample.size == 0 && !empty_database) {
    return {consent::CategorySet{consent::Category::other}, "empty"};
  }
  for (const auto part : kParts) {
    if (auto found = part(window); found && !found->categories.empty()) return *std::move(found);
  }
  return {consent::CategorySet{consent::Category::other}, "unknown"};
}

}  // namespace amanat::phone
