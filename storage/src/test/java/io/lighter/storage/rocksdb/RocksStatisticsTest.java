package io.lighter.storage.rocksdb;

import static io.lighter.storage.Fixtures.digest;
import static org.assertj.core.api.Assertions.assertThat;

import io.lighter.storage.BlobInfo;
import io.lighter.storage.MetadataStatistics;
import io.lighter.storage.MetadataStatistics.Figures;
import io.lighter.storage.OpenStores;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RocksStatisticsTest {
  @TempDir Path directory;

  @Test
  void figures_ofWrittenKeys_areOfMemoryAndLog_andAfterAnOpeningOfTables() {
    try (var stores = OpenStores.rocks(directory)) {
      Figures empty = stores.statistics().figures().orElseThrow();
      for (int i = 0; i < 100; i++) {
        stores.blobIndex().add(new BlobInfo(digest(i), i));
      }

      Figures filled = stores.statistics().figures().orElseThrow();
      assertThat(filled.keys()).isGreaterThanOrEqualTo(empty.keys() + 100);
      assertThat(filled.log()).isGreaterThan(empty.log());
      assertThat(filled.memtables()).isPositive();
      assertThat(filled.cache()).isBetween(1L, OpenStores.MEMORY);
      assertThat(filled.cacheCapacity()).isEqualTo(OpenStores.MEMORY);
      assertThat(filled.backgroundErrors()).isZero();
      assertThat(filled.writesStopped()).isFalse();
      assertThat(filled.writesFailing()).isFalse();
    }
    // The opening replays the log into tables.
    try (var stores = OpenStores.rocks(directory)) {
      assertThat(stores.statistics().figures().orElseThrow().tables()).isPositive();
    }
  }

  @Test
  void report_namesEveryFamily() {
    try (var stores = OpenStores.rocks(directory)) {
      assertThat(stores.statistics().report().orElseThrow())
          .contains("blobs ", "lazy-views ", "verification ", "DB Stats");
    }
  }

  @Test
  void figuresAndReport_afterClose_empty() {
    var stores = OpenStores.rocks(directory);
    MetadataStatistics statistics = stores.statistics();
    stores.close();

    assertThat(statistics.figures()).isEmpty();
    assertThat(statistics.report()).isEmpty();
  }
}
