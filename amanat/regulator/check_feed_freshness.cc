#include "amanat/regulator/checks.h"

namespace amanat::regulator {

Finding check_feed_freshness(const Case& /*judged*/) {
  Finding finding;
  finding.check = "feed-freshness";
  finding.reason = "the custodian publishes no releases of a threat database yet";
  return finding;
}

}  // namespace amanat::regulator
