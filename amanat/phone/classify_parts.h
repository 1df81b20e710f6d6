#pragma once

// The parts of recognition, one for each family of formats. Each looks for what it knows and says
// nothing about the rest; `classify` asks them in an order in which the first answer is right.

#include <optional>
#include <string_view>

#include "amanat/phone/classify.h"

namespace amanat::phone {

using MaybeClass = std::optional<Classification>;

MaybeClass classify_image(Window& window);           // JPEG, PNG, WebP, TIFF and DNG, GIF, BMP, JXL
MaybeClass classify_box_media(Window& window);       // ISO BMFF: HEIC, AVIF, MP4, MOV, 3GP, M4A
MaybeClass classify_audio(Window& window);           // and films in RIFF, Ogg, Matroska, MPEG
MaybeClass classify_fit(Window& window);             // Garmin FIT
MaybeClass classify_database(Window& window);        // SQLite with its write-ahead log
MaybeClass classify_archive(Window& window);         // ZIP: apps, office, KMZ; other archives
MaybeClass classify_hidden_archive(Window& window);  // ZIP behind other bytes: still an app
MaybeClass classify_document(Window& window);  // PDF, OLE, RTF and others that are not plain text
MaybeClass classify_text(Window& window);      // everything that is text

/// JSON, given all or the beginning of it as UTF-8.
MaybeClass classify_json(std::string_view text, bool complete);

/// A conversation written as lines of `date, time - name: text`.
bool is_chat_export(std::string_view text);

/// Lines written by a system for its makers: logcat, kernel, crash reports.
bool is_diagnostic_log(std::string_view text);

}  // namespace amanat::phone
