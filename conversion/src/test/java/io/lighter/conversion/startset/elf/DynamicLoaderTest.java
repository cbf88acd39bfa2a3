package io.lighter.conversion.startset.elf;

import static io.lighter.conversion.startset.ElfBuilder.GLIBC;
import static io.lighter.conversion.startset.ElfBuilder.MUSL;
import static io.lighter.conversion.startset.ElfBuilder.library;
import static io.lighter.conversion.startset.ElfBuilder.program;
import static io.lighter.conversion.startset.ImageBuilder.paths;
import static org.assertj.core.api.Assertions.assertThat;

import io.lighter.conversion.startset.ElfBuilder;
import io.lighter.conversion.startset.ImageBuilder;
import io.lighter.conversion.startset.image.ImageCommand;
import io.lighter.conversion.startset.trace.AnalysisLimits;
import io.lighter.conversion.startset.trace.Start;
import io.lighter.conversion.startset.trace.StartupSet;
import io.lighter.conversion.startset.trace.Unresolved;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DynamicLoaderTest {

  private static final byte[] LEAF = library().build();
  private static final int AARCH64 = 183;

  private static StartupSet start(ImageBuilder image, String... environment) throws IOException {
    Map<String, String> variables =
        environment.length == 0
            ? Map.of("PATH", "/bin")
            : Map.of("PATH", "/bin", environment[0], environment[1]);
    var command = new ImageCommand(List.of("app"), variables, "/work", "");
    return Start.follow(
        image.build(), command, List.of(), new DynamicLoader(), AnalysisLimits.DEFAULTS);
  }

  private static ImageBuilder glibc(ElfBuilder app) {
    return new ImageBuilder().executable("bin/app", app.build()).file(GLIBC, LEAF);
  }

  @Test
  void load_needed_isBreadthFirstAndEachOnce() throws IOException {
    ImageBuilder image =
        glibc(program(GLIBC).needs("liba.so", "libb.so"))
            .file("usr/lib/liba.so", library().needs("libc.so", "libb.so").build())
            .file("usr/lib/libb.so", library().needs("libd.so", "liba.so").build())
            .file("usr/lib/libc.so", library().needs("libd.so").build())
            .file("usr/lib/libd.so", LEAF)
            .file("usr/lib/libe.so", LEAF);

    assertThat(paths(start(image)))
        .containsExactly(
            "/bin/app",
            GLIBC,
            "/usr/lib/liba.so",
            "/usr/lib/libb.so",
            "/usr/lib/libc.so",
            "/usr/lib/libd.so");
  }

  @Test
  void load_staticProgram_isAlone() throws IOException {
    ImageBuilder image =
        new ImageBuilder()
            .executable("bin/app", LEAF)
            .file("etc/ld.so.cache", ElfBuilder.cache())
            .file("etc/ld.so.preload", "/x.so");

    assertThat(paths(start(image))).containsExactly("/bin/app");
  }

  @Test
  void find_pathsOfObjects_comeBeforeTheEnvironmentOrBehind() throws IOException {
    ImageBuilder places =
        new ImageBuilder()
            .file("own/liba.so", LEAF)
            .file("env/liba.so", LEAF)
            .file("usr/lib/liba.so", LEAF)
            .file(GLIBC, LEAF);

    places.executable("bin/app", program(GLIBC).needs("liba.so").rpath("$ORIGIN/../own").build());
    assertThat(paths(start(places, "LD_LIBRARY_PATH", "/env"))).contains("/own/liba.so");

    places.layer().executable("bin/app", program(GLIBC).needs("liba.so").runpath("/own").build());
    assertThat(paths(start(places, "LD_LIBRARY_PATH", "/env"))).contains("/env/liba.so");

    places
        .layer()
        .executable(
            "bin/app", program(GLIBC).needs("liba.so").rpath("/own").runpath("/none").build());
    assertThat(paths(start(places))).as("RPATH counts only alone").contains("/usr/lib/liba.so");
  }

  @Test
  void find_rpath_isInheritedAndRunpathIsNot() throws IOException {
    ImageBuilder image =
        new ImageBuilder()
            .file(GLIBC, LEAF)
            .file("own/liba.so", library().needs("libb.so").build())
            .file("own/libb.so", LEAF);

    image.executable("bin/app", program(GLIBC).needs("liba.so").rpath("/own").build());
    assertThat(paths(start(image))).contains("/own/libb.so");

    image.layer().executable("bin/app", program(GLIBC).needs("liba.so").runpath("/own").build());
    StartupSet set = start(image);
    assertThat(paths(set)).contains("/own/liba.so").doesNotContain("/own/libb.so");
    assertThat(set.unresolved())
        .containsExactly(new Unresolved("libb.so", "it is needed by /own/liba.so"));
  }

  @Test
  void find_cache_isReadWhenPathsDoNotHelpAndCountsBeforeDefaults() throws IOException {
    ImageBuilder image =
        glibc(program(GLIBC).needs("liba.so", "libb.so"))
            .file("etc/ld.so.cache", ElfBuilder.cache("liba.so", "/opt/liba.so.1"))
            .file("opt/liba.so.1", LEAF)
            .file("lib/liba.so", LEAF)
            .file("lib/libb.so", LEAF);

    assertThat(paths(start(image)))
        .containsExactly("/bin/app", GLIBC, "/etc/ld.so.cache", "/opt/liba.so.1", "/lib/libb.so");

    ImageBuilder own =
        glibc(program(GLIBC).needs("liba.so").runpath("/own"))
            .file("etc/ld.so.cache", ElfBuilder.cache())
            .file("own/liba.so", LEAF);
    assertThat(paths(start(own))).doesNotContain("/etc/ld.so.cache");
  }

  @Test
  void find_cacheOfTheOldFormatInFront_isFoundBehindIt() throws IOException {
    byte[] cache = ElfBuilder.cache("liba.so", "/opt/liba.so");
    var both = new byte[32 + cache.length];
    System.arraycopy(cache, 0, both, 32, cache.length);
    // Offsets in the newer part count from where that part begins.
    ImageBuilder image =
        glibc(program(GLIBC).needs("liba.so"))
            .file("etc/ld.so.cache", both)
            .file("opt/liba.so", LEAF);

    assertThat(paths(start(image))).contains("/opt/liba.so");
  }

  @Test
  void find_configuredDirectory_countsLast() throws IOException {
    ImageBuilder image =
        glibc(program(GLIBC).needs("liba.so"))
            .file("etc/ld.so.conf", "# all\ninclude /etc/ld.so.conf.d/*.conf\n")
            .file("etc/ld.so.conf.d/x.conf", "/opt/x/lib # mine\n")
            .file("opt/x/lib/liba.so", LEAF);

    assertThat(paths(start(image)))
        .contains("/opt/x/lib/liba.so")
        .doesNotContain("/etc/ld.so.conf");
  }

  @Test
  void find_otherArchitecture_isPassedOver() throws IOException {
    ImageBuilder image =
        glibc(program(GLIBC).needs("liba.so"))
            .file("lib/x86_64-linux-gnu/liba.so", library().machine(AARCH64).build())
            .file("lib64/liba.so", "/* a linker script */")
            .file("usr/lib/liba.so", LEAF);

    assertThat(paths(start(image))).contains("/usr/lib/liba.so").hasSize(3);
  }

  @Test
  void find_arm64_looksInItsOwnDirectories() throws IOException {
    String linker = "/lib/ld-linux-aarch64.so.1";
    byte[] leaf = library().machine(AARCH64).build();
    ImageBuilder image =
        new ImageBuilder()
            .executable("bin/app", program(linker).machine(AARCH64).needs("liba.so").build())
            .file(linker, leaf)
            .file("usr/lib/aarch64-linux-gnu/liba.so", leaf);

    assertThat(paths(start(image)))
        .containsExactly("/bin/app", linker, "/usr/lib/aarch64-linux-gnu/liba.so");
  }

  @Test
  void find_musl_hasItsOwnWays() throws IOException {
    ImageBuilder image =
        new ImageBuilder()
            .executable("bin/app", program(MUSL).needs("liba.so", "libc.musl-x86_64.so.1").build())
            .file(MUSL, LEAF)
            .file("usr/local/lib/liba.so", library().needs("libb.so", "libc.so").build())
            .file("usr/lib/libb.so", LEAF)
            .file("etc/ld.so.cache", ElfBuilder.cache());
    StartupSet set = start(image);
    assertThat(paths(set))
        .containsExactly("/bin/app", MUSL, "/usr/local/lib/liba.so", "/usr/lib/libb.so");
    assertThat(set.unresolved()).isEmpty();

    image.layer().file("etc/ld-musl-x86_64.path", "/opt/m\n/usr/lib").file("opt/m/liba.so", LEAF);
    assertThat(paths(start(image))).contains("/opt/m/liba.so");
  }

  @Test
  void find_hardwareDirectories_comeWithThePlainObject() throws IOException {
    ImageBuilder image =
        glibc(program(GLIBC).needs("liba.so"))
            .file("usr/lib/liba.so", LEAF)
            .file("usr/lib/glibc-hwcaps/x86-64-v3/liba.so", LEAF)
            .file("usr/lib/glibc-hwcaps/x86-64-v2/liba.so", LEAF);

    assertThat(paths(start(image)))
        .containsExactly(
            "/bin/app", GLIBC, "/usr/lib/glibc-hwcaps/x86-64-v3/liba.so", "/usr/lib/liba.so");
  }

  @Test
  void load_preloaded_comesFirst() throws IOException {
    ImageBuilder image =
        glibc(program(GLIBC).needs("liba.so"))
            .file("usr/lib/liba.so", LEAF)
            .file("opt/pre.so", library().needs("libb.so").build())
            .file("usr/lib/libb.so", LEAF);

    assertThat(paths(start(image, "LD_PRELOAD", "/opt/pre.so")))
        .containsExactly("/bin/app", GLIBC, "/opt/pre.so", "/usr/lib/liba.so", "/usr/lib/libb.so");
  }

  @Test
  void load_missing_isSaid() throws IOException {
    StartupSet set =
        start(new ImageBuilder().executable("bin/app", program(GLIBC).needs("x.so").build()));

    assertThat(paths(set)).containsExactly("/bin/app");
    assertThat(set.unresolved())
        .containsExactly(
            new Unresolved(GLIBC, "it is the dynamic linker of /bin/app"),
            new Unresolved("x.so", "it is needed by /bin/app"));
  }

  @Test
  void load_knownLibraries_bringWhatTheyRead() throws IOException {
    ImageBuilder image =
        glibc(program(GLIBC).needs("libcrypto.so.3", "libc.so.6"))
            .file("usr/lib/libcrypto.so.3", LEAF)
            .file("usr/lib/libc.so.6", LEAF)
            .file("etc/passwd", "root:x:0:0::/:/bin/sh")
            .link("usr/lib/ssl/openssl.cnf", "/etc/ssl/openssl.cnf")
            .file("etc/ssl/openssl.cnf", "x")
            .file("usr/lib/locale/C.utf8/LC_CTYPE", "x");

    assertThat(paths(start(image)))
        .contains("/etc/passwd", "/etc/ssl/openssl.cnf")
        .doesNotContain("/usr/lib/locale/C.utf8/LC_CTYPE");
    assertThat(paths(start(image, "LANG", "C.UTF-8"))).contains("/usr/lib/locale/C.utf8/LC_CTYPE");
  }
}
