package io.lighter.server.pullthrough;

import static org.assertj.core.api.Assertions.assertThat;

import io.lighter.oci.Digest;
import io.lighter.oci.RepositoryName;
import io.lighter.server.limit.Places;
import io.lighter.server.upstream.CountingObserver;
import io.lighter.server.upstream.Images;
import io.lighter.server.upstream.MapMetadataStore;
import io.lighter.server.upstream.MirroredRepository;
import io.lighter.server.upstream.ScriptedUpstream;
import io.lighter.server.upstream.UpstreamRegistry;
import io.lighter.storage.BlobInfo;
import io.lighter.storage.BlobSource;
import io.lighter.storage.Extent;
import io.lighter.storage.RepositoryKind;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;

/**
 * A blob that upstream has, that a manifest named, and of which no byte is here; with the
 * pull-through that fetches it, and all that this is made of. Closing it fails if a source or a
 * partial blob was left open.
 */
final class ColdBlob implements AutoCloseable {
  static final int SIZE = 3_000_001;

  final byte[] content;
  final Digest digest;

  /** Where upstream has it. */
  final String path;

  final ScriptedUpstream server = ScriptedUpstream.start();
  final CountingObserver observer = new CountingObserver();
  final MapMetadataStore metadata = new MapMetadataStore();
  final UpstreamRegistry registry =
      new UpstreamRegistry(server.settings("up.example"), Clock.systemUTC(), observer);
  final MirroredRepository app = new MirroredRepository(registry, RepositoryName.parse("team/app"));
  final WatchedBlobStore blobs;
  final FetchTable fetches;
  final PullThrough pullThrough;

  ColdBlob(Path directory) {
    this(directory, SIZE);
  }

  ColdBlob(Path directory, int size) {
    content = Images.random(size, 1);
    digest = Digest.ofSha256(content);
    path = ScriptedUpstream.blobPath("team/app", digest);
    blobs = new WatchedBlobStore(directory);
    fetches = new FetchTable(blobs, observer, new Places("downloads", new Places.Caps(1000, 0, 0)));
    pullThrough = new PullThrough(blobs, metadata, fetches, Clock.systemUTC(), observer, () -> {});
    server.blob("team/app", content);
    // As a manifest that was pulled does.
    metadata.linkBlob(app.local(), RepositoryKind.MIRRORED, new BlobInfo(digest, size));
  }

  /** Opens it as a client of the repository that the manifest is in. */
  BlobSource open() {
    return pullThrough.open(app, digest);
  }

  /** Waits until these bytes of a source can be read; hands back which. */
  static Extent prepare(BlobSource source, Extent wanted) {
    ((BlobSource.Growing) source).prepare(List.of(wanted), Duration.ofSeconds(30));
    return wanted;
  }

  /** So many bytes of a source, in pieces; fails if there is nothing to read before the last. */
  static byte[] read(BlobSource source, long from, int count) {
    var body = new ByteArrayOutputStream(count);
    var buffer = ByteBuffer.allocate(48 * 1024);
    while (body.size() < count) {
      buffer.clear().limit(Math.min(buffer.capacity(), count - body.size()));
      int read = source.read(buffer, from + body.size());
      assertThat(read).isPositive().isEqualTo(buffer.position());
      body.write(buffer.array(), 0, read);
    }
    return body.toByteArray();
  }

  @Override
  public void close() {
    fetches.close();
    registry.close();
    server.close();
    assertThat(blobs.openSources()).as("sources left open").isZero();
    assertThat(blobs.openPartials()).as("partial blobs left open").isZero();
    blobs.close();
  }
}
