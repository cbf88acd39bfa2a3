import io.lighter.conversion.ConversionLimits;
import io.lighter.conversion.ConvertedLayer;
import io.lighter.conversion.gzip.GzipEncoders;
import io.lighter.conversion.LayerConverter;
import io.lighter.conversion.Prefetch;
import io.lighter.conversion.PrefetchList;
import io.lighter.oci.Digest;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.concurrent.Executors;

/**
 * Converts a layer several times in one process, as a server does, and prints what each time cost:
 * bytes, wall time, processor time of all threads of the process. With a prefetch list it lays out
 * each result for the list as well, and prints the same of that.
 *
 * <p>{@code java -cp "LIB/*" Warm.java ENCODER LEVEL THREADS MIN_CHUNK RUNS LAYER TARGET [LIST]}
 */
final class Warm {
  private Warm() {}

  public static void main(String[] args) throws Exception {
    int level = Integer.parseInt(args[1]);
    int threads = Integer.parseInt(args[2]);
    GzipEncoders kind =
        args[0].equals("jdk") ? GzipEncoders.jdk() : GzipEncoders.libdeflate().orElseThrow();
    GzipEncoders encoders = level == 0 ? kind : kind.atLevel(level);
    try (var executor = Executors.newFixedThreadPool(threads)) {
      var converter =
          new LayerConverter(encoders, ConversionLimits.DEFAULT, executor, threads)
              .withMinChunkSize(Integer.parseInt(args[3]));
      for (int run = Integer.parseInt(args[4]); run > 0; run--) {
        Path target = Path.of(args[6]);
        long begun = System.nanoTime();
        long cpu = cpu();
        print("converted", convert(converter, Path.of(args[5]), target).size(), begun, cpu);
        if (args.length > 7) {
          begun = System.nanoTime();
          cpu = cpu();
          print("laid out", layOut(converter, target, Path.of(args[7])).size(), begun, cpu);
        }
      }
    }
  }

  private static long cpu() {
    return ((com.sun.management.OperatingSystemMXBean)
            ManagementFactory.getOperatingSystemMXBean())
        .getProcessCpuTime();
  }

  private static void print(String what, long size, long begun, long cpu) {
    System.out.printf(
        "%d bytes, %.2f s, %.2f CPU s, %s%n",
        size, (System.nanoTime() - begun) / 1e9, (cpu() - cpu) / 1e9, what);
  }

  private static ConvertedLayer layOut(LayerConverter converter, Path source, Path list)
      throws Exception {
    try (var lines = Files.newInputStream(list);
        var blob = FileChannel.open(source);
        var out = hashed(source.resolveSibling(source.getFileName() + ".laid"))) {
      Prefetch prefetch = Prefetch.of(PrefetchList.parse(lines, list.toString()));
      return converter
          .layout((position, into) -> blob.read(into, position), blob.size(), prefetch)
          .write(Digest.ofSha256(new byte[0]), out)
          .layer();
    }
  }

  /** With the hash of the blob, which the server takes while it stores it. */
  private static ConvertedLayer convert(LayerConverter converter, Path source, Path target)
      throws Exception {
    try (var in = new BufferedInputStream(Files.newInputStream(source), 256 << 10);
        var out = hashed(target)) {
      return converter.convert(in, out);
    }
  }

  private static OutputStream hashed(Path target) throws Exception {
    var file = new BufferedOutputStream(Files.newOutputStream(target), 256 << 10);
    return new DigestOutputStream(file, MessageDigest.getInstance("SHA-256"));
  }
}
