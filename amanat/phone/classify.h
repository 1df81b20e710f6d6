#pragma once

// Says which categories of data a file holds, by what is in it and never by its name: a person who
// gave consent for photos and not for places expects that a photo with a place inside is told from
// one without, whatever both are called.
//
// Every parser here reads hostile bytes through a `Window`, whose budget ends it; what no parser
// accepts is `other`, and plain text that nothing else claims is `documents`. A place of 0,0 is how
// cameras write "unknown" and counts as none.

#include <string>

#include "amanat/consent/category.h"
#include "amanat/phone/sample.h"

namespace amanat::phone {

/// What a file is, in short, and the categories of everything it holds: never empty.
struct Classification {
  consent::CategorySet categories;
  std::string kind;  // "jpeg", "vcard", "android-sms": for reports and tests

  friend bool operator==(const Classification&, const Classification&) = default;
};

/// Recognises one file. Never fails: what cannot be read or understood is `other`.
Classification classify(const Sample& sample);

}  // namespace amanat::phone
