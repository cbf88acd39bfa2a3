package io.lighter.storage.rocksdb;

import io.lighter.oci.RepositoryName;
import io.lighter.oci.Tag;
import io.lighter.storage.PrefetchListStore;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Prefetch lists in RocksDB. */
final class RocksPrefetchLists implements PrefetchListStore {
  private final RocksDatabase database;
  private final MetadataWriter writer;

  RocksPrefetchLists(RocksDatabase database, MetadataWriter writer) {
    this.database = database;
    this.writer = writer;
  }

  @Override
  public void put(RepositoryName repository, Optional<Tag> tag, String text) {
    writer.run(changes ->
        changes.put(
            Family.PREFETCH_LISTS, Keys.prefetchList(repository, tag), Records.prefetchList(text)));
  }

  @Override
  public Optional<String> find(RepositoryName repository, Optional<Tag> tag) {
    return database
        .get(Family.PREFETCH_LISTS, Keys.prefetchList(repository, tag))
        .map(Records::prefetchList);
  }

  @Override
  public Map<Tag, String> ofTags(RepositoryName repository) {
    byte[] prefix = Keys.prefetchLists(repository);
    var lists = new LinkedHashMap<Tag, String>();
    for (var entry : database.scan(Family.PREFETCH_LISTS, prefix)) {
      String tag = Keys.textAfter(prefix, entry.key());
      if (!tag.isEmpty()) {
        lists.put(new Tag(tag), Records.prefetchList(entry.value()));
      }
    }
    return lists;
  }

  @Override
  public boolean remove(RepositoryName repository, Optional<Tag> tag) {
    byte[] key = Keys.prefetchList(repository, tag);
    return writer.apply(changes -> {
      boolean present = changes.has(Family.PREFETCH_LISTS, key);
      if (present) {
        changes.delete(Family.PREFETCH_LISTS, key);
      }
      return present;
    });
  }
}
