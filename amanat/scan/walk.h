#pragma once

// One file on its way through the scanner: the object itself first, then what lies inside, one
// after the other, until a threat is found or all was looked at.
//
// A threat is reported unless the object it is in, or one around it, is a known false alarm: an
// allowed container silences its contents, as in ClamAV.

#include <cstdint>
#include <string>
#include <string_view>

#include "amanat/scan/place.h"
#include "amanat/scan/state.h"
#include "amanat/scan/verdict.h"
#include "amanat/unpack/budget.h"
#include "amanat/unpack/text.h"
#include "amanat/unpack/unpack.h"

namespace amanat::scan {

class Walk {
 public:
  /// Borrows all but the limits.
  Walk(const Database::State& database, threat::Examiner& examiner,
       unpack::TextNormaliser& normaliser, const Limits& limits, const Clock& clock, Stop stop)
      : database_(database),
        examiner_(examiner),
        normaliser_(normaliser),
        budget_(limits, clock),
        stop_(stop) {}

  Verdict look_at(ByteView file, const threat::ReadWindow* read = nullptr);

 private:
  void visit(const Place& place);
  void look_inside(const Place& place);
  bool look_at_slices(const Place& place);
  bool take(const Place& place, const unpack::Found& found);
  void match_member(const Place& place, const unpack::Entry& entry);

  struct Facts;
  void match(const Place& place, const Facts& facts);
  void match_normal_forms(const Place& place);
  void match_form(const Place& place, ByteView form, signature::Target target);
  void match_rules(const Place& place);

  void judge(const Place& place, const threat::Findings& findings);
  void report_threat(const Place& place, const threat::Hit& hit, std::string_view source);
  void add_threat(Verdict threat);
  void note(const Place& place, std::string_view reason);
  bool is_over() const {
    return stop_ == Stop::first_threat && verdict_.kind == Verdict::Kind::threat;
  }

  const Database::State& database_;
  threat::Examiner& examiner_;
  unpack::TextNormaliser& normaliser_;  // one text is compared at a time
  unpack::Budget budget_;
  Stop stop_;
  Verdict verdict_;
};

}  // namespace amanat::scan
