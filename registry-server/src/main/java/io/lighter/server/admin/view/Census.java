package io.lighter.server.admin.view;

import io.lighter.oci.RepositoryName;
import io.lighter.oci.Tag;
import io.lighter.storage.ConversionStore;
import io.lighter.storage.MetadataStore;
import io.lighter.storage.TagRecord;
import java.util.List;
import java.util.Optional;

/**
 * How many images there are.
 *
 * @param repositories that were looked at
 * @param tags in them
 * @param lazy tags whose image has a lazy view
 * @param complete false if there are more, which were not looked at
 */
record Census(long repositories, long tags, long lazy, boolean complete) {
  /** It takes some ten microseconds for each. */
  private static final int MOST_TAGS = 20_000;

  private static final int PAGE = 500;

  static Census take(MetadataStore metadata, ConversionStore conversions) {
    var counting = new Counting(metadata, conversions);
    List<RepositoryName> page = metadata.repositories("", PAGE);
    while (!page.isEmpty()) {
      for (RepositoryName repository : page) {
        if (!counting.add(repository)) {
          return counting.result(false);
        }
      }
      page = metadata.repositories(page.getLast().value(), PAGE);
    }
    return counting.result(true);
  }

  private static final class Counting {
    private final MetadataStore metadata;
    private final ConversionStore conversions;
    private long repositories;
    private long tags;
    private long lazy;

    Counting(MetadataStore metadata, ConversionStore conversions) {
      this.metadata = metadata;
      this.conversions = conversions;
    }

    /** Whether there is room for more. */
    boolean add(RepositoryName repository) {
      repositories++;
      List<Tag> page = metadata.tags(repository, "", PAGE);
      while (!page.isEmpty()) {
        for (Tag tag : page) {
          tags++;
          Optional<TagRecord> record = metadata.tag(repository, tag);
          if (record.flatMap(to -> conversions.lazyView(repository, to.digest())).isPresent()) {
            lazy++;
          }
        }
        if (tags + repositories >= MOST_TAGS) {
          return false;
        }
        page = metadata.tags(repository, page.getLast().value(), PAGE);
      }
      return true;
    }

    Census result(boolean complete) {
      return new Census(repositories, tags, lazy, complete);
    }
  }
}
