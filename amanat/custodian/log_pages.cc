// The log as C2SP tlog-tiles serves it, straight from the database.

#include "amanat/custodian/routes.h"

namespace amanat::custodian {

Answer get_log_page(Call& call) {
  auto reading = call.world.readers.begin();
  if (!reading) return carry(reading);
  auto page = reading->ledger().serve(call.parameter);
  if (!page) return carry(page);
  const bool is_checkpoint = call.parameter == "checkpoint";
  api::Response response;
  response.headers.set("content-type",
                       is_checkpoint ? "text/plain; charset=utf-8" : "application/octet-stream");
  // A tile never changes under its name.
  response.headers.set("cache-control",
                       is_checkpoint ? "no-store" : "public, max-age=31536000, immutable");
  response.body = *std::move(page);
  return response;
}

}  // namespace amanat::custodian
