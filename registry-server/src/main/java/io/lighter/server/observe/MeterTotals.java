package io.lighter.server.observe;

import io.micrometer.core.instrument.Measurement;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Statistic;
import java.util.Collection;
import java.util.stream.StreamSupport;

/** Sums of what meters have counted, for whoever shows a figure and is no metrics store. */
final class MeterTotals {
  private MeterTotals() {}

  /** How often timers were used, and what counters have come to; other meters count nothing. */
  static double of(Collection<Meter> meters) {
    return meters.stream()
        .flatMap(meter -> StreamSupport.stream(meter.measure().spliterator(), false))
        .filter(one -> one.getStatistic() == Statistic.COUNT)
        .mapToDouble(Measurement::getValue)
        .sum();
  }
}
