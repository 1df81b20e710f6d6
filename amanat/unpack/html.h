#pragma once

// HTML as body signatures for web pages (ClamAV's target 3) expect it.
//
// Three texts come out of one page: the page without comments, the same without tags, and the
// scripts. (The objects of its data: URLs are found by `unpack`.) They follow what ClamAV 1.4 was
// seen to write, where it treats broken markup in its own way too; of scripts see script.h.

#include <optional>
#include <string_view>

#include "amanat/bytes/bytes.h"

namespace amanat::unpack {

/// Pages of more bytes than this have no normal form; of more than kNoTagsBytesMax no text.
inline constexpr std::size_t kHtmlBytesMax = 40UL << 20;
inline constexpr std::size_t kNoTagsBytesMax = 8UL << 20;

struct NormalHtml {
  Bytes no_comments;  // compare as HTML
  Bytes no_tags;      // compare as HTML
  Bytes scripts;      // compare as HTML and as ASCII
};

/// Normalises a page; UTF-16 pages are told by their byte order mark and cut to ASCII first.
/// Everything stays empty when the page is larger than kHtmlBytesMax.
NormalHtml normalise_html(ByteView page);

/// An object carried in the page itself (RFC 2397); borrows the page.
struct DataUrl {
  std::size_t position = 0;  // of the text
  std::string_view type;     // and parameters: "image/png;base64"
  std::string_view text;     // in base64, or with percent signs
  bool is_base64 = false;
};

/// The next `data:` URL from `at` on, which moves behind it; nothing when there is none.
std::optional<DataUrl> find_data_url(std::string_view page, std::size_t& at);

}  // namespace amanat::unpack
