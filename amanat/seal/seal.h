#pragma once

// Seals what people entrust: blobs into packs, packs into vaults, keys into keyrings. The formats
// are docs/format.md §3 and §6 to §12; the parts say which.

#include "amanat/seal/chunker.h"
#include "amanat/seal/commit.h"
#include "amanat/seal/compartment.h"
#include "amanat/seal/device.h"
#include "amanat/seal/ids.h"
#include "amanat/seal/index.h"
#include "amanat/seal/keyring.h"
#include "amanat/seal/keyring_statement.h"
#include "amanat/seal/object.h"
#include "amanat/seal/pack.h"
#include "amanat/seal/pack_reader.h"
#include "amanat/seal/pack_writer.h"
#include "amanat/seal/phrase.h"
#include "amanat/seal/snapshot.h"
#include "amanat/seal/statement.h"
#include "amanat/seal/tree.h"
#include "amanat/seal/tree_builder.h"
#include "amanat/seal/tree_reader.h"
#include "amanat/seal/wrap.h"
