package io.lighter.conversion.startset.python;

import java.util.Set;

/** Which modules are part of the interpreter, or frozen into it. */
final class BuiltInModules {

  private static final Set<String> ALWAYS =
      Set.of(
          "sys",
          "builtins",
          "marshal",
          "posix",
          "time",
          "errno",
          "_abc",
          "_codecs",
          "_collections",
          "_functools",
          "_imp",
          "_io",
          "_locale",
          "_operator",
          "_signal",
          "_sre",
          "_stat",
          "_string",
          "_symtable",
          "_thread",
          "_tracemalloc",
          "_warnings",
          "_weakref",
          "atexit",
          "faulthandler",
          "gc",
          "itertools",
          "pwd",
          "_frozen_importlib",
          "_frozen_importlib_external",
          "_ast",
          "zipimport");

  /** Extension modules that distributions build into the interpreter as they like. */
  private static final Set<String> USUALLY =
      Set.of(
          "_asyncio",
          "_bisect",
          "_blake2",
          "_bz2",
          "_contextvars",
          "_csv",
          "_ctypes",
          "_datetime",
          "_decimal",
          "_elementtree",
          "_hashlib",
          "_heapq",
          "_hmac",
          "_interpchannels",
          "_interpqueues",
          "_interpreters",
          "_json",
          "_lsprof",
          "_lzma",
          "_md5",
          "_multiprocessing",
          "_opcode",
          "_pickle",
          "_posixshmem",
          "_posixsubprocess",
          "_queue",
          "_random",
          "_remote_debugging",
          "_sha1",
          "_sha2",
          "_sha256",
          "_sha3",
          "_sha512",
          "_socket",
          "_sqlite3",
          "_ssl",
          "_statistics",
          "_struct",
          "_types",
          "_uuid",
          "_xxsubinterpreters",
          "_zoneinfo",
          "_zstd",
          "array",
          "audioop",
          "binascii",
          "cmath",
          "fcntl",
          "grp",
          "math",
          "mmap",
          "parser",
          "pyexpat",
          "resource",
          "select",
          "spwd",
          "syslog",
          "termios",
          "unicodedata",
          "xxsubtype",
          "zlib");

  private static final Set<String> INSIDE =
      Set.of("importlib._bootstrap", "importlib._bootstrap_external", "os.path");

  /** Since Python 3.11 these are imported without a file. */
  private static final Set<String> FROZEN =
      Set.of(
          "abc",
          "codecs",
          "io",
          "_collections_abc",
          "_sitebuiltins",
          "genericpath",
          "ntpath",
          "posixpath",
          "os",
          "site",
          "stat",
          "importlib.util",
          "importlib.machinery",
          "runpy",
          "importlib._bootstrap",
          "importlib._bootstrap_external",
          "zipimport");

  /** Whether no file can take its place. */
  boolean always(String name) {
    return ALWAYS.contains(name);
  }

  /** Whether it is part of the interpreter where no file of that name is. */
  boolean usually(String name) {
    return USUALLY.contains(name);
  }

  /** Whether it exists though its package has no such file. */
  boolean inside(String name) {
    return INSIDE.contains(name);
  }

  /** Whether its file is not read because the interpreter has it. */
  boolean frozen(String name, int minor) {
    return minor >= 11 && FROZEN.contains(name);
  }
}
