#include <array>

#include <doctest/doctest.h>

#include "amanat/phone/json_outline.h"
#include "amanat/phone/made_files.h"
#include "amanat/phone/text_form.h"

namespace amanat::phone {
namespace {

using made::seen;

struct Case {
  std::string_view text;
  std::string_view answer;
};

}  // namespace

TEST_CASE("text is known by its first line or its root") {
  const auto cases = std::to_array<Case>({
      {"BEGIN:VCARD\r\nVERSION:2.1\r\nEND:VCARD\r\n", "contacts vcard"},
      {"\xEF\xBB\xBF\r\n begin:vcard\nN:J\xFCrgen\nEND:VCARD", "contacts vcard"},
      {"BEGIN:VCALENDAR\nEND:VCALENDAR", "calendar icalendar"},
      {"BEGIN:VEVENT\nSUMMARY:x\nEND:VEVENT", "calendar icalendar-part"},
      {"<?xml version='1.0'?>\n<!-- x --><smses count=\"1\"><sms/></smses>", "messages sms-xml"},
      {"<?xml version='1.0'?><calls count=\"0\"/>", "call-log calls-xml"},
      {"<gpx version=\"1.1\"></gpx>", "location gpx"},
      {"<?xml version=\"1.0\"?><kml:kml xmlns:kml=\"x\"/>", "location kml"},
      {"<?xml version=\"1.0\"?><TrainingCenterDatabase><x/></TrainingCenterDatabase>",
       "health tcx"},
      {"<TrainingCenterDatabase><Position><LatitudeDegrees>1</LatitudeDegrees>",
       "location+health tcx"},
      {"<?xml version=\"1.0\"?><!DOCTYPE HealthData [<!ELEMENT a (b)>]><HealthData/>",
       "health apple-health"},
      {"<?xml version='1.0' encoding='utf-8'?><map><string name=\"a\">b</string></map>",
       "app-data app-settings"},
      {"<!DOCTYPE NETSCAPE-Bookmark-file-1>\n<TITLE>Bookmarks</TITLE>", "browsing bookmarks"},
      {"<html><head><title>My Activity History</title>", "browsing my-activity"},
      {"<!doctype html><html><body>recipe</body></html>", "documents html"},
      {"<?xml version=\"1.0\"?><letter/>", "documents xml"},
      {"$GPGGA,123519,4807.038,N,01131.000,E,1,08,0.9,545.4,M,46.9,M,,*47\r\n", "location nmea"},
      {"$GPGGA,123519,4807.038,N,01131.000,E,1,08,0.9,545.4,M,46.9,M,,*48\r\n", "documents text"},
      {"Dear Asha,\nthe beans are ripe.\n", "documents text"},
      {"Name,Given Name,Family Name,E-mail 1 - Value\nA,A,A,a@b\n", "contacts contacts-csv"},
      {"\xFF\xFE"
       "h\0i\0",
       "documents text"},
      {"{\\rtf1\\ansi x}", "documents rtf"},
  });
  for (const Case& c : cases) {
    CAPTURE(c.text);
    CHECK(seen(c.text) == c.answer);
  }
}

TEST_CASE("mail is headers that only mail has; a letter with a colon is none") {
  CHECK(seen("Received: from a\r\n by b\r\nSubject: x\r\n\r\nhello") == "email mail");
  CHECK(seen("From: a@example.org\nTo: b@example.org\n\nhello") == "email mail");
  CHECK(seen("From a@example.org Sat Jan 1\nFrom: a@example.org\nDate: x\n\nhello")
        == "email mbox");
  CHECK(seen("Subject: beans\nDate: today\n\nnotes of mine") == "documents text");
  CHECK(seen("From here: it is far\nTo there: too\n") == "documents text");
}

TEST_CASE("conversations are known with the date as each country writes it") {
  const auto messages = std::to_array<std::string_view>({
      "12/31/20, 11:59 PM - Asha: hello\n",
      "31/12/2020, 23:59 - Asha: hello\n",
      "31.12.20, 23:59 - Asha: hello\n",
      "2020-12-31, 23:59 - Asha: hello\n",
      "2020/12/31, 23:59 - Asha: hello\n",
      "[31.12.20, 23:59:59] Asha: hello\n",
      "[2019-12-24, 12:23] Asha: hello\n",
      "[01/31/19 11:25] Asha: hello\n",
      "31/12/2020, 11:59 p. m. - Asha: hello\n",
      "12/31/20, 11:59\xE2\x80\xAFPM - Asha: hello\n",
      "\xE2\x80\x8E[31/12/20, 23:59:59] Asha: \xE2\x80\x8Eimage omitted\r\n",
  });
  for (const std::string_view text : messages) {
    CAPTURE(text);
    CHECK(seen(text) == "messages chat");
  }
  CHECK(seen("31.12.2020 went to the market\n") == "documents text");
  CHECK(seen("12/31/20, 11:59 PM - Asha joined\n") == "documents text");  // nobody says anything
  CHECK(seen("Diary\n31.12.20, 23:59 - Asha: hello\n") == "documents text");
}

TEST_CASE("logs are lines with a moment and a level") {
  CHECK(seen("01-01 01:02:03.123  1234  1234 D Tag: x\n") == "diagnostics log");
  CHECK(seen("2022-01-02 01:20:03.171 +0000  1885  3066 E App  : x\n") == "diagnostics log");
  CHECK(seen("--------- beginning of crash\n") == "diagnostics log");
  CHECK(seen("I/sometag(  190): x\n") == "diagnostics log");
  CHECK(seen("[    0.000000] Booting Linux\n[    0.000001] more\n") == "diagnostics log");
  CHECK(seen("*** *** *** *** *** *** *** *** *** *** *** *** *** *** *** ***\n")
        == "diagnostics log");
  CHECK(seen("2022-01-02 I was at the market\n") == "documents text");
}

TEST_CASE("JSON is known by its members") {
  const auto cases = std::to_array<Case>({
      {R"({"locations":[{"latitudeE7":1,"longitudeE7":2}]})", "location google-records"},
      {R"({"timelineObjects":[]})", "location google-semantic"},
      {R"({"semanticSegments":[{"startTime":"x"}]})", "location google-timeline"},
      {R"({"_type":"location","lat":1.5,"lon":2})", "location owntracks"},
      {R"({"locations":[{"type":"Feature","geometry":{"coordinates":[1,2]}}]})",
       "location overland"},
      {R"({"type":"FeatureCollection","features":[]})", "location geojson"},
      {R"({"type":"Point","coordinates":[1.0,2.0]})", "location geojson"},
      {R"({"shop":{"lat":48.1,"lng":11.5}})", "location place"},
      {R"({"shop":{"lat":0.0,"lng":0}})", "other json"},
      {R"({"header":{"schema_id":{"namespace":"omh"}},"body":{}})", "health open-mhealth"},
      {R"({"heart_rate":{"value":50,"unit":"beats/min"}})", "health health-record"},
      {R"({"messages":[{"type":"message","date_unixtime":"1","from":"A","text":"x"}]})",
       "messages telegram"},
      {R"({"messages":[{"from":"A","text":"","location_information":{"latitude":1,"longitude":2}}]})",
       "messages+location telegram"},
      {R"([{"timestamp":"x","author":"A","message":"hello"}])", "messages chat"},
      {R"({"Browser History":[]})", "browsing chrome-history"},
      {R"(["vcalendar",[],[]])", "calendar jcal"},
      {R"({"a":[1,-2.5e3,true,false,null,"x\"y"],"b":{}})", "other json"},
      {R"("standing")", "other json"},
      {R"({"a":1} {"a":2})", "other json"},
      {R"({"a":1,})", "documents text"},
      {R"({"a" 1})", "documents text"},
      {R"([1,2)", "documents text"},
      {"[draft] the beans are ripe", "documents text"},
  });
  for (const Case& c : cases) {
    CAPTURE(c.text);
    CHECK(seen(c.text) == c.answer);
  }
}

TEST_CASE("an outline keeps each path once, with its first value that says something") {
  const auto outline =
      JsonOutline::read(R"({"a":[{"b":0},{"b":null},{"b":7},{"b":8}],"c":""})", true);
  REQUIRE(outline);
  CHECK(outline->value(".a[].b") == "7");
  CHECK(outline->has(".c"));
  CHECK(outline->value(".c").empty());
  CHECK_FALSE(outline->has(".d"));
}

TEST_CASE("an outline of the beginning of a text is that of what was there") {
  const std::string_view text = R"({"locations":[{"latitudeE7":1}, {"latit)";
  CHECK_FALSE(JsonOutline::read(text, true));
  const auto outline = JsonOutline::read(text, false);
  REQUIRE(outline);
  CHECK(outline->has(".locations[].latitudeE7"));
}

TEST_CASE("JSON that is deep or wide stays within its limits") {
  CHECK_FALSE(JsonOutline::read(std::string(100'000, '['), false));
  std::string wide = "{\"a\":0";
  for (int i = 0; i < 10'000; ++i) wide += ",\"k" + std::to_string(i) + "\":1";
  const auto outline = JsonOutline::read(wide + "}", true);
  REQUIRE(outline);
  CHECK(outline->paths().size() == JsonOutline::kPathsMax);
}

TEST_CASE("a long JSON is read beyond the first bytes") {
  std::string text = R"({"padding":")" + std::string(kHeadBytesMax, 'x') + R"(","lat":1,"lon":2})";
  CHECK(seen(text) == "location place");
}

TEST_CASE("text is UTF-8, UTF-16 with a mark, or eight-bit that is mostly ASCII") {
  CHECK(read_text(as_bytes("caf\xC3\xA9"), true) == "caf\xC3\xA9");
  CHECK(read_text(as_bytes("caf\xE9 au lait"), true).has_value());
  CHECK(read_text(as_bytes(std::string_view("\xFE\xFF\0A\xD8\x3D\xDE\x00", 8)), true)
        == "A\xF0\x9F\x98\x80");
  CHECK_FALSE(read_text(as_bytes(std::string_view("a\0b", 3)), true));
  CHECK_FALSE(read_text(as_bytes("\xE9\xE8\xE0"), true));
  CHECK_FALSE(read_text({}, true));
  CHECK(read_text(as_bytes("cut here \xE2\x82"), false).has_value());
}

TEST_CASE("what nothing knows is other, and so is nothing at all") {
  CHECK(seen("") == "other empty");
  CHECK(seen(std::string_view("\x00\x01\x02\x03", 4)) == "other unknown");
  CHECK(seen("-----BEGIN PGP MESSAGE-----\n") == "other pgp");
}

}  // namespace amanat::phone
