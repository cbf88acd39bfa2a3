package io.lighter.conversion.startset.node;

/**
 * Something that a source names to be loaded.
 *
 * @param specifier as it is written
 * @param kind by which means
 * @param place when it is done
 * @param guarded whether a failure is caught
 */
record ModuleRequest(String specifier, Kind kind, Place place, boolean guarded) {

  /** By which means. */
  enum Kind {
    /** {@code require("…")} */
    REQUIRE,
    /** {@code import … from "…"}, {@code export … from "…"}, {@code import("…")} */
    IMPORT,
    /** {@code require.resolve("…")}: found, not loaded. */
    RESOLVE,
    /** A file beside the source: {@code path.join(__dirname, "…")} and the like. */
    FILE,
    /** {@code readdirSync} is called, and modules are loaded by names that are made up. */
    DIRECTORY
  }

  /** When it is done. */
  enum Place {
    /** When the module is loaded. */
    TOP,
    /** When the module is loaded, if a condition holds that the source alone does not tell. */
    CONDITIONAL,
    /** When the module is loaded, if something fails. */
    AFTER_FAILURE,
    /** When a function is called. */
    FUNCTION
  }
}
