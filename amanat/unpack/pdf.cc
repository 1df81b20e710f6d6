// PDF documents: all streams, and all JavaScript, without trusting the table at the end.
//
// Objects are found by their own words ("12 0 obj"), so that none escapes by not being listed.
// Streams come out decoded; the objects inside object streams are searched for scripts like all
// others. A document that is encrypted under the empty password is decrypted; any other says
// `encrypted`, and its streams are handed over as they lie.

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "amanat/crypto/aes_cbc.h"
#include "amanat/unpack/little.h"
#include "amanat/unpack/pdf_decryption.h"
#include "amanat/unpack/pdf_filters.h"
#include "amanat/unpack/pdf_tokens.h"
#include "amanat/unpack/unpackers.h"

namespace amanat::unpack {
namespace {

using Type = PdfToken::Type;
constexpr std::size_t kNestingMax = 64;
constexpr std::size_t kScriptReferencesMax = 4096;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::optional<std::uint64_t> number(std::string_view word) {
  constexpr std::size_t kDigitsMax = 10;
  if (word.empty() || word.size() > kDigitsMax || !std::ranges::all_of(word, is_digit)) {
    return std::nullopt;
  }
  std::uint64_t value = 0;
  for (const char c : word) value = value * 10 + static_cast<std::uint64_t>(c - '0');
  return value;
}

std::uint32_t small_number(std::string_view word, std::uint32_t otherwise) {
  const auto value = number(word);
  return value && *value <= 0xffff'ffff ? static_cast<std::uint32_t>(*value) : otherwise;
}

/// What the dictionary of an object says, as far as it is asked.
struct Outline {
  std::vector<PdfFilter> filters;
  std::optional<std::uint64_t> length;  // written here, not elsewhere
  std::string type;
  PdfFilter parameters;                    // /DecodeParms when it is one dictionary
  std::vector<PdfFilter> parameter_array;  // when it is one for each filter
  bool is_stream = false;
  std::size_t end = 0;  // behind the dictionary, or behind the word `stream`
};

/// Text strings may be UTF-16 with a mark in front; scripts are compared as ASCII.
std::string script_text(std::string text) {
  if (!text.starts_with("\xfe\xff")) return text;
  std::string narrow;
  for (std::size_t i = 2; i + 1 < text.size(); i += 2) {
    if (text[i] == 0) narrow.push_back(text[i + 1]);
  }
  return narrow;
}

class PdfWalk {
 public:
  PdfWalk(ByteView object, Walk& walk) : object_(object), walk_(walk) {}

  void run() {
    encrypted_ = find(object_, "/Encrypt").has_value();
    if (encrypted_) decryption_ = PdfDecryption::open(object_);
    encrypted_ = encrypted_ && !decryption_;
    if (encrypted_) walk_.outcome.note(End::encrypted, "the document is encrypted");
    find_script_references();
    std::size_t at = 0;
    while (walk_.goes_on()) {
      const auto word = find(object_, "obj", at);
      if (!word) return;
      at = *word + 3;
      const auto id = pdf_object_before(object_, *word);
      if (id) at = look_at(*id, at);
    }
  }

 private:
  // A script may lie in an object before the one that refers to it.
  void find_script_references() {
    constexpr std::size_t kNameBytes = 3;
    PdfTokens tokens(object_);
    for (auto at = find(object_, "/JS"); at; at = find(object_, "/JS", *at + kNameBytes)) {
      if (scripts_.size() >= kScriptReferencesMax) return;
      tokens.seek(*at + kNameBytes);
      if (tokens.is_before_word()) scripts_.insert(small_number(tokens.next().text, 0));
    }
  }

  // Looks at the object behind the word `obj`; returns where to go on.
  std::size_t look_at(PdfObjectId id, std::size_t at) {
    const Outline outline = read_object(object_, id, at);
    if (!outline.is_stream) return std::max(outline.end, at);
    const std::size_t begin = data_begin(outline.end);
    bool cut = false;
    const std::size_t end = data_end(begin, outline, cut);
    give_stream(id, outline, begin, end, cut);
    return std::max(end, at);
  }

  // Behind the word `stream` comes the end of a line.
  std::size_t data_begin(std::size_t at) const {
    if (is_at(object_, at, "\r\n")) return at + 2;
    if (is_at(object_, at, "\n") || is_at(object_, at, "\r")) return at + 1;
    return std::min(at, object_.size());
  }

  // Where the length says, if `endstream` is there; else before the next `endstream`.
  std::size_t data_end(std::size_t begin, const Outline& outline, bool& cut) const {
    if (outline.length && has(object_, begin, *outline.length)) {
      const std::size_t end = begin + *outline.length;
      for (std::size_t i = 0; i <= 2; ++i) {
        if (is_at(object_, end + i, "endstream")) return end;
      }
    }
    const auto word = find(object_, "endstream", begin);
    if (!word) {
      cut = true;
      return object_.size();
    }
    std::size_t end = *word;
    if (end > begin && object_[end - 1] == '\n') --end;
    if (end > begin && object_[end - 1] == '\r') --end;
    return end;
  }

  void give_stream(PdfObjectId id, const Outline& outline, std::size_t begin, std::size_t end,
                   bool cut) {
    const ByteView packed = object_.subspan(begin, end - begin);
    Entry entry{.name = "object " + std::to_string(id.number),
                .packed_size = packed.size(),
                .position = begin,
                .encrypted = encrypted_ && outline.type != "XRef",
                .kind = scripts_.contains(id.number) ? Kind::script : Kind::unknown};
    if (packed.empty()) return;
    if (entry.encrypted) {
      walk_.give(std::move(entry), End::encrypted, packed);
      return;
    }
    // Filters are undone in turn; two outputs take turns to hold what came out.
    std::array<Output, 2> outputs{Output(walk_.budget), Output(walk_.budget)};
    Output plain(walk_.budget);
    ByteView content = packed;
    End worst = cut ? End::damaged : End::whole;
    if (const PdfCipher cipher = cipher_of(outline); cipher != PdfCipher::none) {
      plain.begin(packed.size());
      const ByteView sealed = cipher == PdfCipher::aes ? with_cut_line_end(begin, end) : packed;
      if (!decryption_->decrypt_stream(id, cipher, sealed, plain)) worst = End::over_budget;
      content = plain.bytes();
    }
    std::size_t turn = 0;
    for (std::size_t i = 0; i < outline.filters.size(); ++i) {
      const PdfFilter filter = filter_with_parameters(outline, i);
      if (filter.name == "Crypt") worst = std::max(worst, End::encrypted);
      if (!is_pdf_filter(filter.name)) break;  // a picture
      Output& output = outputs[turn++ % 2];
      output.begin(packed.size());
      worst = std::max(worst, run_pdf_filter(filter, content, output));
      content = output.bytes();
    }
    entry.size = content.size();
    if (outline.type == "ObjStm") {
      look_for_scripts(content, id);
    }
    walk_.give(std::move(entry), worst, content);
  }

  PdfCipher cipher_of(const Outline& outline) const {
    const auto own = std::ranges::find(outline.filters, "Crypt", &PdfFilter::name);
    const bool has_own = own != outline.filters.end();
    return decryption_ && !has_own ? decryption_->cipher_of_stream(outline.type) : PdfCipher::none;
  }

  // Where the length was not written, what looks like the end of a line before `endstream` may be
  // the end of the last block.
  ByteView with_cut_line_end(std::size_t begin, std::size_t end) const {
    constexpr std::size_t kLineEndBytesMax = 2;
    const std::size_t missing =
        (crypto::kAesBlockBytes - (end - begin) % crypto::kAesBlockBytes) % crypto::kAesBlockBytes;
    return part(object_, begin, end - begin + (missing <= kLineEndBytesMax ? missing : 0));
  }

  static PdfFilter filter_with_parameters(const Outline& outline, std::size_t index) {
    PdfFilter filter;
    if (index < outline.parameter_array.size()) {
      filter = outline.parameter_array[index];
    } else if (outline.parameter_array.empty() && index + 1 == outline.filters.size()) {
      filter = outline.parameters;
    }
    filter.name = outline.filters[index].name;
    return filter;
  }

  // The objects in an object stream have no words around them: it is one long text.
  void look_for_scripts(ByteView text, PdfObjectId id) {
    is_in_object_stream_ = true;
    std::size_t at = 0;
    while (at < text.size() && walk_.goes_on()) at = read_object(text, id, at).end + 1;
    is_in_object_stream_ = false;
  }

  // Reads from `at` to the end of the object, gives the scripts written in it, and tells what its
  // outermost dictionary says.
  Outline read_object(ByteView text, PdfObjectId id, std::size_t at) {
    Outline outline;
    PdfTokens tokens(text, at);
    std::size_t depth = 0;
    std::string key;
    bool first = true;
    while (true) {
      PdfToken token = tokens.next();
      outline.end = token.type == Type::end ? text.size() : token.end;
      if (token.type == Type::end || token.is_word("endobj")) return outline;
      if (token.is_word("stream")) {
        outline.is_stream = true;
        return outline;
      }
      if (token.is_word("obj") && !first) {  // the end of this object is missing
        outline.end = token.begin;
        return outline;
      }
      if (first && token.type == Type::string && scripts_.contains(id.number)) {
        give_script(id, token);
      }
      first = false;
      if (token.type == Type::begin_dictionary) {
        if (++depth > kNestingMax) return outline;
        key.clear();
        continue;
      }
      if (token.type == Type::end_dictionary) {
        depth -= depth > 0 ? 1 : 0;
        key.clear();
        continue;
      }
      if (key.empty()) {
        if (token.type == Type::name) key = token.text;
        continue;
      }
      read_value(key, token, depth, tokens, outline, id);
      key.clear();
    }
  }

  void read_value(const std::string& key, const PdfToken& token, std::size_t depth,
                  PdfTokens& tokens, Outline& outline, PdfObjectId id) {
    if (key == "JS") {
      if (token.type == Type::string) return give_script(id, token);
      if (token.type == Type::word && scripts_.size() < kScriptReferencesMax) {
        scripts_.insert(small_number(token.text, 0));
      }
      return;
    }
    const bool is_filter = key == "Filter" || key == "F";
    const bool is_parameter = key == "DecodeParms" || key == "DP";
    if (is_filter && token.type == Type::name && depth == 1) {
      outline.filters.push_back({.name = token.text});
    } else if (is_filter && token.type == Type::begin_array && depth == 1) {
      read_filters(tokens, outline);
    } else if (is_parameter && token.type == Type::begin_array) {
      read_parameter_array(tokens, outline);
    } else if (key == "Length" && depth == 1 && token.type == Type::word) {
      PdfTokens ahead = tokens;
      ahead.next();
      if (!ahead.next().is_word("R")) outline.length = number(token.text);
    } else if (key == "Type" && depth == 1) {
      outline.type = token.text;
    } else if (token.type == Type::word && depth == 2) {
      set_parameter(outline.parameters, key, token.text);
    }
  }

  static void set_parameter(PdfFilter& filter, std::string_view key, std::string_view value) {
    if (key == "Predictor") filter.predictor = small_number(value, 1);
    if (key == "Colors") filter.colors = small_number(value, 1);
    if (key == "BitsPerComponent") filter.bits = small_number(value, 8);
    if (key == "Columns") filter.columns = small_number(value, 1);
    if (key == "EarlyChange") filter.early_change = value != "0";
  }

  static void read_filters(PdfTokens& tokens, Outline& outline) {
    for (PdfToken token = tokens.next(); token.type == Type::name; token = tokens.next()) {
      if (outline.filters.size() < kPdfFiltersMax) outline.filters.push_back({.name = token.text});
    }
  }

  static void read_parameter_array(PdfTokens& tokens, Outline& outline) {
    std::vector<PdfFilter> parameters;
    std::string key;
    std::size_t depth = 0;
    for (PdfToken token = tokens.next(); token.type != Type::end; token = tokens.next()) {
      if (token.type == Type::end_array && depth == 0) break;
      if (token.is_word("null") && depth == 0) parameters.emplace_back();
      if (token.type == Type::begin_dictionary && depth++ == 0) parameters.emplace_back();
      if (token.type == Type::end_dictionary && depth > 0) --depth;
      if (parameters.size() > kPdfFiltersMax) break;
      if (token.type == Type::name) {
        key = token.text;
      } else if (token.type == Type::word && !parameters.empty()) {
        set_parameter(parameters.back(), key, token.text);
      }
    }
    outline.parameter_array = std::move(parameters);
  }

  void give_script(PdfObjectId id, const PdfToken& token) {
    // What lies in an object stream was encrypted with all of it.
    const bool is_sealed = decryption_ && !is_in_object_stream_;
    std::string script =
        script_text(is_sealed ? decryption_->decrypt_string(id, token.text) : token.text);
    if (script.empty()) return;
    const Allowance room = walk_.budget.allowance(token.end - token.begin);
    const bool fits = script.size() <= room.bytes;
    if (!fits) {
      script.resize(room.bytes);
      walk_.budget.reach(room.limit);
    }
    walk_.give({.name = "object " + std::to_string(id.number) + " JavaScript",
                .packed_size = token.end - token.begin,
                .size = script.size(),
                .position = token.begin,
                .kind = Kind::script},
               fits ? End::whole : End::over_budget, as_bytes(script));
  }

  ByteView object_;
  Walk& walk_;
  bool encrypted_ = false;  // under a password that we do not have
  bool is_in_object_stream_ = false;
  std::optional<PdfDecryption> decryption_;
  std::set<std::uint32_t> scripts_;  // objects that some /JS refers to
};

}  // namespace

void unpack_pdf(ByteView object, Walk& walk) { PdfWalk(object, walk).run(); }

}  // namespace amanat::unpack
