// Films, sounds, and pictures in boxes.

#include <algorithm>
#include <array>

#include "amanat/phone/box_media.h"
#include "amanat/phone/classify_parts.h"

namespace amanat::phone {
namespace {

using namespace std::string_view_literals;
using consent::Category;
using consent::CategorySet;

constexpr unsigned kElementsMax = 4096;

Classification media(Category category, std::string kind, bool has_place = false) {
  CategorySet categories{category};
  if (has_place) categories.insert(Category::location);
  return {categories, std::move(kind)};
}

// The kind of a still picture by its major brand (ISO/IEC 23008-12 Annex B, AVIF, JPEG XL, JP2).
std::string_view picture_kind(std::string_view brand) {
  struct Brand {
    std::string_view name;
    std::string_view kind;
  };
  static constexpr auto kBrands = std::to_array<Brand>({
      {"heic", "heic"},
      {"heix", "heic"},
      {"heim", "heic"},
      {"heis", "heic"},
      {"hevc", "heic"},
      {"hevx", "heic"},
      {"mif1", "heic"},
      {"mif2", "heic"},
      {"msf1", "heic"},
      {"avif", "avif"},
      {"avis", "avif"},
      {"jxl ", "jxl"},
      {"jp2 ", "jp2"},
      {"jpx ", "jp2"},
      {"crx ", "cr3"},
  });
  const auto* const found = std::ranges::find(kBrands, brand, &Brand::name);
  return found == kBrands.end() ? std::string_view() : found->kind;
}

bool starts_with_movie_box(Window& window) {
  const auto size = window.big(0, 4);
  if (!size || (*size < 8 && *size > 1)) return false;
  return std::ranges::any_of(std::array{"moov"sv, "mdat"sv, "wide"sv, "skip"sv, "free"sv, "pnot"sv},
                             [&](std::string_view type) { return window.has(4, type); });
}

// A number of EBML (RFC 8794 §4): the leading zeros of the first byte tell its length.
struct EbmlNumber {
  std::uint64_t value = 0;
  unsigned width = 0;  // 0: not there
};

EbmlNumber read_ebml_number(Window& window, std::uint64_t at, bool keep_mark) {
  const auto first = window.big(at, 1);
  if (!first || *first == 0) return {};
  const auto width = static_cast<unsigned>(std::countl_zero(static_cast<std::uint8_t>(*first))) + 1;
  const auto value = window.big(at, width);
  if (!value) return {};
  const std::uint64_t mark = std::uint64_t{1} << (7 * width);
  if (keep_mark) return {*value, width};
  const std::uint64_t plain = *value & (mark - 1);
  return {plain == mark - 1 ? ~std::uint64_t{0} : plain, width};  // all ones: size unknown
}

// Matroska and WebM: Segment, Tracks, TrackEntry, and in it TrackType 1 for pictures, 2 for sound.
Classification read_matroska(Window& window) {
  bool video = false;
  bool audio = false;
  std::uint64_t at = 0;
  for (unsigned i = 0; i < kElementsMax && !video; ++i) {
    const EbmlNumber id = read_ebml_number(window, at, true);
    const EbmlNumber size = read_ebml_number(window, at + id.width, false);
    if (id.width == 0 || size.width == 0 || id.width > 4) break;
    at += id.width + size.width;
    constexpr std::array<std::uint64_t, 3> kHolders{0x18538067, 0x1654AE6B, 0xAE};
    if (std::ranges::find(kHolders, id.value) != kHolders.end()) continue;  // go inside
    if (id.value == 0x83 && size.value >= 1 && size.value <= 8) {
      const auto type = window.big(at, static_cast<unsigned>(size.value));
      video = video || type == 1;
      audio = audio || type == 2;
    }
    if (size.value > window.size() - std::min(at, window.size())) break;
    at += size.value;
  }
  const bool sound_only = audio && !video;
  return media(sound_only ? Category::audio : Category::videos, "matroska");
}

Classification read_ogg(Window& window) {
  const std::string_view head =
      as_text(window.head().first(std::min<std::size_t>(window.head().size(), 512)));
  const bool film = head.find("\x80theora"sv) != std::string_view::npos
                    || head.find("OVP80"sv) != std::string_view::npos;
  return media(film ? Category::videos : Category::audio, "ogg");
}

// The length of the MPEG audio frame (ISO/IEC 11172-3 §2.4) whose header this is; 0 when it is
// none.
std::uint64_t mpeg_frame_size(std::uint64_t header) {
  static constexpr std::array<std::array<unsigned, 15>, 2> kLayer3Rates{
      {{0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320},
       {0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160}}};
  static constexpr std::array<unsigned, 3> kFrequencies{44100, 48000, 32000};
  const auto version = static_cast<unsigned>(header >> 19U & 3U);
  const auto layer = static_cast<unsigned>(header >> 17U & 3U);
  const auto rate = static_cast<unsigned>(header >> 12U & 15U);
  const auto frequency = static_cast<unsigned>(header >> 10U & 3U);
  if (header >> 21U != 0x7FF || version == 1 || layer != 1 || rate == 0 || rate == 15
      || frequency == 3) {
    return 0;
  }
  const bool low = version != 3;
  const unsigned hertz = kFrequencies[frequency] >> (low ? (version == 0 ? 2U : 1U) : 0U);
  const unsigned padding = static_cast<unsigned>(header >> 9U & 1U);
  return std::uint64_t{low ? 72U : 144U} * 1000 * kLayer3Rates[low ? 1 : 0][rate] / hertz + padding;
}

std::uint64_t adts_frame_size(Window& window, std::uint64_t at) {
  const auto header = window.big(at, 7);
  if (!header || (*header >> 40U & 0xFFF6U) != 0xFFF0) return 0;
  return *header >> 13U & 0x1FFFU;
}

// Two frames in a row, since the mark of one is only eleven bits.
bool is_mpeg_audio(Window& window) {
  const std::uint64_t first = mpeg_frame_size(window.big(0, 4).value_or(0));
  if (first != 0) return mpeg_frame_size(window.big(first, 4).value_or(0)) != 0;
  return false;
}

bool is_adts(Window& window) {
  const std::uint64_t first = adts_frame_size(window, 0);
  return first > 7 && (first == window.size() || adts_frame_size(window, first) > 7);
}

bool is_transport_stream(Window& window) {
  for (std::uint64_t i = 0; i < 4; ++i) {
    if (!window.has(i * 188, "G")) return false;
  }
  return true;
}

}  // namespace

MaybeClass classify_box_media(Window& window) {
  if (window.has(4, "JXL \r\n\x87\n"sv) || window.has(4, "jP  \r\n\x87\n"sv)) {
    const BoxFacts facts = read_boxes(window, 0, window.size());
    return media(Category::photos, window.has(4, "JXL ") ? "jxl" : "jp2", facts.place);
  }
  const bool typed = window.has(4, "ftyp");
  if (!typed && !starts_with_movie_box(window)) return std::nullopt;
  const BoxFacts facts = read_boxes(window, 0, window.size());
  const auto brand_bytes = typed ? window.read(8, 4) : std::nullopt;
  const std::string_view brand = brand_bytes ? as_text(*brand_bytes) : std::string_view();
  if (const std::string_view kind = picture_kind(brand); !kind.empty()) {
    return media(Category::photos, std::string(kind), facts.place);
  }
  if (!typed && !facts.video && !facts.audio && !window.has(4, "moov")) return std::nullopt;
  const bool sound_only = facts.audio ? !facts.video : !facts.video && brand.starts_with("M4");
  const std::string kind = brand == "qt  " || !typed ? "mov"
                           : brand.starts_with("3g") ? "3gp"
                                                     : "mp4";
  return media(sound_only ? Category::audio : Category::videos, kind, facts.place);
}

MaybeClass classify_audio(Window& window) {
  if (window.has(0, "#!AMR"sv)) return media(Category::audio, "amr");
  if (window.has(0, "OggS"sv)) return read_ogg(window);
  if (window.has(0, "fLaC"sv)) return media(Category::audio, "flac");
  if (window.has(0, "ID3"sv)) return media(Category::audio, "mp3");
  if (window.has(0, "RIFF"sv) && window.has(8, "WAVE"sv)) return media(Category::audio, "wav");
  if (window.has(0, "RIFF"sv) && window.has(8, "AVI "sv)) return media(Category::videos, "avi");
  if (window.has(0, "FORM"sv) && window.has(8, "AIF"sv)) return media(Category::audio, "aiff");
  if (window.has(0, "MThd\0\0\0\6"sv)) return media(Category::audio, "midi");
  if (window.has(0, "caff\0\1"sv)) return media(Category::audio, "caf");
  if (window.has(0, "#!SILK_V3"sv) || window.has(1, "#!SILK_V3"sv)) {
    return media(Category::audio, "silk");
  }
  if (window.has(0, "\x1A\x45\xDF\xA3"sv)) return read_matroska(window);
  if (window.has(0, "\x30\x26\xB2\x75\x8E\x66\xCF\x11"sv)) return media(Category::videos, "asf");
  if (window.has(0, "FLV\x01"sv)) return media(Category::videos, "flv");
  if (window.has(0, "\0\0\1\xBA"sv)) return media(Category::videos, "mpeg");
  if (is_transport_stream(window)) return media(Category::videos, "mpeg-ts");
  if (is_mpeg_audio(window)) return media(Category::audio, "mp3");
  if (is_adts(window)) return media(Category::audio, "aac");
  return std::nullopt;
}

}  // namespace amanat::phone
