package io.lighter.storage;

import io.lighter.oci.Digest;
import java.util.Optional;

/**
 * What must be true of a tag for a change to it to happen. Asked at the moment of the change, so
 * that of two writers who both saw the same tag one fails. Pure and quick: it is called on the
 * thread that writes for everybody.
 */
@FunctionalInterface
public interface TagCondition {

  /** Allows everything. */
  TagCondition NONE = _ -> true;

  /**
   * Whether the change may happen.
   *
   * @param current the manifest that the tag names now; empty if there is no such tag
   */
  boolean allows(Optional<Digest> current);
}
