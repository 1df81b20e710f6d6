#pragma once

// The filters of PDF streams (ISO 32000-1 §7.4) that hide bytes. Those of pictures (DCT, JPX,
// CCITT, JBIG2) are left alone: what they hold is a picture.

#include <string>
#include <vector>

#include "amanat/unpack/walk.h"

namespace amanat::unpack {

struct PdfFilter {
  std::string name = {};  // `FlateDecode` or `Fl`
  std::uint32_t predictor = 1;
  std::uint32_t colors = 1;
  std::uint32_t bits = 8;
  std::uint32_t columns = 1;
  bool early_change = true;  // of LZW
};
inline constexpr std::size_t kPdfFiltersMax = 8;

/// Whether the name is one of those that `run_pdf_filter` knows.
bool is_pdf_filter(std::string_view name);

/// Runs one filter over `packed` into `output`; what came before a break stays there.
End run_pdf_filter(const PdfFilter& filter, ByteView packed, Output& output);

}  // namespace amanat::unpack
