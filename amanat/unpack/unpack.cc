#include "amanat/unpack/unpack.h"

#include "amanat/unpack/encoded_script.h"
#include "amanat/unpack/unpackers.h"

namespace amanat::unpack {
namespace {

void look_into(Kind kind, ByteView object, Walk& walk) {
  if (kind == Kind::unknown || is_text(kind)) unpack_encoded_script(object, walk);
  switch (kind) {
    case Kind::zip: return unpack_zip(object, walk);
    case Kind::gzip: return unpack_gzip(object, walk);
    case Kind::bzip2:
    case Kind::xz:
    case Kind::lzma:
    case Kind::zstd:
    case Kind::lz4:
    case Kind::compress:
    case Kind::tar:
    case Kind::cpio:
    case Kind::ar:
    case Kind::seven_zip:
    case Kind::cab:
    case Kind::rar:
    case Kind::iso9660:
    case Kind::lha: return unpack_archive(kind, object, walk);
    case Kind::arj: return unpack_arj(object, walk);
    case Kind::chm: return unpack_chm(object, walk);
    case Kind::sis: return unpack_sis(object, walk);
    case Kind::szdd: return unpack_szdd(object, walk);
    case Kind::xar: return walk.outcome.note(End::unsupported, "xar archives are not opened");
    case Kind::pdf: return unpack_pdf(object, walk);
    case Kind::ole2: return unpack_ole2(object, walk);
    case Kind::rtf: return unpack_rtf(object, walk);
    case Kind::tnef: return unpack_tnef(object, walk);
    case Kind::binhex: return unpack_binhex(object, walk);
    case Kind::mail: return unpack_mail(object, walk);
    case Kind::html: return unpack_html(object, walk);
    case Kind::flash: return unpack_flash(object, walk);
    case Kind::pe:
    case Kind::unknown: return unpack_embedded(object, walk);
    default: return unpack_zip_behind(object, walk);
  }
}

}  // namespace

std::string_view describe(End end) {
  switch (end) {
    case End::whole: return "whole";
    case End::encrypted: return "encrypted";
    case End::unsupported: return "packed in a way that is not known";
    case End::damaged: return "damaged";
    case End::over_budget: return "over the budget";
  }
  return "damaged";
}

void Outcome::note(End worse, std::string_view why) {
  if (worse > end) {
    end = worse;
    problem = why;
  } else if (worse == end && problem.empty()) {
    problem = why;
  }
}

Outcome unpack(Kind kind, ByteView object, Budget& budget, const OnFound& on_found) {
  Outcome outcome;
  const Budget::Level level(budget);
  if (!level.fits()) {
    // Things that hold nothing are fine at any depth.
    if (may_hold_objects(kind)) {
      budget.reach(Limit::depth);
      outcome.note(End::over_budget, describe(Limit::depth));
    }
    return outcome;
  }
  Walk walk{.budget = budget, .on_found = on_found, .outcome = outcome};
  if (walk.goes_on() && !object.empty()) look_into(kind, object, walk);
  return outcome;
}

}  // namespace amanat::unpack
