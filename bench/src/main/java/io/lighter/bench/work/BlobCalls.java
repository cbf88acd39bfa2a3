package io.lighter.bench.work;

import io.lighter.bench.load.BenchException;
import io.lighter.bench.load.ByteRange;
import io.lighter.bench.load.Call;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/**
 * Requests for parts of a blob at random places, the same for the same seed. Several ranges of one
 * request are ascending and at least {@link #GAP} bytes apart. Not thread-safe.
 */
public final class BlobCalls implements Supplier<Call> {
  /** Servers may merge ranges whose gap is shorter than the head of a part. */
  private static final long GAP = 256;

  private final Blob blob;
  private final Portion portion;
  private final long alignment;
  private final RandomGenerator random;

  /**
   * Requests of one kind.
   *
   * @param alignment ranges begin at multiples of it
   * @throws BenchException if the blob has no room for the ranges
   */
  public BlobCalls(Blob blob, Portion portion, long alignment, long seed) {
    this.blob = blob;
    this.portion = portion;
    this.alignment = alignment;
    this.random = RandomGeneratorFactory.of("Xoshiro256PlusPlus").create(seed);
    if (portion instanceof Portion.Ranges ranges && places(ranges) < 1) {
      throw new BenchException(
          "a blob of %d bytes has no room for %s with an alignment of %d"
              .formatted(blob.size(), ranges, alignment));
    }
  }

  @Override
  public Call get() {
    return switch (portion) {
      case Portion.Whole() -> Call.whole(blob.path(), blob.size(), blob.reference());
      case Portion.Ranges ranges ->
          Call.ranges(blob.path(), places(ranges, places(ranges)), blob.size(), blob.reference());
    };
  }

  /** From one range to the next, at least. */
  private long stride(Portion.Ranges ranges) {
    long apart = ranges.size().bytes() + GAP;
    return (apart + alignment - 1) / alignment * alignment;
  }

  /** In how many places the first range can stand, if the others follow as close as they may. */
  private long places(Portion.Ranges ranges) {
    long length = stride(ranges) * (ranges.count() - 1) + ranges.size().bytes();
    return length > blob.size() ? 0 : (blob.size() - length) / alignment + 1;
  }

  private List<ByteRange> places(Portion.Ranges ranges, long places) {
    var drawn = new long[ranges.count()];
    for (int i = 0; i < drawn.length; i++) {
      drawn[i] = random.nextLong(places);
    }
    Arrays.sort(drawn);
    var result = new ArrayList<ByteRange>(drawn.length);
    for (int i = 0; i < drawn.length; i++) {
      result.add(new ByteRange(drawn[i] * alignment + i * stride(ranges), ranges.size().bytes()));
    }
    return result;
  }
}
