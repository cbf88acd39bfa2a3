package io.lighter.conversion.startset.elf;

import io.lighter.conversion.startset.image.ImageFile;
import io.lighter.conversion.startset.trace.PathGlob;
import io.lighter.conversion.startset.trace.Reason;
import io.lighter.conversion.startset.trace.Start;
import java.util.List;

/** Files that well-known libraries read by themselves when a program starts. */
final class LibraryFiles {

  /**
   * What a library reads.
   *
   * @param library what its file name begins with
   * @param paths files or patterns, those that exist
   */
  private record Rule(String library, List<String> paths) {}

  private static final List<Rule> RULES =
      List.of(
          new Rule(
              "libc.so.6",
              List.of("/etc/nsswitch.conf", "/etc/passwd", "/etc/group", "/etc/localtime")),
          new Rule("libc.musl", List.of("/etc/passwd", "/etc/group", "/etc/localtime")),
          new Rule(
              "libcrypto.so",
              List.of(
                  "/usr/lib/ssl/openssl.cnf",
                  "/etc/ssl/openssl.cnf",
                  "/etc/pki/tls/openssl.cnf",
                  "/etc/crypto-policies/back-ends/opensslcnf.config")),
          new Rule("libgnutls.so", List.of("/etc/gnutls/config")),
          new Rule("libfontconfig.so", List.of("/etc/fonts/fonts.conf", "/etc/fonts/conf.d/*")),
          new Rule("libselinux.so", List.of("/etc/selinux/config")),
          new Rule("libldap", List.of("/etc/ldap/ldap.conf", "/etc/openldap/ldap.conf")),
          new Rule("libnss_", List.of("/etc/passwd", "/etc/group")),
          new Rule("libkrb5.so", List.of("/etc/krb5.conf")));

  private LibraryFiles() {}

  static void read(ImageFile library, Start start) {
    for (Rule rule : RULES) {
      if (library.name().startsWith(rule.library())) {
        for (String path : rule.paths()) {
          for (ImageFile file : PathGlob.files(start, path)) {
            start.reads(file, Reason.likely(library.name() + " reads it"));
          }
        }
      }
    }
    if (library.name().startsWith("libc.so.6")) {
      locale(start);
    }
  }

  /** glibc opens its locale only for programs that ask for one, when one is set. */
  private static void locale(Start start) {
    String name =
        start
            .variable("LC_ALL")
            .or(() -> start.variable("LC_CTYPE"))
            .or(() -> start.variable("LANG"))
            .orElse("");
    if (name.isEmpty() || name.equals("C") || name.equals("POSIX")) {
      return;
    }
    var reason = Reason.likely("the locale " + name + " is set");
    start.reads("/usr/lib/locale/locale-archive", reason);
    String folder = name.replaceAll("(?i)utf-?8$", "utf8");
    for (ImageFile file : PathGlob.files(start, "/usr/lib/locale/" + folder + "/*")) {
      start.reads(file, reason);
    }
    for (ImageFile file : PathGlob.files(start, "/usr/lib/locale/" + folder + "/LC_MESSAGES/*")) {
      start.reads(file, reason);
    }
    start.reads("/usr/lib/x86_64-linux-gnu/gconv/gconv-modules.cache", reason);
    start.reads("/usr/lib/aarch64-linux-gnu/gconv/gconv-modules.cache", reason);
    start.reads("/usr/lib64/gconv/gconv-modules.cache", reason);
  }
}
