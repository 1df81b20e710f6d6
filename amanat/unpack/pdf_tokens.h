#pragma once

// The words of PDF (ISO 32000-1 §7.2, §7.3), read one after the other from any place.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "amanat/bytes/bytes.h"

namespace amanat::unpack {

struct PdfToken {
  enum class Type : std::uint8_t {
    end,
    word,  // a number, obj, R, stream, true ...
    name,  // without its slash, #xx read
    string,
    begin_dictionary,
    end_dictionary,
    begin_array,
    end_array,
  };
  Type type = Type::end;
  std::string text;  // of words, names and strings, decoded
  std::size_t begin = 0;
  std::size_t end = 0;

  bool is_word(std::string_view word) const { return type == Type::word && text == word; }
};

/// Strings longer than this are cut.
inline constexpr std::size_t kPdfStringBytesMax = 4UL << 20;

class PdfTokens {
 public:
  explicit PdfTokens(ByteView bytes, std::size_t at = 0) : text_(as_text(bytes)), at_(at) {}

  PdfToken next();
  std::size_t position() const { return at_; }
  void seek(std::size_t at) { at_ = at; }
  /// Whether a word or number comes next. Nothing else is read to find out: a string may reach to
  /// the end of the file, and so many may begin in it that reading each would take forever.
  bool is_before_word();

 private:
  void skip_white();
  void read_literal(PdfToken& token);
  void read_escape(PdfToken& token);
  void read_hexadecimal(PdfToken& token);
  void read_name(PdfToken& token);

  std::string_view text_;
  std::size_t at_ = 0;
  // Where comments and white space were skipped last, from the first %: from any % in there the
  // same end is reached, and is not looked for again.
  std::size_t comments_begin_ = 0;
  std::size_t comments_end_ = 0;
};

/// What the words "12 0 obj" say.
struct PdfObjectId {
  std::uint32_t number = 0;
  std::uint32_t generation = 0;
};

/// The numbers in front of the word `obj` that stands at `word`; nothing when this is `endobj` or
/// just a word.
std::optional<PdfObjectId> pdf_object_before(ByteView document, std::size_t word);

}  // namespace amanat::unpack
