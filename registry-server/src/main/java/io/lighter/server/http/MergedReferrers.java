package io.lighter.server.http;

import io.lighter.oci.Descriptor;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.List;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * What is stored and what upstream lists, in order of the digests and each once. For one thread;
 * blocks as the walk along what is stored does.
 */
final class MergedReferrers implements Iterator<Descriptor> {
  private final Iterator<Descriptor> stored;
  private final Queue<Descriptor> upstream;
  private @Nullable Descriptor ahead;

  /** Both in order of their digests. */
  MergedReferrers(Iterator<Descriptor> stored, List<Descriptor> upstream) {
    this.stored = stored;
    this.upstream = new ArrayDeque<>(upstream);
  }

  @Override
  public boolean hasNext() {
    return nextStored() != null || !upstream.isEmpty();
  }

  @Override
  public Descriptor next() {
    Descriptor here = nextStored();
    Descriptor there = upstream.peek();
    if (here == null) {
      return upstream.remove(); // Throws if that was all.
    }
    int order = there == null ? -1 : compare(here, there);
    if (order > 0) {
      return upstream.remove();
    }
    if (order == 0) {
      upstream.remove();
    }
    ahead = null;
    return here;
  }

  private @Nullable Descriptor nextStored() {
    if (ahead == null && stored.hasNext()) {
      ahead = stored.next();
    }
    return ahead;
  }

  private static int compare(Descriptor a, Descriptor b) {
    return a.digest().toString().compareTo(b.digest().toString());
  }
}
