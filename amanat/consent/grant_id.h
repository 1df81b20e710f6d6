#pragma once

// The three hashes by which a consent is named everywhere (docs/format.md §3.1, §4.2).

#include "amanat/bytes/bytes.h"

namespace amanat::consent {

/// The commitment of the event with which a grant began: names the grant for life.
using GrantId = Id<struct GrantTag, 32>;
/// SHA-256 of a signed decision, signature included.
using DecisionHash = Id<struct DecisionHashTag, 32>;
/// SHA-256 of a notice's bytes as they were shown.
using NoticeId = Id<struct NoticeTag, 32>;

}  // namespace amanat::consent
