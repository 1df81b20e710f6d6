#pragma once

// What data is and what it is for: the two closed registries that every consent speaks of.
//
// A category travels as one byte, on the command line as a word (`call-log`), in receipts for
// people as a sentence, and in exports as IRIs of the W3C Data Privacy Vocabulary
// (https://w3id.org/dpv, version 2.3). Where the vocabulary has no term, ours stands first and its
// broader term in theirs follows. Numbers are never reused; what the registry does not know is
// refused, because nobody can have consented to it.

#include <array>
#include <bit>
#include <cstdint>
#include <initializer_list>
#include <iterator>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "amanat/error/error.h"

namespace amanat::consent {

enum class Category : std::uint8_t {
  photos = 1,
  videos = 2,
  audio = 3,
  contacts = 4,
  messages = 5,
  call_log = 6,
  calendar = 7,
  location = 8,
  health = 9,
  email = 10,
  documents = 11,
  apps = 12,
  app_data = 13,
  browsing = 14,
  diagnostics = 15,
  other = 255,
};

enum class Purpose : std::uint8_t {
  custody = 1,  // backup and restore: readable by the owner alone
  diagnostics = 2,
  support = 3,
  research = 4,
  find_my_device = 5,
  analytics = 6,
  security_sample = 7,
};

/// All of them in registry order, which is the order of their numbers.
inline constexpr std::array kCategories{
    Category::photos,   Category::videos,   Category::audio,       Category::contacts,
    Category::messages, Category::call_log, Category::calendar,    Category::location,
    Category::health,   Category::email,    Category::documents,   Category::apps,
    Category::app_data, Category::browsing, Category::diagnostics, Category::other};
inline constexpr std::array kPurposes{
    Purpose::custody,        Purpose::diagnostics, Purpose::support,        Purpose::research,
    Purpose::find_my_device, Purpose::analytics,   Purpose::security_sample};

/// The word on the command line and in JSON: `photos`, `call-log`, `find-my-device`.
std::string_view name_of(Category category);
std::string_view name_of(Purpose purpose);

/// The entry with this word; nothing when the registry has none.
std::optional<Category> category_from_name(std::string_view name);
std::optional<Purpose> purpose_from_name(std::string_view name);

/// The entry with this number; invalid_input when the registry has none.
Result<Category> category_from_byte(std::uint8_t byte);
Result<Purpose> purpose_from_byte(std::uint8_t byte);

constexpr std::uint8_t to_byte(Category category) { return static_cast<std::uint8_t>(category); }
constexpr std::uint8_t to_byte(Purpose purpose) { return static_cast<std::uint8_t>(purpose); }

/// Full IRIs, the main one first; at least one.
std::span<const std::string_view> iris_of(Category category);
std::span<const std::string_view> iris_of(Purpose purpose);

/// One plain line for a person: "Pictures you took or saved".
std::string_view description_of(Category category);
std::string_view description_of(Purpose purpose);

/// Whether such data usually says something about people who were not asked: the address book, the
/// other half of a conversation. A notice must say so.
bool is_about_third_persons(Category category);

/// Whether the category is sensitive personal data by its kind (SPDI Rules 2011, r.3: health).
bool is_sensitive(Category category);

/// Some of the categories, always in registry order, each once. Copies freely; empty at birth.
class CategorySet {
 public:
  class Iterator {
   public:
    using value_type = Category;
    using difference_type = std::ptrdiff_t;
    Iterator() = default;
    explicit Iterator(std::uint16_t left) : left_(left) {}
    Category operator*() const {
      return kCategories[static_cast<std::size_t>(std::countr_zero(left_))];
    }
    Iterator& operator++() {
      left_ = static_cast<std::uint16_t>(left_ & (left_ - 1));  // drops the lowest
      return *this;
    }
    Iterator operator++(int) {
      const Iterator before = *this;
      ++*this;
      return before;
    }
    friend bool operator==(const Iterator&, const Iterator&) = default;

   private:
    std::uint16_t left_ = 0;
  };

  CategorySet() = default;
  CategorySet(std::initializer_list<Category> categories) {
    for (const Category category : categories) insert(category);
  }

  /// Reads what `to_text` wrote; invalid_input for unknown words, another order or repetition.
  static Result<CategorySet> from_text(std::string_view text);

  void insert(Category category) { bits_ = static_cast<std::uint16_t>(bits_ | bit_of(category)); }
  void insert(CategorySet more) { bits_ = static_cast<std::uint16_t>(bits_ | more.bits_); }
  void erase(Category category) { bits_ = static_cast<std::uint16_t>(bits_ & ~bit_of(category)); }
  bool contains(Category category) const { return (bits_ & bit_of(category)) != 0; }
  bool contains_all(CategorySet others) const { return (others.bits_ & ~bits_) == 0; }
  bool empty() const { return bits_ == 0; }
  std::size_t size() const { return static_cast<std::size_t>(std::popcount(bits_)); }

  Iterator begin() const { return Iterator(bits_); }
  Iterator end() const { return Iterator(); }

  /// `photos+location`; empty text for the empty set.
  std::string to_text() const;

  friend bool operator==(const CategorySet&, const CategorySet&) = default;

 private:
  static std::uint16_t bit_of(Category category) {
    const unsigned place = category == Category::other ? 15U : to_byte(category) - 1U;
    return static_cast<std::uint16_t>(1U << place);
  }

  std::uint16_t bits_ = 0;
};

}  // namespace amanat::consent
