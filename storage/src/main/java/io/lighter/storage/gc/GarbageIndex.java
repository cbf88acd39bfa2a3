package io.lighter.storage.gc;

import io.lighter.oci.Digest;
import java.util.List;
import java.util.function.Consumer;

/**
 * The metadata as garbage collection sees it. Content is kept by what names it and by leases:
 *
 * <ul>
 *   <li>a manifest by a tag, an index that is kept, a subject that is kept (it is its referrer), an
 *       original that is kept (it is its lazy view), a pending conversion of it, or a lease;
 *   <li>the link of a blob by a manifest of the same repository that is kept, or a lease;
 *   <li>the result of a conversion by a link to the layer that was converted, in any repository,
 *       together with a link to what it became, a pending conversion in a repository that has the
 *       layer, or because the bytes were stored less than a grace period ago;
 *   <li>the bytes of a blob by a link in any repository, the result of a conversion, or because
 *       they were stored less than a grace period ago.
 * </ul>
 *
 * <p>Thread-safe and blocking. Scans read pages, see changes that happen meanwhile or not, and are
 * therefore only proposals: {@link #remove} decides.
 */
public interface GarbageIndex {

  /** What scans look for, in the order in which it has to be removed. */
  enum Kind {
    MANIFEST,
    LAZY_VIEW,
    LINK,
    CONVERSION,
    BLOB
  }

  /** Writes the leases that are only in memory. */
  void writeLeases();

  /** Forgets leases that have ended. */
  void dropEndedLeases(KeepTimes times);

  /**
   * Finds garbage of one kind.
   *
   * @param ahead whether to count what other garbage keeps as garbage already, as if that had been
   *     removed: what a dry run wants to know
   */
  void scan(Kind kind, KeepTimes times, boolean ahead, Consumer<Garbage> found);

  /**
   * Removes what is garbage still, each decided at the moment of its removal, so that a push, a
   * mount or a lease that came before wins. A blob is doomed by that: nobody can link it any more,
   * and its bytes are to be removed next.
   *
   * @param removed called when the removal is visible and before anybody who asked for any of it
   *     meanwhile gets an answer; to withdraw what is remembered of it elsewhere
   * @return what was removed
   */
  List<Garbage> remove(List<Garbage> candidates, KeepTimes times, Runnable removed);

  /**
   * Dooms a blob that the index does not list.
   *
   * @return false if it does list it
   */
  boolean doomUnlisted(Digest digest, long bytes);

  /** Blobs that were doomed and whose bytes were not removed yet, at most as many as given. */
  List<Garbage.Blob> doomed(int limit);
}
