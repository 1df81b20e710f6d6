// How fast texts are looked through: check_bench [FOLDER OF LISTS].

#include "amanat/indicator/check.h"

#include <chrono>
#include <cstdio>
#include <string>

#include "amanat/indicator/load.h"

namespace {

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

// A message: words, and in each tenth a link that is in no list.
std::string make_message(unsigned number) {
  std::string text = "Hello, are you coming at 8.30 tonight? I have the tickets (row 12). ";
  if (number % 10 == 0) text += "https://www.example" + std::to_string(number) + ".com/a/b?c=d ";
  return text + "See you there. Bring the other two as well, e.g. Anna.";
}

}  // namespace

int main(int argc, char** argv) {
  using namespace amanat::indicator;  // NOLINT(google-build-using-namespace): one program
  Loader loader;
  std::string list;
  for (unsigned i = 0; i < 20'000; ++i) list += "host" + std::to_string(i) + ".example.org\n";
  loader.add("made.txt", list);
  Indicators known = std::move(loader).finish().indicators;
  if (argc > 1) {
    const auto start = std::chrono::steady_clock::now();
    auto loaded = load_indicators({argv[1]});
    if (!loaded) return 1;
    known = std::move(loaded->indicators);
    std::printf("loading: %zu entries in %.3f s\n", known.entries().size(), seconds_since(start));
  }
  std::vector<std::string> messages;
  std::size_t bytes = 0;
  for (unsigned i = 0; i < 100'000; ++i) {
    messages.push_back(make_message(i));
    bytes += messages.back().size();
  }
  const auto start = std::chrono::steady_clock::now();
  std::size_t hits = 0;
  for (const std::string& message : messages) hits += check_text(known, message).size();
  const double seconds = seconds_since(start);
  std::printf("messages: %.0f a second, %.0f MB/s, %zu hits\n",
              static_cast<double>(messages.size()) / seconds,
              static_cast<double>(bytes) / seconds / 1e6, hits);
  return 0;
}
