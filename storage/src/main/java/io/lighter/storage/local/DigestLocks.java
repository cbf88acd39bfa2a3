package io.lighter.storage.local;

import io.lighter.oci.Digest;
import java.util.List;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.IntStream;

/** A lock for every digest. Some digests share one, so nobody may hold two. */
final class DigestLocks {
  private static final int STRIPES = 256;

  private final List<Lock> stripes =
      IntStream.range(0, STRIPES).<Lock>mapToObj(_ -> new ReentrantLock()).toList();

  Lock of(Digest digest) {
    return stripes.get(Math.floorMod(digest.hashCode(), STRIPES));
  }
}
