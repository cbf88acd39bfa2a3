package io.lighter.storage;

import static io.lighter.storage.CrashingWriter.REPOSITORY;
import static io.lighter.storage.CrashingWriter.content;
import static io.lighter.storage.CrashingWriter.tag;
import static io.lighter.storage.Fixtures.image;
import static io.lighter.storage.Fixtures.readAll;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.lighter.oci.Digest;
import io.lighter.oci.Tag;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CrashTest {
  private static final int ROUNDS = 3;
  private static final int NUMBERS_PER_ROUND = 100_000;

  @TempDir Path root;
  @TempDir Path temporary;

  @Test
  void kill_atAnyMoment_whatWasAcknowledgedIsThere() throws Exception {
    var random = new Random();
    var acknowledged = new ArrayList<Integer>();
    for (int round = 0; round < ROUNDS; round++) {
      acknowledged.addAll(writeAndKill(round * NUMBERS_PER_ROUND, 10 + random.nextInt(100)));
      try (var stores = new OpenStores(root)) {
        for (int number : acknowledged) {
          assertStored(stores, number);
        }
        assertNothingDangles(stores, Collections.max(acknowledged));
      }
    }
    assertThat(temporary).as("what killed processes leave behind").isEmptyDirectory();
  }

  /** What was acknowledged until the process was dead. */
  private List<Integer> writeAndKill(int first, int acknowledgements) throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-Djava.io.tmpdir=" + temporary,
                "-cp",
                System.getProperty("java.class.path"),
                CrashingWriter.class.getName(),
                root.toString(),
                Integer.toString(first))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    var numbers = new ArrayList<Integer>();
    try (var output = new BufferedReader(process.inputReader(UTF_8))) {
      while (numbers.size() < acknowledgements) {
        numbers.add(Integer.valueOf(output.readLine()));
      }
      // Unlike Process.destroyForcibly, this leaves the pipe open.
      assertThat(process.toHandle().destroyForcibly()).isTrue();
      numbers.addAll(rest(output));
    }
    assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
    return numbers;
  }

  /** Acknowledgements that were in the pipe; the last one may lack its end, and does not count. */
  private static List<Integer> rest(BufferedReader output) throws IOException {
    var text = new StringBuilder();
    for (int character = output.read(); character >= 0; character = output.read()) {
      text.append((char) character);
    }
    return text.substring(0, text.lastIndexOf("\n") + 1).lines().map(Integer::valueOf).toList();
  }

  private static void assertStored(OpenStores stores, int number) {
    Digest digest = Digest.ofSha256(content(number));
    try (var source = stores.blobs().open(digest)) {
      assertThat(readAll(source)).isEqualTo(content(number));
    }
    var metadata = stores.rocks().metadata();
    assertThat(metadata.linkedBlob(REPOSITORY, digest))
        .contains(new BlobInfo(digest, content(number).length));
    assertThat(metadata.manifest(REPOSITORY, image(number).digest()).orElseThrow().content())
        .isEqualTo(image(number).content());
    assertThat(metadata.tag(REPOSITORY, new Tag(tag(number))).orElseThrow().digest())
        .isEqualTo(image(number).digest());
  }

  /** Steps that nobody acknowledged may be there, but then with everything they name. */
  private static void assertNothingDangles(OpenStores stores, int last) {
    var metadata = stores.rocks().metadata();
    for (Tag tag : metadata.tags(REPOSITORY, "", 1_000_000)) {
      assertStored(stores, Integer.parseInt(tag.value().substring(1)));
    }
    for (int number = last; number <= last + CrashingWriter.THREADS; number++) {
      Digest digest = Digest.ofSha256(content(number));
      if (stores.blobs().stat(digest).isPresent()) {
        try (var source = stores.blobs().open(digest)) {
          assertThat(readAll(source)).isEqualTo(content(number));
        }
      }
    }
  }
}
