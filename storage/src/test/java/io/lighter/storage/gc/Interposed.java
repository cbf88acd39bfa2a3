package io.lighter.storage.gc;

import io.lighter.oci.Digest;
import io.lighter.storage.UploadId;
import java.util.List;
import java.util.function.Consumer;

/**
 * An index and its files that let a test act between two steps of a collection.
 *
 * @param index what is asked
 * @param files what is asked
 * @param beforeRemoval sees what a scan found, before any of it is removed
 * @param beforeBytes sees a doomed blob before its file is removed
 */
record Interposed(
    GarbageIndex index,
    GarbageFiles files,
    Consumer<Garbage> beforeRemoval,
    Consumer<Digest> beforeBytes)
    implements GarbageIndex, GarbageFiles {

  @Override
  public void writeLeases() {
    index.writeLeases();
  }

  @Override
  public void dropEndedLeases(KeepTimes times) {
    index.dropEndedLeases(times);
  }

  @Override
  public void scan(Kind kind, KeepTimes times, boolean ahead, Consumer<Garbage> found) {
    index.scan(kind, times, ahead, found);
  }

  @Override
  public List<Garbage> remove(List<Garbage> candidates, KeepTimes times, Runnable removed) {
    candidates.forEach(beforeRemoval);
    return index.remove(candidates, times, removed);
  }

  @Override
  public boolean doomUnlisted(Digest digest, long bytes) {
    return index.doomUnlisted(digest, bytes);
  }

  @Override
  public List<Garbage.Blob> doomed(int limit) {
    return index.doomed(limit);
  }

  @Override
  public boolean removeDoomed(Digest digest) {
    beforeBytes.accept(digest);
    return files.removeDoomed(digest);
  }

  @Override
  public void removeUpload(UploadId id) {
    files.removeUpload(id);
  }

  @Override
  public void walk(Visitor visitor) {
    files.walk(visitor);
  }
}
