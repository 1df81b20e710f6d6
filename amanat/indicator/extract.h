#pragma once

// Finds hosts, addresses, URLs and e-mail addresses in what people write and receive. One pass, in
// time proportional to the text.
//
// A host is a run of letters, digits, '-', '_', '.' and characters of any script with a dot inside;
// what stands before it says whether it is part of an e-mail address or of a URL. The path of a URL
// is no host, but a URL inside a URL (`?next=https%3A%2F%2Fevil.com`) is: that is how redirects
// hide. A run of several scripts (`look at例えbad.com`) counts as a whole and by its ASCII parts.

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "amanat/indicator/indicator.h"

namespace amanat::indicator {

inline constexpr std::size_t kTextBytesMax = 4U << 20;  // of one text; the rest is not looked at
inline constexpr std::size_t kMentionsMax = 100'000;    // of one text

struct Mention {
  Kind kind = Kind::domain;  // domain, ip_address, url or email
  std::string value = {};    // in its one spelling (spelling.h)
  std::size_t position = 0;  // of the first byte in the text

  friend bool operator==(const Mention&, const Mention&) = default;
};

/// Calls `use` for each mention, in order; it answers whether to go on.
void extract(std::string_view text, const std::function<bool(const Mention&)>& use);

}  // namespace amanat::indicator
