package io.lighter.bench.trace;

import io.lighter.bench.lazy.LazyImage;
import io.lighter.bench.lazy.LazyLayer;
import io.lighter.bench.lazy.Reads;
import io.lighter.bench.lazy.SizeCheck;
import io.lighter.bench.load.ByteRange;
import io.lighter.bench.load.Call;
import io.lighter.bench.plan.Kind;
import io.lighter.bench.plan.PlannedCall;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A trace against an image. A request waits for all that had been answered when it was sent in the
 * recording, as the client did, whatever the pace.
 */
public final class Replay {
  private static final Pattern RANGE = Pattern.compile("(\\d{1,18})-(\\d{1,18})");

  private final Trace trace;
  private final LazyImage image;
  private final BlobMap map;
  private final List<Kind> kinds;

  /** A trace and the image that it is replayed on. */
  public Replay(Trace trace, LazyImage image) {
    this.trace = trace;
    this.image = image;
    this.map = new BlobMap(trace, image);
    this.kinds = TraceKinds.of(trace, map);
  }

  /** Which layer stands for which blob. */
  public BlobMap map() {
    return map;
  }

  /** What the container read once the layers were mounted, in the recorded order. */
  public Reads reads() {
    var windows = new ArrayList<Reads.Window>();
    for (int i = 0; i < kinds.size(); i++) {
      TraceEvent event = trace.events().get(i);
      OptionalInt layer = event.blob().map(map::layer).orElse(OptionalInt.empty());
      if (layer.isPresent() && kinds.get(i) == Kind.READ) {
        ranges(event, image.layers().get(layer.getAsInt()))
            .forEach(range -> windows.add(new Reads.Window(layer.getAsInt(), range)));
      }
    }
    return new Reads(windows);
  }

  /**
   * The plan.
   *
   * @param speed how many times faster than recorded; infinite for as fast as the answers come
   */
  public List<PlannedCall> plan(double speed) {
    var kept = new ArrayList<TraceEvent>();
    var plan = new ArrayList<PlannedCall>();
    for (int i = 0; i < kinds.size(); i++) {
      TraceEvent event = trace.events().get(i);
      Optional<Supplier<Call>> call = call(event, kinds.get(i));
      if (call.isPresent()) {
        long nanos = Math.round(event.at() / speed * 1e6);
        plan.add(
            new PlannedCall(
                kinds.get(i),
                event.lane(),
                Duration.ofNanos(nanos),
                before(kept, event),
                call.get()));
        kept.add(event);
      }
    }
    return plan;
  }

  /**
   * The requests that ended before this one began, but for those that ended before another of them
   * began: they are waited for anyway.
   */
  private static List<Integer> before(List<TraceEvent> earlier, TraceEvent event) {
    double latest = Double.NEGATIVE_INFINITY;
    for (TraceEvent one : earlier) {
      if (one.end() <= event.at()) {
        latest = Math.max(latest, one.at());
      }
    }
    var before = new ArrayList<Integer>();
    for (int i = 0; i < earlier.size(); i++) {
      double end = earlier.get(i).end();
      if (end <= event.at() && end > latest) {
        before.add(i);
      }
    }
    return before;
  }

  private Optional<Supplier<Call>> call(TraceEvent event, Kind kind) {
    if (event.manifest().isPresent()) {
      return Optional.of(manifest(event));
    }
    if (event.blob().isEmpty()) {
      return Optional.empty();
    }
    if (kind == Kind.CONFIG) {
      String path = image.registry().blobPath(image.config().digest());
      long size = image.config().size();
      return Optional.of(() -> Call.whole(path, size, Optional.empty()));
    }
    OptionalInt number = map.layer(event.blob().get());
    return number.isEmpty()
        ? Optional.empty()
        : Optional.of(blob(event, image.layers().get(number.getAsInt())));
  }

  /** A tag stands for the tag that was given, a digest for what it names. */
  private Supplier<Call> manifest(TraceEvent event) {
    boolean byTag = event.manifest().filter(text -> text.indexOf(':') < 0).isPresent();
    var top = image.index().orElse(image.manifest());
    String reference = byTag ? image.reference() : image.manifest().toString();
    return image
        .registry()
        .manifestCalls(event.method(), reference, byTag ? top : image.manifest());
  }

  private static Supplier<Call> blob(TraceEvent event, LazyLayer layer) {
    if (event.method().equals("HEAD")) {
      return () -> Call.of("HEAD", layer.path(), new SizeCheck(layer.size()));
    }
    List<ByteRange> ranges = ranges(event, layer);
    return ranges.isEmpty()
        ? () -> Call.whole(layer.path(), layer.size(), Optional.empty())
        : () -> Call.ranges(layer.path(), ranges, layer.size(), Optional.empty());
  }

  /** The recorded ranges as far as the layer goes. */
  private static List<ByteRange> ranges(TraceEvent event, LazyLayer layer) {
    var ranges = new ArrayList<ByteRange>();
    Matcher matcher = RANGE.matcher(event.ranges().orElse(""));
    while (matcher.find()) {
      long first = BlobMap.within(layer, Long.parseLong(matcher.group(1)));
      long last = BlobMap.within(layer, Long.parseLong(matcher.group(2)));
      ranges.add(new ByteRange(first, last - first + 1));
    }
    // Beyond the end of a shorter layer several ranges fall together.
    return ranges.stream().distinct().toList();
  }
}
