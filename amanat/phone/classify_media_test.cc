#include <array>

#include <doctest/doctest.h>

#include "amanat/phone/made_files.h"
#include "amanat/phone/place.h"

namespace amanat::phone {
namespace {
using namespace made;
using namespace std::string_view_literals;
}  // namespace

TEST_CASE("a photo with a place in its EXIF is a photo and a place") {
  CHECK(seen(jpeg({jpeg_exif(exif(48, 11))})) == "photos+location jpeg");
  CHECK(seen(jpeg({})) == "photos jpeg");
}

TEST_CASE("a place of 0,0 or one without value is no place") {
  CHECK(seen(jpeg({jpeg_exif(exif(0, 0))})) == "photos jpeg");
  CHECK(seen(jpeg({jpeg_exif(exif(48, 11, 0))})) == "photos jpeg");
  CHECK(seen(jpeg({jpeg_exif(exif(0, 11))})) == "photos+location jpeg");  // on the equator
}

TEST_CASE("a place in XMP counts, as attribute and as element") {
  CHECK(seen(jpeg({jpeg_xmp(xmp("exif:GPSLatitude=\"48,8N\" exif:GPSLongitude=\"11,3E\""))}))
        == "photos+location jpeg");
  CHECK(
      xmp_names_place("<exif:GPSLatitude>48,8N</exif:GPSLatitude>"
                      "<exif:GPSLongitude>11,3E</exif:GPSLongitude>"));
  CHECK_FALSE(xmp_names_place("exif:GPSLatitude=\"48,8N\""));  // half a place
  CHECK_FALSE(xmp_names_place("exif:GPSLatitudeRef=\"N\" exif:GPSLongitudeRef=\"E\""));
  CHECK_FALSE(xmp_names_place("exif:GPSLatitude=\"0,0N\" exif:GPSLongitude=\"0,0E\""));
  CHECK_FALSE(xmp_names_place("exif:GPSLatitude"));
}

TEST_CASE("the film behind a motion photo may name a place of its own") {
  const std::string film =
      file_type("mp42")
      + box("moov",
            track("vide") + box("udta", box("\xA9xyz", big(13, 2) + big(0, 2) + "+48.1+011.5/")));
  const std::string mark = "GCamera:MicroVideoOffset=\"" + std::to_string(film.size()) + "\"";
  CHECK(seen(jpeg({jpeg_xmp(xmp(mark))}) + film) == "photos+location jpeg");
  CHECK(seen(jpeg({jpeg_xmp(xmp("GCamera:MicroVideoOffset=\"99999999\""))}) + film)
        == "photos jpeg");
}

TEST_CASE("EXIF is found in PNG, WebP and TIFF too") {
  const std::string tiff = exif(48, 11);
  const std::string png = "\x89PNG\r\n\x1A\n";
  CHECK(seen(png + big(tiff.size(), 4) + "eXIf" + tiff + zeros(4) + zeros(4) + "IEND")
        == "photos+location png");
  CHECK(seen(png + zeros(4) + "IEND" + zeros(4)) == "photos png");
  const std::string webp = "RIFF" + little(200, 4) + "WEBPVP8 " + little(3, 4) + "abc" + zeros(1);
  CHECK(seen(webp + "EXIF" + little(tiff.size(), 4) + tiff) == "photos+location webp");
  CHECK(seen(webp) == "photos webp");
  CHECK(seen(tiff) == "photos+location tiff");
  CHECK(seen("II*" + zeros(1) + little(8, 4) + little(0, 2)) == "photos tiff");
}

TEST_CASE("a HEIF picture keeps its EXIF as an item, in the file or inside its metadata") {
  const std::string exif_item = big(0, 4) + exif(48, 11);
  const std::string infe = box("infe", big(0x02000000, 4) + big(7, 2) + big(0, 2) + "Exif");
  const std::string iinf = box("iinf", big(0, 4) + big(1, 2) + infe);
  const auto iloc = [&](unsigned method, std::size_t offset) {
    return box("iloc", big(0x01000000, 4) + big(0x4400, 2) + big(1, 2) + big(7, 2) + big(method, 2)
                           + big(0, 2) + big(1, 2) + big(offset, 4) + big(exif_item.size(), 4));
  };
  const std::string inside =
      file_type("heic")
      + box("meta", big(0, 4) + handler("pict") + iinf + iloc(1, 0) + box("idat", exif_item));
  CHECK(seen(inside) == "photos+location heic");

  const std::string front = file_type("avif");
  const std::size_t meta_size = 8 + 4 + handler("pict").size() + iinf.size() + iloc(0, 0).size();
  const std::size_t offset = front.size() + meta_size + 8;
  const std::string behind = front
                             + box("meta", big(0, 4) + handler("pict") + iinf + iloc(0, offset))
                             + box("mdat", exif_item);
  CHECK(seen(behind) == "photos+location avif");
  CHECK(seen(file_type("mif1") + box("meta", big(0, 4) + handler("pict") + iinf)) == "photos heic");
}

TEST_CASE("a film's place is found in each of the four ways phones write it") {
  const std::string film = file_type("isom");
  const std::string text = "+37.4217-122.0834/";
  const std::string data = box("data", big(1, 4) + big(0, 4) + text);
  const std::string user = box("\xA9xyz", big(text.size(), 2) + big(0x15C7, 2) + text);
  CHECK(seen(film + box("moov", track("vide") + box("udta", user))) == "videos+location mp4");
  const std::string list =
      box("meta", big(0, 4) + handler("mdir") + box("ilst", box("\xA9xyz", data)));
  CHECK(seen(film + box("moov", track("vide") + box("udta", list))) == "videos+location mp4");
  const std::string key = "mdtacom.apple.quicktime.location.ISO6709";
  const std::string keyed = box(
      "meta", handler("mdta") + box("keys", big(0, 4) + big(1, 4) + big(key.size() + 4, 4) + key)
                  + box("ilst", box(big(1, 4), data)));
  CHECK(seen(file_type("qt  ") + box("moov", track("vide") + keyed)) == "videos+location mov");
  const std::string loci = box("loci", big(0, 4) + big(0x15C7, 2) + "home" + zeros(1) + zeros(1)
                                           + big(0x000B0000, 4) + big(0x00300000, 4) + big(0, 4));
  CHECK(seen(film + box("moov", track("vide") + box("udta", loci))) == "videos+location mp4");
  CHECK(seen(film + box("moov", track("vide"))) == "videos mp4");
}

TEST_CASE("a place behind gigabytes of film is found without reading them") {
  const std::string user = box("udta", box("\xA9xyz", big(11, 2) + big(0, 2) + "+48.1+11.5/"));
  const std::string start =
      file_type("mp42") + big(1, 4) + "mdat" + big(std::uint64_t{8} << 30U, 8);
  const std::string end = box("moov", track("vide") + user);
  const std::uint64_t end_offset = file_type("mp42").size() + (std::uint64_t{8} << 30U);
  std::uint64_t bytes_read = 0;
  Sample sample;
  sample.size = end_offset + end.size();
  sample.head = as_bytes(start);
  sample.read_at = [&](std::uint64_t offset, ByteSpan target) -> Result<> {
    bytes_read += target.size();
    for (std::size_t i = 0; i < target.size(); ++i) {
      const std::uint64_t at = offset + i;
      target[i] = at < end_offset
                      ? 0
                      : static_cast<std::uint8_t>(end[static_cast<std::size_t>(at - end_offset)]);
    }
    return {};
  };
  CHECK(classify(sample).categories.to_text() == "videos+location");
  CHECK(bytes_read < 64 * 1024);
}

TEST_CASE("ISO 6709 has two signed numbers") {
  CHECK(iso6709_names_place("+37.4-122.0/"));
  CHECK(iso6709_names_place("-90+000.0001/"));
  CHECK(iso6709_names_place("+48.1+011.5+519.0/"));
  CHECK_FALSE(iso6709_names_place("+00.0000+000.0000/"));
  CHECK_FALSE(iso6709_names_place("+37.4"));
  CHECK_FALSE(iso6709_names_place("37.4-122.0/"));
  CHECK_FALSE(iso6709_names_place("+abc-122.0/"));
  CHECK_FALSE(iso6709_names_place(""));
}

TEST_CASE("sound is told from film by its tracks, not by its brand") {
  CHECK(seen(file_type("3gp4") + box("moov", track("soun"))) == "audio 3gp");
  CHECK(seen(file_type("M4A ") + box("moov", track("soun") + track("vide"))) == "videos mp4");
  CHECK(seen(file_type("M4A ")) == "audio mp4");  // cut off before its tracks
  CHECK(seen(box("moov", track("vide"))) == "videos mov");
}

TEST_CASE("sounds and films are known by their marks") {
  struct Case {
    std::string bytes;
    std::string_view answer;
  };
  const std::string mp3_frame =
      "\xFF\xFB\x90\x64" + zeros(413);  // 128 kbit/s at 44.1 kHz: 417 bytes
  const std::string adts = "\xFF\xF1\x50\x80\x02\x1F\xFC" + zeros(9);  // 16 bytes long
  const std::string track_entry = std::string("\xAE\x83\x83\x81", 4);
  const std::string matroska =
      std::string("\x1A\x45\xDF\xA3\x80\x18\x53\x80\x67\xFF\x16\x54\xAE\x6B\x84", 15);
  const auto cases = std::to_array<Case>({
      {"#!AMR\n", "audio amr"},
      {"#!AMR-WB\n", "audio amr"},
      {"OggS" + zeros(24) + "OpusHead", "audio ogg"},
      {"OggS" + zeros(24) + "\x80theora", "videos ogg"},
      {"fLaC" + zeros(4), "audio flac"},
      {"ID3" + zeros(7), "audio mp3"},
      {mp3_frame + mp3_frame, "audio mp3"},
      {adts + adts, "audio aac"},
      {"RIFF" + zeros(4) + "WAVEfmt ", "audio wav"},
      {"RIFF" + zeros(4) + "AVI LIST", "videos avi"},
      {matroska + std::string("\xAE\x83\x83\x81\x01", 5), "videos matroska"},
      {matroska + std::string("\xAE\x83\x83\x81\x02", 5), "audio matroska"},
      {std::string("\x1A\x45\xDF\xA3", 4), "videos matroska"},
      {std::string("\xFF\xFB\x90\x64", 4) + zeros(600), "other unknown"},  // one frame is chance
  });
  for (const Case& c : cases) {
    CAPTURE(c.answer);
    CHECK(seen(c.bytes) == c.answer);
  }
}

TEST_CASE("pictures whose lengths lie are still pictures, and end") {
  CHECK(seen("\xFF\xD8\xFF\xE1\xFF\xFF") == "photos jpeg");
  CHECK(seen("\x89PNG\r\n\x1A\n\xFF\xFF\xFF\xFFiTXt") == "photos png");
  CHECK(seen("II*" + zeros(1) + "\xFF\xFF\xFF\xFF") == "photos tiff");
  CHECK(seen(file_type("heic") + "\xFF\xFF\xFF\xFFmeta") == "photos heic");
  CHECK(seen(file_type("mp42") + zeros(4) + "moov") == "videos mp4");
  std::string nested = track("vide");
  for (int i = 0; i < 100; ++i) nested = box("moov", nested);
  CHECK(seen(file_type("mp42") + nested) == "videos mp4");
}

}  // namespace amanat::phone
