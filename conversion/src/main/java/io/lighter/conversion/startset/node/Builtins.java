package io.lighter.conversion.startset.node;

import java.util.Set;

/** Modules that are part of the program. */
final class Builtins {

  private static final Set<String> NAMES =
      Set.of(
          "assert",
          "async_hooks",
          "buffer",
          "child_process",
          "cluster",
          "console",
          "constants",
          "crypto",
          "dgram",
          "diagnostics_channel",
          "dns",
          "domain",
          "events",
          "fs",
          "http",
          "http2",
          "https",
          "inspector",
          "module",
          "net",
          "os",
          "path",
          "perf_hooks",
          "process",
          "punycode",
          "querystring",
          "readline",
          "repl",
          "stream",
          "string_decoder",
          "sys",
          "timers",
          "tls",
          "trace_events",
          "tty",
          "url",
          "util",
          "v8",
          "vm",
          "wasi",
          "worker_threads",
          "zlib");

  /** Those of them that have others below them, which are all built in too. */
  private static final Set<String> WITH_SUBPATHS =
      Set.of("assert", "dns", "fs", "inspector", "path", "readline", "stream", "timers", "util");

  private Builtins() {}

  static boolean contains(String specifier) {
    if (specifier.startsWith("node:") || NAMES.contains(specifier)) {
      return true;
    }
    int slash = specifier.indexOf('/');
    return slash > 0
        && slash < specifier.length() - 1
        && WITH_SUBPATHS.contains(specifier.substring(0, slash));
  }
}
