package io.lighter.storage.gc;

import io.lighter.oci.Digest;
import io.lighter.oci.Manifest;
import io.lighter.storage.BlobInfo;
import io.lighter.storage.Fixtures;
import io.lighter.storage.RepositoryKind;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/**
 * A program that pulls images without end and evicts those before them, until it is killed. It
 * pushes one now and then, and prints its tag when it is durable.
 */
public final class EvictingPuller {
  static final long CAPACITY = 400_000;
  private static final int LAYER = 20_000;
  private static final int PUSH_EVERY = 5;

  private EvictingPuller() {}

  /**
   * Pulls until killed.
   *
   * @param args the store's directory, and the first number
   */
  public static void main(String[] args) {
    var harbour = new Harbour(Path.of(args[0]));
    int first = Integer.parseInt(args[1]);
    // Time goes on from process to process, as it does from image to image.
    harbour.clock.advance(Duration.ofMinutes(first));
    var evictor =
        new Evictor(
            harbour.stores().rocks().eviction(),
            harbour.garbage(),
            harbour.files(),
            new Cache.Disk(),
            new CacheLimits(CAPACITY, 0, 0, Duration.ofDays(7)),
            Harbour.TIMES,
            1_000_000,
            harbour.clock,
            () -> {});
    Thread.ofPlatform()
        .start(() -> {
          while (true) {
            var _ = evictor.run(_ -> {});
            LockSupport.parkNanos(1_000_000);
          }
        });
    for (int number = first; ; number++) {
      pull(harbour, number);
      if (number % PUSH_EVERY == 0) {
        push(harbour, number);
      }
      harbour.clock.advance(Evictor.QUIET.plusSeconds(1));
      System.out.println("v" + number);
      System.out.flush();
    }
  }

  /** As a pull does it: first the manifest, which links its blobs, then the bytes. */
  private static void pull(Harbour harbour, int number) {
    byte[] layer = Fixtures.bytes(number, LAYER);
    byte[] config = Fixtures.bytes(-number - 1, 100);
    Manifest image = harbour.image(info(config), List.of(info(layer)), Optional.empty());
    harbour
        .metadata()
        .putManifest(harbour.putting(Harbour.MIRROR, image, RepositoryKind.MIRRORED, "v" + number));
    Fixtures.commit(harbour.stores().blobs(), config);
    Fixtures.commit(harbour.stores().blobs(), layer);
  }

  private static BlobInfo info(byte[] content) {
    return new BlobInfo(Digest.ofSha256(content), content.length);
  }

  /** Pushes what was just pulled, as somebody does who retags an image. */
  private static void push(Harbour harbour, int number) {
    BlobInfo layer = Fixtures.commit(harbour.stores().blobs(), Fixtures.bytes(number, LAYER));
    harbour.metadata().linkBlob(Harbour.APP, RepositoryKind.HOSTED, layer);
    BlobInfo config = Fixtures.commit(harbour.stores().blobs(), Fixtures.bytes(-number - 1, 100));
    harbour.metadata().linkBlob(Harbour.APP, RepositoryKind.HOSTED, config);
    harbour.put(Harbour.APP, harbour.image(config, List.of(layer), Optional.empty()), "v" + number);
  }
}
