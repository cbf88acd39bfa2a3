package io.lighter.storage.gc;

import static io.lighter.storage.gc.Harbour.APP;
import static io.lighter.storage.gc.Harbour.MIRROR;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.lighter.oci.Digest;
import io.lighter.oci.Manifest;
import io.lighter.oci.RepositoryName;
import io.lighter.oci.Tag;
import io.lighter.storage.BlobInfo;
import io.lighter.storage.TagRecord;
import java.io.BufferedReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Evictions that are killed at any moment. */
class EvictionCrashTest {
  private static final int ROUNDS = 3;
  private static final int NUMBERS_PER_ROUND = 10_000;

  @TempDir Path root;

  @Test
  void kill_atAnyMoment_nothingDanglesAndTheSumIsRight() throws Exception {
    var random = new Random();
    var pushed = new ArrayList<String>();
    for (int round = 0; round < ROUNDS; round++) {
      int first = round * NUMBERS_PER_ROUND;
      for (String tag : pullAndKill(first, 60 + random.nextInt(100))) {
        if (Integer.parseInt(tag.substring(1)) % 5 == 0) {
          pushed.add(tag);
        }
      }
      try (var harbour = new Harbour(root)) {
        assertIndexIsRight(harbour);
        assertManifestsAreThere(harbour);
        for (String tag : pushed) {
          assertThat(harbour.isWhole(APP, tagged(harbour, APP, tag))).as(tag).isTrue();
        }
        String notPushed = "v" + (first + 1);
        assertThat(harbour.metadata().tag(MIRROR, new Tag(notPushed))).isEmpty();
      }
    }
  }

  /** Tags that were acknowledged before the process was killed. */
  private List<String> pullAndKill(int first, int acknowledgements) throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                EvictingPuller.class.getName(),
                root.toString(),
                Integer.toString(first))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    var tags = new ArrayList<String>();
    try (var output = new BufferedReader(process.inputReader(UTF_8))) {
      while (tags.size() < acknowledgements) {
        tags.add(output.readLine());
      }
    } finally {
      process.toHandle().destroyForcibly();
    }
    assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
    return tags;
  }

  /** Every blob of the index has its file, and together they have what the index says. */
  private static void assertIndexIsRight(Harbour harbour) throws Exception {
    long cached = 0;
    long hosted = 0;
    for (BlobInfo blob : harbour.stores().rocks().verification().blobs("", 1_000_000)) {
      assertThat(Files.size(harbour.layout().blob(blob.digest()))).isEqualTo(blob.size());
      if (harbour.metadata().hostedHolder(blob.digest()).isPresent()) {
        hosted += blob.size();
      } else {
        cached += blob.size();
      }
    }
    assertThat(harbour.stores().rocks().eviction().use()).isEqualTo(new StoreUse(cached, hosted));
    assertThat(cached).isPositive();
  }

  /** A tag leads to a manifest, and that to links; bytes of those may not have arrived. */
  private static void assertManifestsAreThere(Harbour harbour) {
    for (Tag tag : harbour.metadata().tags(MIRROR, "", 1_000_000)) {
      Manifest image = tagged(harbour, MIRROR, tag.value());
      assertThat(Harbour.blobs(image))
          .allMatch(blob -> harbour.metadata().linkedBlob(MIRROR, blob).isPresent());
    }
  }

  private static Manifest tagged(Harbour harbour, RepositoryName repository, String tag) {
    Digest digest =
        harbour
            .metadata()
            .tag(repository, new Tag(tag))
            .map(TagRecord::digest)
            .orElseThrow(() -> new AssertionError("no " + tag));
    return harbour.metadata().manifest(repository, digest).orElseThrow();
  }
}
