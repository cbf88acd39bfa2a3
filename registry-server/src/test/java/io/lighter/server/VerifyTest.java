package io.lighter.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.lighter.oci.Digest;
import io.lighter.oci.Manifest;
import io.lighter.server.admin.AdminException;
import io.lighter.server.command.OfflineStore;
import io.lighter.server.content.View;
import io.lighter.server.upstream.ScriptedUpstream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.DBOptions;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import tools.jackson.databind.JsonNode;

/** What becomes of stored bytes that rot, and backups of a server that serves. */
class VerifyTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final String REPOSITORY = "library/app";

  @TempDir private Path folder;
  private final ScriptedUpstream upstream = ScriptedUpstream.start();
  private final TestImage image = TestImage.random(1);
  private Path data;
  private TestServer server;

  @BeforeEach
  void start() {
    data = folder.resolve("data");
    image.blobs().values().forEach(content -> upstream.blob(REPOSITORY, content));
    upstream.manifest(REPOSITORY, "1", new String(image.manifest().content(), UTF_8));
    server = TestServer.start(data, upstream.uri(), Duration.ofHours(1));
  }

  @AfterEach
  void stop() {
    server.close();
    upstream.close();
  }

  @Test
  void verify_nothingDamaged_countsEverything() {
    server.push("team/app", image, "1");

    JsonNode result = verify().getLast().get("result");

    assertThat(result.get("phase").asString()).isEqualTo("FINISHED");
    assertThat(result.get("blobs").asLong()).isGreaterThanOrEqualTo(image.blobs().size());
    assertThat(result.get("manifests").asLong()).isPositive();
    assertThat(result.get("repositories").asLong()).isPositive();
    assertThat(result.get("damage").asLong()).isZero();
    assertThat(server.management("/metrics")).contains("lighter_verify_damaged 0.0");
  }

  @Test
  void cachedBlob_damaged_isDownloadedOnceMore() {
    Digest layer = layer();
    String path = "/v2/docker.io/library/app/blobs/" + layer;
    server.get("/v2/docker.io/library/app/manifests/" + image.manifest().digest());
    server.get(path);
    server.get(path);
    assertThat(downloads(layer)).isEqualTo(1);
    rot(layer);
    assertThat(server.get(path).body()).isNotEqualTo(content(layer));

    assertThat(damage())
        .singleElement()
        .satisfies(damage -> {
          assertThat(damage.get("digest").asString()).isEqualTo(layer.toString());
          assertThat(damage.get("consequence").asString()).startsWith("forgotten");
        });

    assertThat(server.get(path).body()).isEqualTo(content(layer));
    assertThat(server.get(path).body()).isEqualTo(content(layer));
    assertThat(downloads(layer)).isEqualTo(2);
    assertThat(quarantined()).singleElement().asString().contains(layer.hex());
    assertThat(damage()).isEmpty();
  }

  @Test
  void pushedBlob_damaged_isAnErrorUntilItIsPushedAgain() {
    server.push("team/app", image, "1");
    Digest layer = layer();
    String path = "/v2/team/app/blobs/" + layer;
    assertThat(server.get(path).body()).isEqualTo(content(layer));
    assertThat(server.head(path).statusCode()).isEqualTo(200);
    rot(layer);

    assertThat(damage())
        .singleElement()
        .satisfies(damage -> {
          assertThat(damage.get("digest").asString()).isEqualTo(layer.toString());
          assertThat(damage.get("consequence").asString()).contains("until it is pushed again");
        });

    var answer = server.get(path);
    assertThat(answer.statusCode()).isEqualTo(500);
    assertThat(new String(answer.body(), UTF_8)).contains(layer.toString(), "push it again");
    assertThat(server.head(path).statusCode()).as("a pusher has to upload it").isEqualTo(404);
    var mount =
        server.post("/v2/team/other/blobs/uploads/?from=team/app&mount=" + layer, new byte[0]);
    assertThat(mount.statusCode()).as("nobody can mount it").isEqualTo(202);
    var manifest =
        server.put(
            "/v2/team/app/manifests/2",
            image.manifest().content(),
            "Content-Type",
            image.manifest().mediaType());
    assertThat(manifest.statusCode()).as("no manifest may need it").isEqualTo(400);
    assertThat(damage()).as("a damage counts until it is mended").hasSize(1);
    restart();
    assertThat(server.get(path).statusCode()).isEqualTo(500);

    server.pushBlob("team/app", layer, content(layer));
    assertThat(server.get(path).body()).isEqualTo(content(layer));
    assertThat(server.head(path).statusCode()).isEqualTo(200);
    assertThat(damage()).isEmpty();
  }

  @Test
  void convertedBlob_damaged_isMadeAgain() {
    String tag = "/v2/docker.io/library/app/manifests/1";
    server.get(tag);
    Manifest lazy = awaitLazy(tag);
    Digest layer = lazy.view().layers().getFirst().digest();
    String path = "/v2/docker.io/library/app/blobs/" + layer;
    byte[] before = server.get(path).body();
    rot(layer);

    assertThat(damage())
        .singleElement()
        .satisfies(damage -> {
          assertThat(damage.get("digest").asString()).isEqualTo(layer.toString());
          assertThat(damage.get("consequence").asString())
              .isEqualTo("1 images are converted again");
        });

    assertThat(awaitLazy(tag).digest()).isEqualTo(lazy.digest());
    assertThat(server.get(path).body()).isEqualTo(before);
    assertThat(upstream.count("GET", ScriptedUpstream.blobPath(REPOSITORY, layer))).isZero();
    assertThat(damage()).isEmpty();
  }

  @Test
  void pushedManifest_damaged_isAnErrorUntilItIsPushedAgain() {
    server.push("team/app", image, "1");
    String path = "/v2/team/app/manifests/" + image.manifest().digest();
    restartWithRotten(image.manifest());
    assertThat(server.get(path).body()).isNotEqualTo(image.manifest().content());

    assertThat(damage())
        .anySatisfy(damage -> {
          assertThat(damage.get("kind").asString()).isEqualTo("manifest");
          assertThat(damage.get("digest").asString())
              .isEqualTo(image.manifest().digest().toString());
          assertThat(damage.get("consequence").asString()).contains("has to be pushed again");
        });

    for (String reference : List.of(image.manifest().digest().toString(), "1")) {
      var answer = server.get("/v2/team/app/manifests/" + reference);
      assertThat(answer.statusCode()).as(reference).isEqualTo(500);
      assertThat(new String(answer.body(), UTF_8)).contains("damaged");
    }
    assertThat(server.get("/v2/team/app/tags/list").statusCode()).isEqualTo(200);

    server.pushManifest("team/app", image.manifest(), "1");
    assertThat(server.get(path).body()).isEqualTo(image.manifest().content());
    assertThat(damage()).isEmpty();
  }

  @Test
  void cachedManifest_damaged_isPulledOnceMore() {
    String path = "/v2/docker.io/library/app/manifests/" + image.manifest().digest();
    server.get(path);
    restartWithRotten(image.manifest());
    assertThat(server.get(path).body()).isNotEqualTo(image.manifest().content());

    assertThat(damage())
        .anySatisfy(damage -> {
          assertThat(damage.get("kind").asString()).isEqualTo("manifest");
          assertThat(damage.get("consequence").asString()).contains("is pulled again");
        });

    assertThat(server.get(path).body()).isEqualTo(image.manifest().content());
    assertThat(damage()).isEmpty();
  }

  @Test
  void verifyCommand_ofAStoreWithoutServer_saysEachDamageOnce() throws Exception {
    server.push("team/app", image, "1");
    Digest layer = layer();
    rot(layer);
    server.close();

    var command =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                "verify",
                "--data",
                data.toString(),
                "--rate",
                "unlimited")
            .redirectErrorStream(true)
            .start();
    // Reading what it says cannot be interrupted, but ends with it.
    CompletableFuture.delayedExecutor(60, TimeUnit.SECONDS).execute(command::destroyForcibly);
    String output = new String(command.getInputStream().readAllBytes(), UTF_8);

    assertThat(command.waitFor()).as(output).isEqualTo(1);
    assertThat(output.lines().filter(line -> line.contains(layer.hex())))
        .as(output)
        .singleElement()
        .asString()
        .startsWith("damaged blob " + layer);
  }

  @Test
  void verify_parameterIsWrong_refused() {
    assertThatThrownBy(() -> server.admin("verify", Map.of("rate", "1MiB", "restart", "maybe")))
        .isInstanceOf(AdminException.Refused.class)
        .hasMessageContaining("restart");
    assertThatThrownBy(() -> server.admin("verify", Map.of("rate", "fast")))
        .isInstanceOf(AdminException.Refused.class)
        .hasMessageContaining("rate: ")
        .hasMessageContaining("fast");
  }

  @Test
  void backup_whileServing_restoredServesEverything() {
    server.push("team/app", image, "1");
    Path backup = folder.resolve("backup");

    JsonNode report = server.admin("backup", Map.of("directory", backup.toString())).getLast();

    assertThat(report.get("blobs").asLong()).isGreaterThanOrEqualTo(image.blobs().size());
    assertThatThrownBy(() -> server.admin("backup", Map.of("directory", backup.toString())))
        .isInstanceOf(AdminException.Refused.class)
        .hasMessageContaining("exists");
    assertThatThrownBy(() -> server.admin("backup", Map.of("directory", "here")))
        .isInstanceOf(AdminException.Refused.class)
        .hasMessageContaining("allowed: an absolute path");
    Path restored = folder.resolve("restored");
    OfflineStore.restore(backup, restored);
    try (var copy = TestServer.start(restored, 0)) {
      assertThat(copy.get("/v2/team/app/manifests/1").body()).isEqualTo(image.manifest().content());
      image
          .blobs()
          .forEach((digest, content) ->
              assertThat(copy.get("/v2/team/app/blobs/" + digest).body()).isEqualTo(content));
    }
  }

  private List<JsonNode> verify() {
    return server.admin("verify", Map.of("rate", "unlimited", "restart", "true"));
  }

  private List<JsonNode> damage() {
    return verify().stream()
        .filter(line -> line.has("damage"))
        .map(line -> line.get("damage"))
        .toList();
  }

  private void restart() {
    server.close();
    server = TestServer.start(data, upstream.uri(), Duration.ofHours(1));
  }

  /** Flips a bit of a manifest where the database cannot see it: before it sums up what it has. */
  private void restartWithRotten(Manifest manifest) {
    server.close();
    String metadata = data.resolve("metadata").toString();
    var families = new ArrayList<ColumnFamilyDescriptor>();
    var handles = new ArrayList<ColumnFamilyHandle>();
    try {
      try (var options = new Options()) {
        RocksDB.listColumnFamilies(options, metadata)
            .forEach(name -> families.add(new ColumnFamilyDescriptor(name)));
      }
      try (var options = new DBOptions();
          var database = RocksDB.open(options, metadata, families, handles)) {
        int rotten = 0;
        for (ColumnFamilyHandle family : handles) {
          rotten += rot(database, family, manifest.content());
          family.close();
        }
        assertThat(rotten).isEqualTo(1);
      }
    } catch (RocksDBException e) {
      throw new IllegalStateException(e);
    }
    server = TestServer.start(data, upstream.uri(), Duration.ofHours(1));
  }

  private static int rot(RocksDB database, ColumnFamilyHandle family, byte[] content)
      throws RocksDBException {
    int found = 0;
    try (RocksIterator entries = database.newIterator(family)) {
      for (entries.seekToFirst(); entries.isValid(); entries.next()) {
        if (Arrays.equals(entries.value(), content)) {
          byte[] rotten = content.clone();
          rotten[rotten.length / 2] ^= 1;
          database.put(family, entries.key(), rotten);
          found++;
        }
      }
    }
    return found;
  }

  private Digest layer() {
    return image.manifest().view().layers().getFirst().digest();
  }

  private byte[] content(Digest digest) {
    return Optional.ofNullable(image.blobs().get(digest)).orElseThrow();
  }

  private long downloads(Digest digest) {
    return upstream.count("GET", ScriptedUpstream.blobPath(REPOSITORY, digest));
  }

  private Manifest awaitLazy(String path) {
    await()
        .atMost(PATIENCE)
        .until(
            () -> server.head(path).headers().firstValue(View.HEADER).equals(Optional.of("lazy")));
    return Manifest.of(Optional.empty(), server.get(path).body());
  }

  /** Flips a bit in place, as a disk does it. */
  private void rot(Digest digest) {
    try (Stream<Path> files = Files.walk(data.resolve("blobs"))) {
      Path file = files.filter(path -> path.endsWith(digest.hex())).findFirst().orElseThrow();
      byte[] content = Files.readAllBytes(file);
      content[content.length / 2] ^= 1;
      Files.write(file, content, StandardOpenOption.WRITE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private List<String> quarantined() {
    try (Stream<Path> files = Files.list(data.resolve("quarantine"))) {
      return files.map(file -> file.getFileName().toString()).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
