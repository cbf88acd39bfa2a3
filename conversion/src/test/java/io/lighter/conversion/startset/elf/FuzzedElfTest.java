package io.lighter.conversion.startset.elf;

import static org.assertj.core.api.Assertions.assertThat;

import io.lighter.conversion.startset.ElfBuilder;
import io.lighter.conversion.startset.ImageBuilder;
import io.lighter.conversion.startset.image.ImageCommand;
import io.lighter.conversion.startset.image.ImageTree;
import io.lighter.conversion.startset.trace.AnalysisLimits;
import io.lighter.conversion.startset.trace.Start;
import io.lighter.conversion.startset.trace.StartupSet;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Programs, libraries and caches with bytes changed at random: the analysis says what it can. */
class FuzzedElfTest {

  private static final int RUNS = 4_000;

  /** Made into one image, which takes longer than to follow them. */
  private static final int PROGRAMS = 50;

  private static final AnalysisLimits LIMITS =
      new AnalysisLimits(Duration.ofSeconds(2), 64 << 20, 1_000, 1 << 20);

  @Test
  void follow_anyBytes_endsWithinItsLimits() throws IOException {
    byte[] app =
        ElfBuilder.program(ElfBuilder.GLIBC)
            .needs("liba.so", "libb.so")
            .rpath("$ORIGIN/../lib:/x")
            .data("/etc/app.conf")
            .build();
    byte[] library = ElfBuilder.library().needs("libb.so", "libc.so").runpath("/opt").build();
    byte[] cache = ElfBuilder.cache("liba.so", "/lib/liba.so", "libb.so", "/opt/libb.so");
    byte[] configuration = "include /etc/*.conf\n/opt".getBytes(StandardCharsets.US_ASCII);
    int followed = 0;
    for (int seed = 0; seed < RUNS; seed += PROGRAMS) {
      var random = new Random(seed);
      var builder =
          new ImageBuilder()
              .file("lib/liba.so", mutated(library, random))
              .file("opt/libb.so", mutated(library, random))
              .file("etc/ld.so.cache", mutated(cache, random))
              .file("etc/ld.so.conf", mutated(configuration, random))
              .file(ElfBuilder.GLIBC, library);
      for (int i = 0; i < PROGRAMS; i++) {
        builder.executable("bin/app" + i, mutated(app, random));
      }
      ImageTree image = builder.build();
      for (int i = 0; i < PROGRAMS; i++) {
        String path = "/bin/app" + i;
        var command = new ImageCommand(List.of(path), Map.of(), "/", "");
        StartupSet set = Start.follow(image, command, List.of(), new DynamicLoader(), LIMITS);
        assertThat(set.cpu()).as("seed %d, %s", seed, path).isLessThan(LIMITS.cpu());
        assertThat(ImageBuilder.paths(set)).as("seed %d", seed).contains(path);
        followed += set.files().size() > 1 ? 1 : 0;
      }
    }
    assertThat(followed).as("runs that led further than the program").isGreaterThan(RUNS / 4);
  }

  private static byte[] mutated(byte[] original, Random random) {
    byte[] bytes = original.clone();
    for (int changes = random.nextInt(4); changes > 0; changes--) {
      int at = random.nextInt(bytes.length);
      switch (random.nextInt(3)) {
        case 0 -> bytes[at] = (byte) random.nextInt();
        case 1 -> bytes[at] = (byte) 0xff;
        default -> bytes[at] ^= (byte) (1 << random.nextInt(8));
      }
    }
    return random.nextInt(10) == 0 ? Arrays.copyOf(bytes, random.nextInt(bytes.length)) : bytes;
  }
}
