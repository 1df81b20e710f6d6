#pragma once

// The names of consents, decisions and notices.

#include "amanat/bytes/bytes.h"

namespace amanat::consent {

using GrantId = Id<struct GrantTag, 32>;
using DecisionHash = Id<struct DecisionHashTag, 32>;
using NoticeId = Id<struct NoticeTag, 32>;

}  // namespace amanat::consent
