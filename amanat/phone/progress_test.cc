#include "amanat/phone/progress.h"

#include <algorithm>

#include <doctest/doctest.h>

#include "amanat/phone/wording.h"

namespace amanat::phone {
namespace {

struct Screen {
  std::string text;
  Progress::Time time;

  Progress::Options options(ProgressStyle style) {
    return {.style = style,
            .width = 100,
            .write = [this](std::string_view bytes) { text += bytes; },
            .now = [this] { return time; }};
  }
};

}  // namespace

TEST_CASE("a bar shows share, amount, files and rate, and leaves nothing behind") {
  Screen screen;
  Progress progress(screen.options(ProgressStyle::bar));
  progress.begin("reading", 2'000'000, 10);
  screen.time += std::chrono::seconds(1);
  progress.add(1'000'000, 5);
  CHECK(screen.text.contains("50 %"));
  CHECK(screen.text.contains("1.0 MB of 2.0 MB"));
  CHECK(screen.text.contains("5 files"));
  CHECK(screen.text.contains("1.0 MB/s"));
  progress.end();
  CHECK(screen.text.ends_with("\r\x1b[K"));
}

TEST_CASE("without a terminal a line is written now and then, not for every file") {
  Screen screen;
  Progress progress(screen.options(ProgressStyle::lines));
  progress.begin("reading", 100, 100);
  for (int i = 0; i < 100; ++i) {
    screen.time += std::chrono::milliseconds(101);
    progress.add(1, 1);
  }
  progress.end();
  CHECK(std::ranges::count(screen.text, '\n') == 2);
}

TEST_CASE("programs read progress as JSON lines, and quiet is quiet") {
  Screen screen;
  Progress progress(screen.options(ProgressStyle::json));
  progress.begin("sending", 5, 0);
  progress.add(5, 1);
  progress.end();
  CHECK(screen.text
        == "{\"progress\":\"sending\",\"bytes\":5,\"bytes_total\":5,\"files\":1,"
           "\"files_total\":0,\"done\":true}\n");
  Progress quiet;
  quiet.begin("sending", 5, 0);
  quiet.add(5, 1);
  quiet.end();
}

TEST_CASE("sizes and counts read as a person would write them") {
  CHECK(bytes_in_words(0) == "0 B");
  CHECK(bytes_in_words(999) == "999 B");
  CHECK(bytes_in_words(1000) == "1.0 kB");
  CHECK(bytes_in_words(34'400'000) == "34 MB");
  CHECK(bytes_in_words(999'999) == "1.0 MB");
  CHECK(count_in_words(1, "file", "files") == "1 file");
  CHECK(count_in_words(30364, "file", "files") == "30,364 files");
  CHECK(count_in_words(1234567, "file", "files") == "1,234,567 files");
}

TEST_CASE("a file's name cannot move the cursor or break what reads it") {
  CHECK(printable("परिवार 2026.jpg") == "परिवार 2026.jpg");
  CHECK(printable("a\x1b[2Jb\n") == "a\\x1b[2Jb\\x0a");
  CHECK(printable("\xff\xc0\xaf") == "\\xff\\xc0\\xaf");
  CHECK(printable("exe\u202Egpj") == "exe\\xe2\\x80\\xaegpj");
  CHECK(printable("a\\x41") == "a\\x5cx41");
}

}  // namespace amanat::phone
