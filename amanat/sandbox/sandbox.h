#pragma once

// Worker processes that examine foreign bytes with no network, no files and bounded memory and
// time.
//
// A parser that a hostile file takes over can then do nothing but answer wrongly about that file:
//
//   caller                                    worker: the same program, started again
//   ------                                    ---------------------------------------
//   Worker::start({.arguments = ...})         main sees its hidden argument
//     socket pair, spawn, start message  -->  Service::accept(): limits, descriptors for life
//   worker.confinement()                 <--  service->confine(): what is in force
//   worker.ask({.body, .files})          -->  handler(body, files): maps and examines
//     Outcome{answered, body}            <--  returns the answer
//     Outcome{crashed}                   <-x  dies; the next request starts another worker
//
// Confinement, inside out: rlimits, no new privileges, no capabilities, all descriptors closed,
// Landlock without a single rule, seccomp with a list of some forty system calls. Each layer that
// the kernel lacks is left out and said so; without seccomp a worker does not start, unless asked.
//
// A worker that was taken over may lie about the files it is shown later: `requests_max` says after
// how many it is replaced by a fresh one.

#include "amanat/sandbox/confinement.h"    // IWYU pragma: export
#include "amanat/sandbox/descriptor.h"     // IWYU pragma: export
#include "amanat/sandbox/file_view.h"      // IWYU pragma: export
#include "amanat/sandbox/mapped_file.h"    // IWYU pragma: export
#include "amanat/sandbox/service.h"        // IWYU pragma: export
#include "amanat/sandbox/shared_memory.h"  // IWYU pragma: export
#include "amanat/sandbox/worker.h"         // IWYU pragma: export
