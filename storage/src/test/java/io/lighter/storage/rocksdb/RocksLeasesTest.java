package io.lighter.storage.rocksdb;

import static io.lighter.storage.Fixtures.digest;
import static org.assertj.core.api.Assertions.assertThat;

import io.lighter.oci.RepositoryName;
import io.lighter.storage.Leases;
import io.lighter.storage.OpenStores;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RocksLeasesTest {
  private static final RepositoryName REPOSITORY = new RepositoryName("team/app");

  @TempDir Path root;

  /** Garbage collection and eviction may be after the same thing. */
  @Test
  void tryKeep_condemnedTwice_isToldSoUntilBothRemovalsAreOver() {
    try (var database = RocksDatabase.open(root, OpenStores.MEMORY);
        var writer = new MetadataWriter(database)) {
      var leases =
          new RocksLeases(database, writer, Clock.systemUTC(), OpenStores.LEASE_GRANULARITY);
      var victims = Set.of(new RocksLeases.Key(REPOSITORY, digest(1)));

      leases.condemning(
          victims,
          _ -> true,
          () -> {
            leases.condemning(victims, _ -> true, () -> {});
            assertThat(leases.tryKeep(REPOSITORY, digest(1), Leases.Use.READ)).isFalse();
          });

      assertThat(leases.tryKeep(REPOSITORY, digest(1), Leases.Use.READ)).isTrue();
    }
  }
}
