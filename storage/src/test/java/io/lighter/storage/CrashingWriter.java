package io.lighter.storage;

import static io.lighter.storage.Fixtures.bytes;
import static io.lighter.storage.Fixtures.image;
import static io.lighter.storage.Fixtures.put;

import io.lighter.oci.RepositoryName;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A program that stores without end until it is killed, and prints the number of every step after
 * it is durable. The number says what was stored, so that somebody else can look for it.
 */
public final class CrashingWriter {
  static final RepositoryName REPOSITORY = new RepositoryName("crash/test");
  private static final int THREADS = 4;

  private CrashingWriter() {}

  /**
   * Stores until killed.
   *
   * @param args the store's directory, and the first number
   */
  public static void main(String[] args) {
    var stores = new OpenStores(Path.of(args[0]));
    var next = new AtomicInteger(Integer.parseInt(args[1]));
    for (int i = 0; i < THREADS; i++) {
      Thread.ofPlatform()
          .start(() -> {
            while (true) {
              int number = next.getAndIncrement();
              store(stores, number);
              synchronized (System.out) {
                System.out.println(number);
                System.out.flush();
              }
            }
          });
    }
  }

  /** A blob, a link to it, a manifest with a tag, and an upload that is never finished. */
  private static void store(OpenStores stores, int number) {
    var metadata = stores.rocks().metadata();
    metadata.linkBlob(
        REPOSITORY, RepositoryKind.HOSTED, Fixtures.commit(stores.blobs(), content(number)));
    metadata.putManifest(put(REPOSITORY, image(number), tag(number)));
    try (var upload = stores.blobs().newUpload(UploadId.random())) {
      upload.append(ByteBuffer.wrap(content(number)));
    }
  }

  static byte[] content(int number) {
    return bytes(number, 1000 + (number % 50) * 5000);
  }

  static String tag(int number) {
    return "v" + number;
  }
}
