package io.lighter.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lighter.server.observe.RegistryMetrics;
import io.lighter.storage.MetadataStatistics;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoreMetersTest {
  @TempDir private Path data;

  @Test
  void metrics_ofARunningServer_haveTheFiguresOfItsStore() {
    try (var server = TestServer.start(data, 0)) {
      server.push("team/app", TestImage.random(1), "1");

      assertThat(server.metric("lighter_rocksdb_keys")).isPositive();
      assertThat(server.metric("lighter_rocksdb_wal_bytes")).isPositive();
      assertThat(server.metric("lighter_rocksdb_cache_capacity_bytes")).isEqualTo(16 << 20);
      assertThat(server.metric("lighter_rocksdb_writes_failing")).isZero();
      assertThat(server.metric("lighter_rocksdb_background_errors_total")).isZero();
    }
  }

  @Test
  void metrics_whileTheStoreCannotBeRead_areNotANumberButCountersStay() {
    var open = new AtomicBoolean(true);
    try (var metrics = new RegistryMetrics()) {
      StoreMeters.watch(
          new MetadataStatistics() {
            @Override
            public Optional<Figures> figures() {
              return open.get() ? Optional.of(counting(7, 3)) : Optional.empty();
            }

            @Override
            public Optional<String> report() {
              return Optional.empty();
            }
          },
          metrics);
      assertThat(metrics.scrape().lines())
          .contains("lighter_rocksdb_keys 7.0", "lighter_rocksdb_background_errors_total 3.0");

      open.set(false);

      await().until(() -> metrics.scrape().contains("lighter_rocksdb_keys NaN"));
      assertThat(metrics.scrape().lines()).contains("lighter_rocksdb_background_errors_total 3.0");
    }
  }

  private static MetadataStatistics.Figures counting(long keys, long errors) {
    return new MetadataStatistics.Figures(
        keys, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, errors, 0, false, false, 0);
  }
}
