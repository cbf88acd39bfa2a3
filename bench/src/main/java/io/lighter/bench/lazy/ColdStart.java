package io.lighter.bench.lazy;

import io.lighter.bench.load.ByteRange;
import io.lighter.bench.load.Call;
import io.lighter.bench.plan.Kind;
import io.lighter.bench.plan.PlannedCall;
import io.lighter.bench.work.Registry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The requests of a node that has nothing of an image: containerd's for the manifest and the
 * configuration on one connection, then the snapshotter's, with a connection for each layer.
 */
public final class ColdStart {
  private final LazyImage image;
  private final Registry registry;
  private final List<PlannedCall> plan = new ArrayList<>();

  private ColdStart(LazyImage image) {
    this.image = image;
    this.registry = image.registry();
  }

  /**
   * The plan of a cold start.
   *
   * @param reads what the container reads, one after the other, after everything was fetched ahead
   */
  public static List<PlannedCall> plan(LazyImage image, Reads reads) {
    var start = new ColdStart(image);
    int config = start.metadata();
    var ahead = new ArrayList<Integer>();
    boolean lazy = true;
    for (int i = 0; i < image.layers().size(); i++) {
      LazyLayer layer = image.layers().get(i);
      // containerd pulls the first layer that cannot be mounted, and all above it.
      lazy = lazy && layer.lazy();
      ahead.add(lazy ? start.mount(i, layer, config) : start.pull(i, layer, config));
    }
    int last = -1;
    for (Reads.Window window : reads.windows()) {
      LazyLayer layer = image.layers().get(window.layer());
      List<Integer> after = last < 0 ? ahead : List.of(last);
      last = start.range(Kind.READ, window.layer(), layer, window.range(), after);
    }
    return List.copyOf(start.plan);
  }

  private int metadata() {
    var top = image.index().orElse(image.manifest());
    int head =
        add(Kind.MANIFEST, 0, List.of(), registry.manifestCalls("HEAD", image.reference(), top));
    int got =
        add(Kind.MANIFEST, 0, List.of(head), registry.manifestCalls("GET", top.toString(), top));
    if (image.index().isPresent()) {
      String child = image.manifest().toString();
      got =
          add(
              Kind.MANIFEST,
              0,
              List.of(got),
              registry.manifestCalls("GET", child, image.manifest()));
    }
    String path = registry.blobPath(image.config().digest());
    long size = image.config().size();
    return add(Kind.CONFIG, 0, List.of(got), () -> Call.whole(path, size, Optional.empty()));
  }

  /** Probe, size, footer, TOC, prefetch: the last of them that the layer has. */
  private int mount(int number, LazyLayer layer, int after) {
    int probe =
        range(
            Kind.PROBE, number, layer, new ByteRange(0, Math.min(2, layer.size())), List.of(after));
    int size =
        add(
            Kind.SIZE,
            lane(number),
            List.of(probe),
            () -> Call.of("HEAD", layer.path(), new SizeCheck(layer.size())));
    ByteRange footer = layer.footer();
    int last = range(Kind.FOOTER, number, layer, footer, List.of(size));
    long tocFirst = layer.chunks(layer.tocOffset(), 1).first();
    if (tocFirst < footer.first()) {
      var rest = new ByteRange(tocFirst, footer.first() - tocFirst);
      last = range(Kind.TOC, number, layer, rest, List.of(last));
    }
    if (layer.prefetch() > 0) {
      ByteRange ahead = layer.chunks(0, Math.min(layer.prefetch(), layer.size()));
      last = range(Kind.PREFETCH, number, layer, ahead, List.of(last));
    }
    return last;
  }

  private int pull(int number, LazyLayer layer, int after) {
    return add(
        Kind.LAYER,
        lane(number),
        List.of(after),
        () -> Call.whole(layer.path(), layer.size(), Optional.empty()));
  }

  private int range(Kind kind, int number, LazyLayer layer, ByteRange range, List<Integer> after) {
    return add(
        kind,
        lane(number),
        after,
        () -> Call.ranges(layer.path(), List.of(range), layer.size(), Optional.empty()));
  }

  private static int lane(int layer) {
    return layer + 1;
  }

  private int add(Kind kind, int lane, List<Integer> after, Supplier<Call> call) {
    plan.add(new PlannedCall(kind, lane, Duration.ZERO, after, call));
    return plan.size() - 1;
  }
}
