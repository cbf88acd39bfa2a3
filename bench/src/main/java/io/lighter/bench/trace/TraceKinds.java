package io.lighter.bench.trace;

import io.lighter.bench.plan.Kind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the client wanted with each request of a trace, as far as its ranges tell. */
final class TraceKinds {
  private static final Pattern SINGLE = Pattern.compile("(\\d{1,18})-(\\d{1,18})");
  private static final String PROBE = "0-1";

  private final BlobMap map;
  private final Map<String, Long> footers = new HashMap<>();
  private boolean reading;

  private TraceKinds(BlobMap map) {
    this.map = map;
  }

  /** One for each event. */
  static List<Kind> of(Trace trace, BlobMap map) {
    var kinds = new TraceKinds(map);
    var result = new ArrayList<Kind>();
    trace.events().forEach(event -> result.add(kinds.next(event)));
    return result;
  }

  private Kind next(TraceEvent event) {
    if (event.manifest().isPresent()) {
      return Kind.MANIFEST;
    }
    if (event.method().equals("HEAD")) {
      return Kind.SIZE;
    }
    String blob = event.blob().orElse("");
    String ranges = event.ranges().orElse("");
    if (ranges.isEmpty()) {
      return map.layer(blob).isPresent() ? Kind.LAYER : Kind.CONFIG;
    }
    return ranges.equals(PROBE) ? Kind.PROBE : range(blob, ranges, event.size().orElse(0L));
  }

  /** To the end of the blob: its footer. Up to that: its TOC. From the first byte: ahead. */
  private Kind range(String blob, String ranges, long size) {
    Matcher single = SINGLE.matcher(ranges);
    if (single.matches()) {
      long first = Long.parseLong(single.group(1));
      long last = Long.parseLong(single.group(2));
      if (last == size - 1) {
        footers.putIfAbsent(blob, first);
        return Kind.FOOTER;
      }
      if (footers.getOrDefault(blob, -1L) == last + 1) {
        return Kind.TOC;
      }
      if (first == 0 && !reading) {
        return Kind.PREFETCH;
      }
    }
    reading = true;
    return Kind.READ;
  }
}
