package io.lighter.storage.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;

import io.lighter.oci.RepositoryName;
import io.lighter.oci.Tag;
import io.lighter.storage.OpenStores;
import io.lighter.storage.PrefetchListStore;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RocksPrefetchListsTest {
  private static final RepositoryName APP = RepositoryName.parse("team/app");
  private static final RepositoryName LONGER = RepositoryName.parse("team/app2");
  private static final Tag ONE = new Tag("1");
  private static final Tag TWO = new Tag("2");

  @TempDir private Path directory;
  private RocksStores stores;
  private PrefetchListStore lists;

  @BeforeEach
  void open() {
    stores = OpenStores.rocks(directory);
    lists = stores.prefetchLists();
  }

  @AfterEach
  void close() {
    stores.close();
  }

  @Test
  void put_ofTagsAndTheRepository_areKeptApartAndOverARestart() {
    lists.put(APP, Optional.of(TWO), "two");
    lists.put(APP, Optional.of(ONE), "one");
    lists.put(APP, Optional.empty(), "all");
    lists.put(LONGER, Optional.of(ONE), "other");
    close();
    open();

    assertThat(lists.find(APP, Optional.of(ONE))).contains("one");
    assertThat(lists.find(APP, Optional.empty())).contains("all");
    assertThat(lists.find(LONGER, Optional.empty())).isEmpty();
    assertThat(lists.ofTags(APP)).containsExactly(Map.entry(ONE, "one"), Map.entry(TWO, "two"));
  }

  @Test
  void put_again_replaces() {
    lists.put(APP, Optional.empty(), "a");
    lists.put(APP, Optional.empty(), "é".repeat(100_000));
    assertThat(lists.find(APP, Optional.empty())).contains("é".repeat(100_000));
  }

  @Test
  void remove_once() {
    lists.put(APP, Optional.of(ONE), "one");
    lists.put(APP, Optional.empty(), "all");

    assertThat(lists.remove(APP, Optional.of(ONE))).isTrue();
    assertThat(lists.remove(APP, Optional.of(ONE))).isFalse();
    assertThat(lists.find(APP, Optional.of(ONE))).isEmpty();
    assertThat(lists.find(APP, Optional.empty())).contains("all");
  }
}
