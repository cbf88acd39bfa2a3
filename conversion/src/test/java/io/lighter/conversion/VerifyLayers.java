package io.lighter.conversion;

import io.lighter.conversion.gzip.GzipEncoders;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/**
 * Holds the tables of contents of layers against their tars, for {@code e2e/conversion-judge.sh}: a
 * line for each, with the processor time of the comparison. Ends with 1 if one was refused.
 */
final class VerifyLayers {

  private VerifyLayers() {}

  public static void main(String[] layers) throws IOException {
    var converter =
        new LayerConverter(GzipEncoders.detect(), ConversionLimits.DEFAULT, Runnable::run, 1);
    var threads = ManagementFactory.getThreadMXBean();
    boolean right = true;
    for (String layer : layers) {
      long begin = threads.getCurrentThreadCpuTime();
      String verdict = verify(converter, Path.of(layer));
      long millis = (threads.getCurrentThreadCpuTime() - begin) / 1_000_000;
      System.out.printf("%s: %s, %d ms%n", layer, verdict.isEmpty() ? "right" : verdict, millis);
      right &= verdict.isEmpty();
    }
    System.exit(right ? 0 : 1);
  }

  /** What is wrong with a layer; empty if nothing is. */
  private static String verify(LayerConverter converter, Path layer) throws IOException {
    try (FileChannel file = FileChannel.open(layer)) {
      BlobView view = (position, target) -> file.read(target, position);
      var content = EStargz.inspect(view, file.size());
      if (content.isEmpty()) {
        return "it is not eStargz";
      }
      converter.verify(view, file.size(), content.get());
      return "";
    } catch (ConversionException e) {
      return String.valueOf(e.getMessage());
    }
  }
}
