#pragma once

// HTML as body signatures for web pages (ClamAV's target 3) expect it.
//
// Four things come out of one page: the page without comments, the same without tags, the scripts,
// and the objects of its data: URLs.

#include <vector>

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

/// An object carried in the page itself, decoded from base64 or percent signs (RFC 2397).
struct DataUrl {
  std::size_t position = 0;
  Bytes content;
};
inline constexpr std::size_t kDataUrlsMax = 1024;

/// The objects of all `data:` URLs in a page, at most kDataUrlsMax.
std::vector<DataUrl> find_data_urls(ByteView page);

}  // namespace amanat::unpack
