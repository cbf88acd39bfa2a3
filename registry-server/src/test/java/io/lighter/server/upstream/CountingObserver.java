package io.lighter.server.upstream;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/** Counts what it is told. */
public final class CountingObserver implements UpstreamObserver {
  public final Map<String, AtomicInteger> requests = new ConcurrentHashMap<>();
  public final LongAdder bytes = new LongAdder();
  public final List<StaleReason> stale = new CopyOnWriteArrayList<>();
  public final AtomicInteger fromMemory = new AtomicInteger();
  public final AtomicLong pullsLeft = new AtomicLong(-1);
  public final AtomicInteger joins = new AtomicInteger();
  public final AtomicInteger complete = new AtomicInteger();
  public final AtomicInteger givenUp = new AtomicInteger();

  public int requests(Operation operation, Outcome outcome) {
    AtomicInteger count = requests.get(operation + " " + outcome);
    return count == null ? 0 : count.get();
  }

  @Override
  public void requested(String upstream, Operation operation, Outcome outcome) {
    requests.computeIfAbsent(operation + " " + outcome, _ -> new AtomicInteger()).incrementAndGet();
  }

  @Override
  public void received(String upstream, long count) {
    bytes.add(count);
  }

  @Override
  public void answeredStale(String upstream, StaleReason reason) {
    stale.add(reason);
  }

  @Override
  public void refusedFromMemory(String upstream) {
    fromMemory.incrementAndGet();
  }

  @Override
  public void pullsLeft(String upstream, long count) {
    pullsLeft.set(count);
  }

  @Override
  public void joined(String upstream) {
    joins.incrementAndGet();
  }

  @Override
  public void fetched(String upstream, boolean whole) {
    (whole ? complete : givenUp).incrementAndGet();
  }
}
