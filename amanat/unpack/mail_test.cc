#include <doctest/doctest.h>

#include "amanat/unpack/test_look.h"
#include "amanat/unpack/transfer.h"

using namespace amanat;
using namespace amanat::unpack;

namespace {
Looked look(std::string_view message) { return look_into(Kind::mail, as_bytes(message)); }
}  // namespace

TEST_CASE("the parts of a message come out decoded, those within parts too") {
  const Looked looked = look(
      "From: a\r\nTo: b\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed;\r\n"
      "\tboundary=\"out=1\"\r\n\r\npreamble\r\n--out=1\r\n"
      "Content-Type: multipart/alternative; boundary=in\r\n\r\n--in\r\n"
      "Content-Transfer-Encoding: Quoted-Printable\r\nContent-Type: text/plain; name=q.txt\r\n\r\n"
      "a=3Db=  \r\nc\r\n--in--\r\n--out=1\r\n"
      "Content-Disposition: attachment;\r\n filename=\"x y.bin\"\r\n"
      "Content-Transfer-Encoding: base64\r\n\r\naGVs\r\nbG8=\r\n--out=1\r\n"
      "Content-Type: message/rfc822\r\n\r\nSubject: inner\r\n\r\nbody\r\n--out=1--\r\nepilogue");
  CHECK(looked.content_of("q.txt") == "a=bc\n");
  CHECK(looked.content_of("x y.bin") == "hello");
  bool has_message = false;
  for (const Piece& piece : looked.pieces) has_message |= piece.entry.kind == Kind::mail;
  CHECK(has_message);
  CHECK(looked.outcome.end == End::whole);
}

TEST_CASE("a boundary that never comes again ends with the message") {
  const Looked looked = look(
      "From: a\nTo: b\nContent-Type: multipart/mixed; boundary=b\n\n--b\n"
      "Content-Transfer-Encoding: base64\nContent-Type: x/y; name=f\n\naGVsbG8=");
  CHECK(looked.content_of("f") == "hello");
}

TEST_CASE("lines of parts that are text end in a line feed, the last one too") {
  const Looked looked = look(
      "From: a\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"
      "Content-Type: text/plain; name=t\r\n\r\none\r\ntwo\r\r\n\r\n--b\r\n"
      "Content-Type: text/plain; name=u\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
      "x=\r\ny=0D=0A\r\nz");
  CHECK(looked.content_of("t") == "one\ntwo\n\n");
  CHECK(looked.content_of("u") == "xy\r\n\nz\n");
}

TEST_CASE("uuencoded files are found in running text") {
  const Looked looked = look("From: a\nTo: b\n\nhere it is\nbegin 644 f.bin\n%:&5L;&\\\n`\nend\n");
  CHECK(looked.content_of("f.bin") == "hello");
  const Looked alone = look("begin 644 f.bin\n%:&5L;&\\\n`\nend\n");
  CHECK(alone.content_of("f.bin") == "hello");
}

TEST_CASE("every message of a mailbox is looked at") {
  const Looked looked = look(
      "From a Mon\nSubject: 1\nContent-Transfer-Encoding: base64\n\nb25l\n\n"
      "From b Tue\nSubject: 2\nContent-Transfer-Encoding: base64\n\ndHdv\n");
  REQUIRE(looked.pieces.size() == 2);
  CHECK(looked.pieces[0].content == "one");
  CHECK(looked.pieces[1].content == "two");
}

TEST_CASE("parts in parts in parts end somewhere") {
  std::string message = "From: a\nTo: b\n";
  for (int i = 0; i < 100; ++i) {
    const std::string boundary = "b" + std::to_string(i) + "z";
    message += "Content-Type: multipart/mixed; boundary=" + boundary + "\n\n--" + boundary + "\n";
  }
  CHECK(look(message + "\ntext").outcome.end == End::over_budget);
}

TEST_CASE("names in the extended form are read") {
  CHECK(look("From: a\nTo: b\nContent-Disposition: attachment; filename*=UTF-8''a%20b.txt\n"
             "Content-Transfer-Encoding: base64\n\naGk=\n")
            .content_of("a%20b.txt")
        == "hi");
}
