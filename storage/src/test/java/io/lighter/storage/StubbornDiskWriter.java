package io.lighter.storage;

import static io.lighter.storage.Fixtures.image;
import static io.lighter.storage.Fixtures.put;

import io.lighter.oci.RepositoryName;
import java.nio.file.Path;

/** A program that stores manifests until it is killed, and prints what became of each. */
public final class StubbornDiskWriter {
  static final RepositoryName REPOSITORY = new RepositoryName("stubborn/disk");

  private StubbornDiskWriter() {}

  /**
   * Stores until killed.
   *
   * @param args the store's directory
   */
  public static void main(String[] args) {
    var stores = new OpenStores(Path.of(args[0]));
    MetadataStore metadata = stores.rocks().metadata();
    for (int number = 0; ; number++) {
      try {
        metadata.putManifest(put(REPOSITORY, image(number), "v" + number));
        System.out.println("stored " + number);
      } catch (StorageException e) {
        System.out.println("refused " + e.getClass().getSimpleName());
      }
      if (metadata.manifest(REPOSITORY, image(0).digest()).isEmpty()) {
        System.out.println("unreadable");
      }
      System.out.flush();
    }
  }
}
