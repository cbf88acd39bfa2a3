package io.lighter.storage;

import io.lighter.oci.RepositoryName;
import io.lighter.oci.Tag;
import java.util.Map;
import java.util.Optional;

/**
 * Lists of files that the starts of images read, as operators have set them for repositories and
 * for tags of them. The text of a list means nothing here.
 *
 * <p>A list stays until it is removed, whatever becomes of the images: it is a setting, and holds
 * for what the tag names next as well. Thread-safe and blocking; changes are durable when they
 * return.
 */
public interface PrefetchListStore {

  /**
   * Sets a list, in the place of one that is there.
   *
   * @param tag whose images it is for; empty for those of the repository that have no other
   */
  void put(RepositoryName repository, Optional<Tag> tag, String text);

  /** The list that was set for this tag, or for the repository as a whole. */
  Optional<String> find(RepositoryName repository, Optional<Tag> tag);

  /** All lists that were set for tags of a repository, in the order of the tags. */
  Map<Tag, String> ofTags(RepositoryName repository);

  /** Forgets a list. Returns whether there was one. */
  boolean remove(RepositoryName repository, Optional<Tag> tag);
}
