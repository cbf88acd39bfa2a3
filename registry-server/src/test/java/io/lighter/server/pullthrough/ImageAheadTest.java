package io.lighter.server.pullthrough;

import static org.assertj.core.api.Assertions.assertThat;

import io.lighter.conversion.EStargz;
import io.lighter.conversion.Footer;
import io.lighter.oci.Digest;
import io.lighter.oci.Manifest;
import io.lighter.oci.MediaTypes;
import io.lighter.oci.RepositoryName;
import io.lighter.oci.Tag;
import io.lighter.server.limit.Places;
import io.lighter.server.upstream.CountingObserver;
import io.lighter.server.upstream.Images;
import io.lighter.server.upstream.MapMetadataStore;
import io.lighter.server.upstream.MirroredRepository;
import io.lighter.server.upstream.ScriptedUpstream;
import io.lighter.server.upstream.ScriptedUpstream.Step;
import io.lighter.server.upstream.UpstreamRegistry;
import io.lighter.storage.BlobSource;
import io.lighter.storage.Extent;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ImageAheadTest {
  private static final int SIZE = 40_000_001;
  private static final int TOC = 39_000_003;
  private static final int K = 1024;

  private final byte[] layer = Images.random(SIZE, 2);
  private final ScriptedUpstream server = ScriptedUpstream.start();
  private final UpstreamRegistry registry =
      new UpstreamRegistry(
          server.settings("up.example"), Clock.systemUTC(), new CountingObserver());
  private final MirroredRepository app =
      new MirroredRepository(registry, RepositoryName.parse("team/app"));
  private final WatchedBlobStore blobs;
  private final FetchTable fetches;
  private final PullThrough pullThrough;
  private final String path;
  private final Digest digest;

  ImageAheadTest(@TempDir Path directory) {
    byte[] footer = new Footer(TOC).bytes();
    System.arraycopy(footer, 0, layer, SIZE - footer.length, footer.length);
    digest = server.blob("team/app", layer);
    path = ScriptedUpstream.blobPath("team/app", digest);
    blobs = new WatchedBlobStore(directory);
    fetches =
        new FetchTable(
            blobs, new CountingObserver(), new Places("downloads", new Places.Caps(1000, 0, 0)));
    pullThrough =
        new PullThrough(
            blobs,
            new MapMetadataStore(),
            fetches,
            Clock.systemUTC(),
            new CountingObserver(),
            () -> {});
  }

  @AfterEach
  void close() {
    fetches.close();
    registry.close();
    server.close();
    Awaitility.await().until(() -> blobs.openSources() == 0);
    blobs.close();
  }

  @Test
  void pulledManifest_ofALazyImage_bringsBeginFooterAndTocOfItsLayers() {
    pullThrough.manifest(app, manifest(EStargz.TOC_DIGEST_ANNOTATION).digest());
    long expected = 32 * K + (SIZE - TOC / (4 * K) * (4 * K));
    Awaitility.await().until(() -> server.bytes(path) >= expected);

    long asked = server.count("GET", path);
    try (var source = (BlobSource.Growing) pullThrough.open(app, digest)) {
      source.prepare(List.of(new Extent(TOC, SIZE)), Duration.ofSeconds(3));
      var bytes = ByteBuffer.allocate(SIZE - TOC);
      while (bytes.hasRemaining()) {
        source.read(bytes, TOC + bytes.position());
      }
      assertThat(bytes.flip()).isEqualTo(ByteBuffer.wrap(layer, TOC, SIZE - TOC));
    }
    assertThat(server.count("GET", path)).as("no more are needed to mount it").isEqualTo(asked);
    assertThat(server.bytes(path)).isEqualTo(expected);
  }

  @Test
  void pulledManifest_ofAnotherImage_bringsNothingOfItsLayers() {
    pullThrough.manifest(app, manifest("org.example.note").digest());
    pullThrough.tag(app, Tag.parse("latest"));

    assertThat(server.requests()).noneMatch(request -> request.path().equals(path));
  }

  @Test
  void pulledManifest_configurationAndSmallLayers_areFetched() {
    Digest small = server.blob("team/app", Images.random(100_000, 3));
    server.blob("team/app", new byte[] {'{', '}'});
    Manifest manifest = server.manifest("team/app", "small", Images.json("small", small, 100_000));
    pullThrough.manifest(app, manifest.digest());

    Digest config = manifest.view().config().orElseThrow().digest();
    Awaitility.await().until(() -> blobs.stat(small).isPresent() && blobs.stat(config).isPresent());
  }

  @Test
  void openedLayer_ofAnImageOfLargeOnes_bringsTheOthers() {
    Digest first = server.blob("team/app", Images.random(2_000_000, 4));
    Digest second = server.blob("team/app", Images.random(3_000_000, 5));
    String json =
        Images.json("large", first, 2_000_000)
            .replace(
                "]",
                ",{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":3000000}]"
                    .formatted(MediaTypes.OCI_LAYER_GZIP, second));
    pullThrough.manifest(app, server.manifest("team/app", "large", json).digest());
    String secondPath = ScriptedUpstream.blobPath("team/app", second);
    assertThat(server.count("GET", secondPath)).isZero();

    try (var source = pullThrough.open(app, first)) {
      source.read(ByteBuffer.allocate(1000), 0);
      Awaitility.await().until(() -> blobs.stat(second).isPresent());
    }
    assertThat(server.bytes(secondPath)).isEqualTo(3_000_000);
  }

  @Test
  void pulledManifest_layersThatUpstreamDoesNotGive_isAnsweredAllTheSame() {
    server.always(path, new Step.Status(500, Map.of()));
    Manifest manifest = manifest(EStargz.TOC_DIGEST_ANNOTATION);

    assertThat(pullThrough.manifest(app, manifest.digest()).digest()).isEqualTo(manifest.digest());
    Awaitility.await().until(() -> server.count("GET", path) > 0);
  }

  private Manifest manifest(String annotation) {
    String json = Images.json("lazy", digest, SIZE);
    return server.manifest(
        "team/app",
        "latest",
        json.replace(
            "\"size\":" + SIZE,
            "\"size\":%d,\"annotations\":{\"%s\":\"sha256:%064d\"}"
                .formatted(SIZE, annotation, 0)));
  }
}
