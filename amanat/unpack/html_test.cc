#include "amanat/unpack/html.h"

#include <array>

#include <doctest/doctest.h>

#include "amanat/unpack/test_look.h"

using namespace amanat;
using namespace amanat::unpack;

TEST_CASE("a page's normal form is what ClamAV 1.4 was seen to write for it") {
  struct Case {
    std::string_view page;
    std::string_view no_comments;
  };
  const auto cases = std::to_array<Case>({
      {"<!DOCTYPE html>\n<HTML>  <HEAD>\n <TITLE>Hello   World</TITLE>\n",
       "<html><head><title>hello world</title>"},
      {"</title>\n<!-- a Comment <b>x</b> -->\n<META>", "</title>x</b>--> <meta>"},
      {"<META   http-equiv = \"Refresh\"   checked>", "<meta http-equiv=\"refresh\" checked>"},
      {"<a b='1 2' c='x; y' d=e>", "<a b=\"1 2\" c=\"x; y\" d=e>"},
      {"<p x=\"it's\" y='say \"hi\"' z='q'>", "<p x=\"it\"s\" y=\"say \"hi\"\" z=\"q\">"},
      {"<p a = \"1\"b='2'c=3>", "<p a=\"1\" b=\"2\" c=3>"},
      {"<p a=\"b&amp;c\" d='&lt;x&gt;'>", "<p a=\"b&c\" d=\"<x>\">"},
      {"<style>  BODY  {  color : red ; }\n /* c */ </style>",
       "<style>body{color:red;}/*c*/</style>"},
      {"<script>x = 'a b' <!-- y --> z &amp; 1</script>", "<script>x=\"ab\"<!--y-->z&1</script>"},
      {"<SCRIPT>\nvar A = 1;\n</SCRIPT>text", "<script>vara=1;</script>text"},
      {"<img src='data:text/plain,hello%20W' alt=\"Q\">", "<img src=\"data\"alt=\"q\">"},
      {"x &amp; &#65;&#x42; &eacute; &unknown; &#300; &amp;&amp;\r\n<p\nid=1 >t",
       "x & ab \xe9 &unknown; &#x012c; && <p id=1>t"},
      {"x \xe3\x80\x82y", "x .y"},
      {"<p t=' + = list'>x", "<p t=\" +=list\">x"},
      {"<p t='ab cd ef'>", "<p t=\"ab cd ef'>"},
      {"<a href=\"java&#115;cript:x\">q</a>", "<a href=\"javascript:x\">q</a>"},
      {"text  <  b> x < y > z <1> a", "text <b> x <y> z <1>a"},
      {"<b\tc\nd=\"\ne  f\n\">last", "<b c d=\" e f \">last"},
      {"<?php echo 'Hi There'; ?>", "<?php echo 'hi there'; ?>"},
  });
  for (const Case& c : cases) {
    CAPTURE(c.page);
    CHECK(as_text(normalise_html(as_bytes(c.page)).no_comments) == c.no_comments);
  }
}

TEST_CASE("the text of a page is without tags, scripts and what only looks") {
  const NormalHtml normal =
      normalise_html(as_bytes("<html><title>Hello   World &amp; More</title><script>x=1</script>\n"
                              "<p>a\tb\x01w<b>bold</b>text<a x=1 HREF=A.b>l</a></html>"));
  CHECK(as_text(normal.no_tags) == " hello world more a b w bold text A.b l ");
}

TEST_CASE("scripts lose their comments, and their strings grow together") {
  const NormalHtml normal = normalise_html(as_bytes(
      "<SCRIPT type=x>\n var  A = 'Hello ' + \"W\" ; // c\n /* d */ if (a<b) {}</SCRIPT>"));
  CHECK(as_text(normal.scripts) == "<script>var n000=\"hello w\";c if(a<b){}</script>");
}

TEST_CASE("objects in data URLs are found, in base64 and with percent signs") {
  const Looked looked = look_into(
      Kind::html, bytes_of("<img src=\"data:image/png;base64,aGVsbG8=\">"
                           "<a href='DATA:text/html,%3cb%3E'>x</a><p>data: none, here</p>"));
  // Messages, as ClamAV makes them; what has percent signs is also there by itself.
  REQUIRE(looked.pieces.size() == 3);
  CHECK(looked.pieces[0].content
        == "From html-normalise\nContent-type: image/png;base64\n"
           "Content-transfer-encoding: base64\n\naGVsbG8=");
  CHECK(looked.pieces[1].content == "From html-normalise\nContent-type: text/html\n\n<b>");
  CHECK(looked.pieces[2].content == "<b>");
}

TEST_CASE("pages cut off anywhere have a normal form") {
  constexpr std::string_view kPage =
      "<html><!-- x --><a b='c d' e=\"f\" src='data:x,y'>&amp;</a><script>var a='b'+'c';</script>";
  for (std::size_t size = 0; size <= kPage.size(); ++size) {
    const NormalHtml normal = normalise_html(as_bytes(kPage.substr(0, size)));
    CHECK(normal.no_comments.size() <= size + 16);
  }
}
