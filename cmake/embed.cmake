# Tells the build that `source` holds `files` by #embed.
#
# The files become dependencies of its object, and their digest part of its command line: ccache of
# today hashes what the preprocessor includes, and does not see what it embeds.
function(amanat_embed source)
  set(digests "")
  foreach(file IN LISTS ARGN)
    file(SHA256 ${PROJECT_SOURCE_DIR}/${file} digest)
    string(APPEND digests ${digest})
  endforeach()
  string(SHA256 digest "${digests}")
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${ARGN})
  list(TRANSFORM ARGN PREPEND ${PROJECT_SOURCE_DIR}/)
  set_source_files_properties(${source} PROPERTIES
    OBJECT_DEPENDS "${ARGN}"
    COMPILE_DEFINITIONS "AMANAT_EMBEDDED_SHA256=\"${digest}\"")
endfunction()
