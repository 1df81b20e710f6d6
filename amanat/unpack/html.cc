#include "amanat/unpack/html.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "amanat/unpack/encoded_script.h"
#include "amanat/unpack/entities.h"
#include "amanat/unpack/script.h"
#include "amanat/unpack/text.h"
#include "amanat/unpack/transfer.h"
#include "amanat/unpack/unpackers.h"

namespace amanat::unpack {
namespace {

bool is_white(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
char small(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 0x20) : c; }

// Full stops of other scripts stand for plain ones in addresses that want to pass filters.
constexpr auto kStops = std::to_array<std::string_view>(
    {"\xe3\x80\x82", "\xef\xbc\x8e", "\xef\xb9\x92", "\xa1\x43", "\xa1\x44", "\xa1\x4f"});

// The walk over a page. ClamAV's normal form is the model, down to what it does with broken markup
// (a comment ends at the first '>'), because signatures were made from its output.
class Normaliser {
 public:
  explicit Normaliser(std::string_view page) : page_(page) {
    keeps_tagless_ = page.size() <= kNoTagsBytesMax;
    normal_.no_comments.reserve(page.size() + page.size() / 16);
  }

  NormalHtml run() {
    while (at_ < page_.size()) {
      if (page_[at_] == '<') {
        read_tag();
      } else {
        read_text();
      }
    }
    return std::move(normal_);
  }

 private:
  void put(char c) { normal_.no_comments.push_back(static_cast<std::uint8_t>(c)); }

  // Runs of what is no text become one space.
  void put_tagless_gap() {
    Bytes& text = normal_.no_tags;
    if (keeps_tagless_ && (text.empty() || text.back() != ' ')) text.push_back(' ');
  }
  void put_tagless(char c) {
    if (!keeps_tagless_) return;
    const auto byte = static_cast<std::uint8_t>(c);
    if (byte <= 0x20) {
      put_tagless_gap();
    } else {
      normal_.no_tags.push_back(byte);
    }
  }

  void put_character(const Reference& reference) {
    const std::uint32_t c = reference.character;
    if (c < 0x100) {
      const char byte = static_cast<char>(c);
      return put(reference.is_closed ? small(byte) : byte);
    }
    constexpr std::string_view kDigits = "0123456789abcdef";
    for (const char mark : std::string_view("&#x")) put(mark);
    unsigned shift = c > 0xffff ? 28 : 12;
    while (shift > 12 && (c >> shift & 15) == 0) shift -= 4;
    for (unsigned i = shift + 4; i > 0; i -= 4) put(kDigits[c >> (i - 4) & 15]);
    put(';');
  }

  /// A full stop of another script here; its length, or 0.
  std::size_t foreign_stop() const {
    if (static_cast<std::uint8_t>(page_[at_]) < 0x80) return 0;
    const auto* it = std::ranges::find_if(
        kStops, [&](std::string_view stop) { return page_.substr(at_).starts_with(stop); });
    return it == kStops.end() ? 0 : it->size();
  }

  // Words between tags, up to the next '<'.
  void read_text() {
    for (; at_ < page_.size() && page_[at_] != '<'; ++at_) {
      const char c = page_[at_];
      if (c == '\r') continue;
      if (is_white(c)) {
        if (!after_white_) put(' ');
        after_white_ = true;
        put_tagless_gap();
        continue;
      }
      after_white_ = false;
      if (c == '&' && read_entity()) continue;
      if (const std::size_t size = foreign_stop(); size > 0) {
        put('.');
        put_tagless('.');
        at_ += size - 1;
        continue;
      }
      put(small(c));
      if (static_cast<std::uint8_t>(c) < 0x80) {
        put_tagless(small(c));
      } else if (keeps_tagless_) {
        put_high();
      }
    }
  }

  // Of a run of bytes from 80 on, ClamAV writes the last but one twice and the last not at all; of
  // a lone one it writes a zero.
  void put_high() {
    const auto is_high = [&](std::size_t at) {
      return at < page_.size() && static_cast<std::uint8_t>(page_[at]) >= 0x80;
    };
    char c = page_[at_];
    if (!is_high(at_ + 1)) c = at_ > 0 && is_high(at_ - 1) ? page_[at_ - 1] : '\0';
    normal_.no_tags.push_back(static_cast<std::uint8_t>(c));
  }

  // Stands at '&'; true when a reference was read, with at_ on its last byte.
  bool read_entity() {
    put_tagless_gap();
    const auto reference = read_reference(page_.substr(at_));
    if (!reference) return false;
    put_character(*reference);
    at_ += reference->size - 1;
    return true;
  }

  void skip_white() {
    while (at_ < page_.size() && is_white(page_[at_])) ++at_;
  }

  void read_tag() {
    if (page_.substr(at_).starts_with("<!")) {
      // A comment or a declaration; both end at the first '>'.
      at_ = std::min(page_.find('>', at_), page_.size() - 1) + 1;
      skip_white();
      after_white_ = true;
      return;
    }
    put('<');
    put_tagless_gap();
    ++at_;
    const bool has_space = at_ < page_.size() && is_white(page_[at_]);
    skip_white();
    const std::size_t name = normal_.no_comments.size();
    while (at_ < page_.size() && !is_white(page_[at_]) && page_[at_] != '>') {
      if (page_[at_] == '<') break;
      put(small(page_[at_++]));
    }
    const std::string tag(as_text(ByteView(normal_.no_comments).subspan(name)));
    read_attributes(tag);
    if (at_ < page_.size() && page_[at_] == '>') {
      put('>');
      ++at_;
    }
    if (!has_space) skip_white();
    after_white_ = !has_space;
    if (tag == "script" || tag == "style") read_raw(tag, name);
  }

  void read_attributes(std::string_view tag) {
    bool glued = false;
    while (at_ < page_.size()) {
      skip_white();
      if (at_ >= page_.size() || page_[at_] == '>') return;
      if (page_[at_] == '<') return put(' ');
      if (!std::exchange(glued, false)) put(' ');
      const std::size_t name = normal_.no_comments.size();
      while (at_ < page_.size() && !is_white(page_[at_]) && page_[at_] != '='
             && page_[at_] != '>') {
        put(small(page_[at_++]));
      }
      const std::string_view attribute = as_text(ByteView(normal_.no_comments).subspan(name));
      const bool is_address =
          (tag == "a" && attribute == "href") || (tag == "img" && attribute == "src");
      skip_white();
      if (at_ >= page_.size() || page_[at_] != '=') continue;
      put('=');
      ++at_;
      skip_white();
      glued = read_value(is_address);
    }
  }

  /// Reads the value of an attribute; addresses are read as text too. True when it was the address
  /// of an object in the page.
  bool read_value(bool is_address) {
    if (at_ >= page_.size()) return false;
    const char quote = page_[at_] == '"' || page_[at_] == '\'' ? page_[at_] : 0;
    if (quote != 0) {
      put('"');
      ++at_;
      // A quote and a space: ClamAV sees an empty value, and attributes behind it.
      if (at_ < page_.size() && is_white(page_[at_])) return false;
    }
    const std::string_view rest = page_.substr(at_);
    if (begins_with_nocase(rest, "data:")) {
      for (const char c : std::string_view("data")) put(c);
      at_ = value_end(quote);
      if (quote != 0 && at_ < page_.size()) {
        put('"');
        ++at_;
      }
      return true;
    }
    bool white = false;
    std::size_t gaps = 0;
    for (; at_ < page_.size(); ++at_) {
      const char c = page_[at_];
      if (quote != 0 ? c == quote : is_white(c) || c == '>') break;
      if (c == '\r') continue;
      if (is_white(c)) {
        if (!std::exchange(white, true)) {
          put(' ');
          ++gaps;
          if (is_address) put_tagless_gap();
        }
        continue;
      }
      white = false;
      if (c == '&') {
        if (const auto reference = read_reference(page_.substr(at_))) {
          put_character(*reference);
          if (is_address) put_tagless(static_cast<char>(reference->character & 0xff));
          at_ += reference->size - 1;
          continue;
        }
      }
      put(c == '\'' ? '"' : small(c));
      if (is_address) put_tagless(c);
    }
    if (quote != 0 && at_ < page_.size()) {
      // Where a value has three words or more, ClamAV leaves its last quote as it is.
      put(gaps < 2 ? '"' : quote);
      ++at_;
    }
    if (is_address) put_tagless_gap();
    return false;
  }

  std::size_t value_end(char quote) const {
    const std::size_t end =
        quote != 0 ? page_.find(quote, at_) : page_.find_first_of(" \t\r\n>", at_);
    return std::min(end, page_.size());
  }

  // A script or a style sheet, up to its end tag; the tag itself was written from `tag_begin` on.
  void read_raw(const std::string& tag, std::size_t tag_begin) {
    const std::size_t end = std::min(find_nocase(page_, "</" + tag, at_), page_.size());
    std::string_view raw = page_.substr(at_, end - at_);
    std::string decoded;
    const std::string tag_text(as_text(ByteView(normal_.no_comments).subspan(tag_begin)));
    if (const auto plain_tag = decoded_tag(tag_text); plain_tag && tag == "script") {
      // ClamAV leaves the tag as it was, and writes that of the script behind it.
      append(normal_.no_comments, as_bytes('<' + *plain_tag));
      decoded = with_decoded_script(raw);
      raw = decoded;
    }
    if (tag == "script") {
      const std::size_t tag_end = end < page_.size() ? page_.find('>', end) : page_.npos;
      const std::string_view end_tag =
          end < page_.size()
              ? page_.substr(end, tag_end == page_.npos ? tag_end : tag_end + 1 - end)
              : std::string_view();
      append_script(std::string(raw).append(end_tag), normal_.scripts);
    }
    put_raw(raw);
    at_ = end;
  }

  // No white space, one kind of quotes.
  void put_raw(std::string_view raw) {
    for (std::size_t i = 0; i < raw.size(); ++i) {
      const char c = raw[i];
      if (is_white(c)) continue;
      if (c == '&') {
        if (const auto reference = read_reference(raw.substr(i))) {
          put_character(*reference);
          i += reference->size - 1;
          continue;
        }
      }
      put(c == '\'' ? '"' : small(c));
    }
  }

  std::string_view page_;
  std::size_t at_ = 0;
  bool after_white_ = true;
  bool keeps_tagless_ = false;
  NormalHtml normal_;
};

}  // namespace

NormalHtml normalise_html(ByteView page) {
  if (page.size() > kHtmlBytesMax) return {};
  if (const auto wide = wide_text(page)) {
    const Bytes ascii = cut_utf16_to_ascii(page, *wide == Kind::text_utf16_be);
    return Normaliser(as_text(ascii)).run();
  }
  return Normaliser(as_text(page)).run();
}

}  // namespace amanat::unpack
