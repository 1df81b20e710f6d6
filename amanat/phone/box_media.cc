#include "amanat/phone/box_media.h"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "amanat/phone/place.h"

namespace amanat::phone {
namespace {

constexpr unsigned kBoxesMax = 20'000;
constexpr unsigned kDepthMax = 10;
constexpr std::uint64_t kItemsMax = 4096;
constexpr std::uint64_t kKeysMax = 256;
constexpr std::uint64_t kValueBytesMax = 256;
constexpr std::string_view kXyz = "\xA9xyz";
constexpr std::string_view kXmpUuid =
    "\xBE\x7A\xCF\xCB\x97\xA9\x42\xE8\x9C\x71\x99\x94\x91\xE3\xAF\xAC";

struct Box {
  std::string type;  // four bytes
  std::uint64_t body = 0;
  std::uint64_t end = 0;
  std::uint64_t size() const { return end - body; }
};

// An item of a HEIF file that may hold metadata (ISO/IEC 14496-12 §8.11.3, §8.11.6).
struct Item {
  std::uint64_t id = 0;
  bool exif = false;  // else XMP
};

// Reads fields one after another; the first that is not there makes all later ones zero.
class Fields {
 public:
  Fields(Window& window, std::uint64_t at, std::uint64_t end)
      : window_(window), at_(at), end_(end) {}
  std::uint64_t next(unsigned width) {
    if (width == 0 || failed_) return 0;
    const auto value = width <= end_ - at_ ? window_.big(at_, width) : std::nullopt;
    if (!value) failed_ = true;
    at_ += value ? width : 0;
    return value.value_or(0);
  }
  bool failed() const { return failed_; }

 private:
  Window& window_;
  std::uint64_t at_;
  std::uint64_t end_;
  bool failed_ = false;
};

class BoxWalk {
 public:
  explicit BoxWalk(Window& window) : window_(window) {}

  void walk(std::uint64_t begin, std::uint64_t end, unsigned depth) {
    each_box(begin, end, [&](const Box& box) { visit(box, depth); });
  }

  BoxFacts facts;

 private:
  template <class Visit>
  void each_box(std::uint64_t at, std::uint64_t end, Visit visit) {
    while (at < end && end - at >= 8 && boxes_ < kBoxesMax) {
      ++boxes_;
      const auto small = window_.big(at, 4);
      const auto type = window_.read(at + 4, 4);
      if (!small || !type) return;
      std::uint64_t size = *small == 0 ? end - at : *small;
      std::uint64_t header = 8;
      if (*small == 1) {
        size = window_.big(at + 8, 8).value_or(0);
        header = 16;
      }
      if (size < header || size > end - at) {
        // A box cut off at the end of the file still says what it is.
        if (size < header) return;
        size = end - at;
      }
      visit(Box{std::string(as_text(*type)), at + header, at + size});
      at += size;
    }
  }

  void visit(const Box& box, unsigned depth) {
    if (depth >= kDepthMax) return;
    static constexpr std::array<std::string_view, 7> kHolders{"moov", "trak", "mdia", "minf",
                                                              "stbl", "moof", "mpvd"};
    if (std::ranges::find(kHolders, box.type) != kHolders.end()) walk(box.body, box.end, depth + 1);
    if (box.type == "udta") read_user_data(box, depth);
    if (box.type == "meta") read_meta(box);
    if (box.type == "hdlr") read_handler(box);
    if (box.type == "stsd") read_sample_description(box);
    if (box.type == "uuid" && window_.has(box.body, kXmpUuid)) read_xmp(box.body + 16, box.end);
    if (box.type == "xml ") read_xmp(box.body, box.end);
    if (box.type == "Exif") read_exif(box.body, box.end);
  }

  void read_handler(const Box& box) {
    if (window_.has(box.body + 8, "vide")) facts.video = true;
    if (window_.has(box.body + 8, "soun")) facts.audio = true;
  }

  // Tracks of timed metadata: a place for each moment of the film.
  void read_sample_description(const Box& box) {
    const auto bytes = window_.read(
        box.body, static_cast<std::size_t>(std::min<std::uint64_t>(box.size(), 64 * 1024)));
    if (!bytes) return;
    if (as_text(*bytes).find("location.ISO6709") != std::string_view::npos) facts.place = true;
  }

  void read_xmp(std::uint64_t begin, std::uint64_t end) {
    const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(end - begin, kXmpBytesMax));
    const auto xmp = begin < end ? window_.read(begin, size) : std::nullopt;
    if (xmp && xmp_names_place(as_text(*xmp))) facts.place = true;
  }

  // Four bytes say where the TIFF structure starts; some writers put the JPEG mark before it.
  void read_exif(std::uint64_t begin, std::uint64_t end) {
    const auto skip = window_.big(begin, 4);
    if (!skip || end - begin < 4 || *skip > end - begin - 4) return;
    const std::uint64_t base = begin + 4 + *skip;
    if (tiff_names_place(window_, base, end - base)) facts.place = true;
  }

  void read_iso6709(std::uint64_t begin, std::uint64_t end) {
    if (begin >= end) return;
    const auto size = static_cast<std::size_t>(std::min(end - begin, kValueBytesMax));
    const auto text = window_.read(begin, size);
    if (text && iso6709_names_place(as_text(*text))) facts.place = true;
  }

  void read_user_data(const Box& holder, unsigned depth) {
    each_box(holder.body, holder.end, [&](const Box& box) {
      if (box.type == kXyz) read_iso6709(box.body + 4, box.end);  // after length and language
      if (box.type == "loci") read_location_information(box);
      if (box.type == "XMP_") read_xmp(box.body, box.end);
      if (box.type == "meta") visit(box, depth + 1);
    });
  }

  // 3GPP TS 26.244 §8.2.9: version, language, name, role, longitude and latitude in 16.16.
  void read_location_information(const Box& box) {
    const std::uint64_t limit = std::min<std::uint64_t>(box.size(), 1024);
    for (std::uint64_t at = 6; at < limit; ++at) {
      if (window_.big(box.body + at, 1) != 0) continue;
      const std::uint64_t after_role = box.body + at + 2;
      const auto longitude = window_.big(after_role, 4);
      const auto latitude = window_.big(after_role + 4, 4);
      if (longitude && latitude && (*longitude != 0 || *latitude != 0)) facts.place = true;
      return;
    }
  }

  // ISO puts four bytes of version before the boxes of `meta`, QuickTime does not.
  void read_meta(const Box& holder) {
    const std::uint64_t begin = holder.body + (window_.has(holder.body + 4, "hdlr") ? 0 : 4);
    std::vector<std::uint64_t> place_keys;
    std::vector<Item> items;
    Box data;
    Box locations;
    each_box(begin, holder.end, [&](const Box& box) {
      if (box.type == "keys") place_keys = read_keys(box);
      if (box.type == "ilst") read_item_list(box, place_keys);
      if (box.type == "iinf") items = read_item_information(box);
      if (box.type == "iloc") locations = box;
      if (box.type == "idat") data = box;
      if (box.type == "xml ") read_xmp(box.body, box.end);
    });
    if (!items.empty() && !locations.type.empty()) read_items(locations, items, data);
  }

  std::vector<std::uint64_t> read_keys(const Box& box) {
    std::vector<std::uint64_t> found;
    const std::uint64_t count = std::min(window_.big(box.body + 4, 4).value_or(0), kKeysMax);
    std::uint64_t at = box.body + 8;
    for (std::uint64_t index = 1; index <= count && at < box.end; ++index) {
      const auto size = window_.big(at, 4);
      if (!size || *size < 8 || *size > box.end - at) break;
      const auto length = static_cast<std::size_t>(std::min(*size - 8, kValueBytesMax));
      const auto name = window_.read(at + 8, length);
      if (name && as_text(*name).find("location.ISO6709") != std::string_view::npos) {
        found.push_back(index);
      }
      at += *size;
    }
    return found;
  }

  void read_item_list(const Box& list, const std::vector<std::uint64_t>& place_keys) {
    each_box(list.body, list.end, [&](const Box& entry) {
      std::uint64_t index = 0;
      for (const char c : entry.type) index = index << 8U | static_cast<std::uint8_t>(c);
      const bool keyed = std::ranges::find(place_keys, index) != place_keys.end();
      if (entry.type != kXyz && !keyed) return;
      each_box(entry.body, entry.end, [&](const Box& box) {
        if (box.type == "data") read_iso6709(box.body + 8, box.end);  // after type and locale
      });
    });
  }

  std::vector<Item> read_item_information(const Box& box) {
    std::vector<Item> items;
    const std::uint64_t version = window_.big(box.body, 1).value_or(0);
    const std::uint64_t begin = box.body + (version == 0 ? 6 : 8);
    each_box(begin, box.end, [&](const Box& entry) {
      if (entry.type != "infe" || items.size() >= kItemsMax) return;
      const std::uint64_t entry_version = window_.big(entry.body, 1).value_or(0);
      if (entry_version < 2) return;
      const unsigned width = entry_version == 2 ? 2 : 4;
      const auto id = window_.big(entry.body + 4, width);
      const std::uint64_t type = entry.body + 4 + width + 2;
      if (!id) return;
      if (window_.has(type, "Exif")) items.push_back({*id, true});
      if (window_.has(type, "mime")) items.push_back({*id, false});
    });
    return items;
  }

  void read_items(const Box& box, const std::vector<Item>& items, const Box& data) {
    Fields fields(window_, box.body, box.end);
    const std::uint64_t version = fields.next(1);
    fields.next(3);
    const std::uint64_t sizes = fields.next(2);
    const auto offset_size = static_cast<unsigned>(sizes >> 12U & 15U);
    const auto length_size = static_cast<unsigned>(sizes >> 8U & 15U);
    const auto base_size = static_cast<unsigned>(sizes >> 4U & 15U);
    const auto index_size = version == 0 ? 0U : static_cast<unsigned>(sizes & 15U);
    if (std::max({offset_size, length_size, base_size, index_size}) > 8) return;
    const std::uint64_t count = std::min(fields.next(version < 2 ? 2 : 4), kItemsMax);
    for (std::uint64_t i = 0; i < count && !fields.failed(); ++i) {
      const std::uint64_t id = fields.next(version < 2 ? 2 : 4);
      const std::uint64_t method = version == 0 ? 0 : fields.next(2) & 15U;
      fields.next(2);
      const std::uint64_t base = fields.next(base_size);
      const std::uint64_t extents = std::min(fields.next(2), kItemsMax);
      for (std::uint64_t e = 0; e < extents && !fields.failed(); ++e) {
        fields.next(index_size);
        const std::uint64_t offset = base + fields.next(offset_size);
        const std::uint64_t length = fields.next(length_size);
        // Metadata items are written in one piece; the first tells.
        if (e == 0 && !fields.failed()) read_item(items, id, method, offset, length, data);
      }
    }
  }

  void read_item(const std::vector<Item>& items, std::uint64_t id, std::uint64_t method,
                 std::uint64_t offset, std::uint64_t length, const Box& data) {
    const auto item = std::ranges::find(items, id, &Item::id);
    if (item == items.end() || method > 1) return;
    const std::uint64_t limit = method == 1 ? data.size() : window_.size();
    if (offset > limit) return;
    const std::uint64_t begin = (method == 1 ? data.body : 0) + offset;
    const std::uint64_t end = begin + std::min(length, limit - offset);
    if (item->exif) {
      read_exif(begin, end);
    } else {
      read_xmp(begin, end);
    }
  }

  Window& window_;
  unsigned boxes_ = 0;
};

}  // namespace

BoxFacts read_boxes(Window& window, std::uint64_t begin, std::uint64_t end) {
  BoxWalk walk(window);
  walk.walk(begin, std::min(end, window.size()), 0);
  return walk.facts;
}

}  // namespace amanat::phone
