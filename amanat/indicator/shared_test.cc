// Reads the public lists, where they are there: what is applied, and that nothing is lost in
// silence.

#include <cstdlib>
#include <filesystem>

#include <doctest/doctest.h>

#include "amanat/indicator/check.h"
#include "amanat/indicator/load.h"

namespace amanat::indicator {

TEST_CASE("public lists are applied, and what is not is named") {
  const char* const shared = std::getenv("AMANAT_SHARED");
  const std::filesystem::path folder =
      std::filesystem::path(shared == nullptr ? "" : shared) / "data" / "threats";
  if (shared == nullptr || !std::filesystem::exists(folder / "mvt")) return;
  std::vector<std::filesystem::path> paths;
  for (const auto* const name :
       {"mvt", "amnesty", "stalkerware", "eset", "avast", "malwarebazaar", "targetedthreats"}) {
    paths.push_back(folder / name);
  }
  const auto loaded = load_indicators(paths);
  REQUIRE(loaded.has_value());
  for (const SourceReport& list : loaded->lists) {
    MESSAGE(list.format << " applied " << list.applied << " left " << list.left_count() << " "
                        << std::filesystem::relative(list.file, folder).string()
                        << (list.failure ? ": " + list.failure->message : ""));
    for (const LeftOut& left : list.named) {
      MESSAGE("    " << describe(left.reason) << ", " << left.place << ": " << left.what);
    }
    CHECK(list.applied + list.left_count() + (list.failure ? 1 : 0) > 0);
  }
  const Indicators& known = loaded->indicators;
  for (std::size_t kind = 0; kind < kKinds; ++kind) {
    MESSAGE(describe(static_cast<Kind>(kind))
            << ": " << known.entries(static_cast<Kind>(kind)).size());
  }
  CHECK(known.entries().size() > 50'000);
  const auto truth_spy = check_app(known, {.package = "com.apspy.app"});
  REQUIRE_FALSE(truth_spy.empty());
  CHECK(truth_spy.front().collection.name == "TheTruthSpy");
  CHECK(truth_spy.front().collection.threat_class == ThreatClass::stalkerware);
  CHECK_FALSE(check_url(known, "https://copy9.com/login").empty());
  for (const auto* const host : {"google.com", "github.com", "amazonaws.com", "firebaseio.com",
                                 "apple.com", "whatsapp.com", "android.com"}) {
    CAPTURE(host);
    CHECK(known.find_domain(host).empty());
  }
}

}  // namespace amanat::indicator
