import io.lighter.conversion.ConversionLimits;
import io.lighter.conversion.ConvertedLayer;
import io.lighter.conversion.GzipEncoders;
import io.lighter.conversion.LayerConverter;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.concurrent.Executors;

/**
 * Converts a layer several times in one process, as a server does, and prints what each time cost:
 * bytes, wall time, processor time of all threads of the process.
 *
 * <p>{@code java -cp "LIB/*" Warm.java ENCODER LEVEL THREADS MIN_CHUNK RUNS LAYER TARGET}
 */
final class Warm {
  private Warm() {}

  public static void main(String[] args) throws Exception {
    int level = Integer.parseInt(args[1]);
    int threads = Integer.parseInt(args[2]);
    GzipEncoders kind =
        args[0].equals("jdk") ? GzipEncoders.jdk() : GzipEncoders.libdeflate().orElseThrow();
    GzipEncoders encoders = level == 0 ? kind : kind.atLevel(level);
    var os =
        (com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    try (var executor = Executors.newFixedThreadPool(threads)) {
      var converter =
          new LayerConverter(encoders, ConversionLimits.DEFAULT, executor, threads)
              .withMinChunkSize(Integer.parseInt(args[3]));
      for (int run = Integer.parseInt(args[4]); run > 0; run--) {
        long begun = System.nanoTime();
        long cpu = os.getProcessCpuTime();
        long size = convert(converter, Path.of(args[5]), Path.of(args[6])).size();
        System.out.printf(
            "%d bytes, %.2f s, %.2f CPU s%n",
            size, (System.nanoTime() - begun) / 1e9, (os.getProcessCpuTime() - cpu) / 1e9);
      }
    }
  }

  /** With the hash of the blob, which the server takes while it stores it. */
  private static ConvertedLayer convert(LayerConverter converter, Path source, Path target)
      throws Exception {
    try (var in = new BufferedInputStream(Files.newInputStream(source), 256 << 10);
        var file = new BufferedOutputStream(Files.newOutputStream(target), 256 << 10);
        var out = new DigestOutputStream(file, MessageDigest.getInstance("SHA-256"))) {
      return converter.convert(in, out);
    }
  }
}
