package io.lighter.server.observe;

import com.sun.management.ThreadMXBean;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.util.concurrent.TimeUnit;

/**
 * What the JVM's collectors did, asked of them when somebody reads it. Micrometer's own binder has
 * the JVM tell it of each collection instead, and that takes a thread 0.6 ms each time: half as
 * long again as the collection, out of the time of requests.
 */
final class CollectorMetrics implements MeterBinder {
  @Override
  public void bindTo(MeterRegistry meters) {
    for (GarbageCollectorMXBean collector : ManagementFactory.getGarbageCollectorMXBeans()) {
      FunctionTimer.builder(
              "jvm.gc.pause",
              collector,
              GarbageCollectorMXBean::getCollectionCount,
              GarbageCollectorMXBean::getCollectionTime,
              TimeUnit.MILLISECONDS)
          .description("Collections of the heap, and how long the JVM stood still for them")
          .tag("gc", collector.getName())
          .register(meters);
    }
    if (ManagementFactory.getThreadMXBean() instanceof ThreadMXBean threads) {
      FunctionCounter.builder(
              "jvm.gc.memory.allocated", threads, ThreadMXBean::getTotalThreadAllocatedBytes)
          .description("Bytes of the heap that threads have asked for")
          .baseUnit("bytes")
          .register(meters);
    }
  }
}
