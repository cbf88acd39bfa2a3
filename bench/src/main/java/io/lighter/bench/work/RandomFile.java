package io.lighter.bench.work;

import io.lighter.bench.load.BenchException;
import io.lighter.oci.Digest;
import io.lighter.oci.DigestAlgorithm;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/** A file that cannot be compressed, for uploads and as a blob to be read. */
public final class RandomFile {
  private static final int PIECE = 1 << 20;

  private final Path path;
  private final RandomGenerator random;

  /** Writes the file. */
  public RandomFile(Path path, long size, long seed) {
    this.path = path;
    this.random = RandomGeneratorFactory.of("Xoshiro256PlusPlus").create(seed);
    var piece = new byte[PIECE];
    try (var file =
        FileChannel.open(
            path,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      for (long left = size; left > 0; left -= PIECE) {
        random.nextBytes(piece);
        write(file, ByteBuffer.wrap(piece, 0, (int) Math.min(PIECE, left)), size - left);
      }
    } catch (IOException e) {
      throw unusable(e);
    }
  }

  /** Where it is. */
  public Path path() {
    return path;
  }

  /** Makes it another file by changing its first bytes, so that no registry has it yet. */
  public void change() {
    var first = new byte[Long.BYTES];
    random.nextBytes(first);
    try (var file = FileChannel.open(path, StandardOpenOption.WRITE)) {
      write(file, ByteBuffer.wrap(first), 0);
    } catch (IOException e) {
      throw unusable(e);
    }
  }

  /** Digest of what it holds now. */
  public Digest digest() {
    return digest(path);
  }

  /** Digest of a file. */
  public static Digest digest(Path file) {
    var hash = DigestAlgorithm.SHA256.newMessageDigest();
    var piece = ByteBuffer.allocate(PIECE);
    try (var channel = FileChannel.open(file, StandardOpenOption.READ)) {
      while (channel.read(piece.clear()) >= 0) {
        hash.update(piece.flip());
      }
    } catch (IOException e) {
      throw new BenchException("%s cannot be read: %s".formatted(file, e.getMessage()), e);
    }
    return Digest.of(DigestAlgorithm.SHA256, hash);
  }

  private static void write(FileChannel file, ByteBuffer content, long position)
      throws IOException {
    while (content.hasRemaining()) {
      position += file.write(content, position);
    }
  }

  private BenchException unusable(IOException e) {
    return new BenchException("%s cannot be written: %s".formatted(path, e.getMessage()), e);
  }
}
