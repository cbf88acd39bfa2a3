package io.lighter.conversion.startset;

import io.lighter.conversion.BlobView;
import io.lighter.conversion.ConversionLimits;
import io.lighter.conversion.EStargz;
import io.lighter.conversion.LayerConverter;
import io.lighter.conversion.MemberDecoder;
import io.lighter.conversion.gzip.GzipEncoders;
import io.lighter.conversion.startset.image.ImageCommand;
import io.lighter.conversion.startset.image.ImageTree;
import io.lighter.conversion.startset.image.LayerContents;
import io.lighter.conversion.startset.trace.AnalysisLimits;
import io.lighter.conversion.startset.trace.ObjectLoader;
import io.lighter.conversion.startset.trace.ProgramKind;
import io.lighter.conversion.startset.trace.Start;
import io.lighter.conversion.startset.trace.StartupSet;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;

/** Makes images of a few files, converted as real ones are. Paths begin with a slash or without. */
public final class ImageBuilder {

  /** When files were changed that say nothing else. */
  public static final long MODIFIED = 1_700_000_000;

  private final List<byte[]> layers = new ArrayList<>();
  private ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private TarArchiveOutputStream tar = open(bytes);

  private static TarArchiveOutputStream open(ByteArrayOutputStream bytes) {
    var tar = new TarArchiveOutputStream(bytes, StandardCharsets.UTF_8.name());
    tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
    return tar;
  }

  /** A file that nobody may execute. */
  public ImageBuilder file(String path, byte[] content) {
    return add(path, 0644, content, MODIFIED);
  }

  public ImageBuilder file(String path, String content) {
    return file(path, content.getBytes(StandardCharsets.UTF_8));
  }

  /** A file with a time of its own, in seconds since 1970. */
  public ImageBuilder file(String path, byte[] content, long modified) {
    return add(path, 0644, content, modified);
  }

  public ImageBuilder executable(String path, byte[] content) {
    return add(path, 0755, content, MODIFIED);
  }

  public ImageBuilder executable(String path, String content) {
    return executable(path, content.getBytes(StandardCharsets.UTF_8));
  }

  private ImageBuilder add(String path, int mode, byte[] content, long modified) {
    var entry = new TarArchiveEntry(path);
    entry.setSize(content.length);
    return put(attributes(entry, mode, modified), content);
  }

  private static TarArchiveEntry attributes(TarArchiveEntry entry, int mode, long modified) {
    entry.setMode(mode);
    entry.setLastModifiedTime(FileTime.from(Instant.ofEpochSecond(modified)));
    return entry;
  }

  public ImageBuilder directory(String path) {
    return put(new TarArchiveEntry(path + "/"), new byte[0]);
  }

  /** A symbolic link. */
  public ImageBuilder link(String path, String target) {
    var entry = new TarArchiveEntry(path, TarConstants.LF_SYMLINK);
    entry.setLinkName(target);
    return put(entry, new byte[0]);
  }

  /** Another name for an earlier file of the same layer that nobody may execute. */
  public ImageBuilder hardLink(String path, String target) {
    var entry = new TarArchiveEntry(path, TarConstants.LF_LINK);
    entry.setLinkName(target);
    return put(attributes(entry, 0644, MODIFIED), new byte[0]);
  }

  /** Begins the next layer. */
  public ImageBuilder layer() {
    try {
      tar.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    layers.add(bytes.toByteArray());
    bytes = new ByteArrayOutputStream();
    tar = open(bytes);
    return this;
  }

  private ImageBuilder put(TarArchiveEntry entry, byte[] content) {
    try {
      tar.putArchiveEntry(entry);
      tar.write(content);
      tar.closeArchiveEntry();
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The image of all layers so far. */
  public ImageTree build() {
    layer();
    var tree = new ImageTree();
    try {
      for (byte[] layer : layers) {
        tree.add(contents(converted(layer)));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return tree;
  }

  /** Bytes of a layer as eStargz; the layers must be complete. */
  public byte[] blob(int layer) throws IOException {
    return converted(layers.get(layer));
  }

  /** A layer that is eStargz. */
  public static LayerContents contents(byte[] blob) throws IOException {
    BlobView view =
        (position, target) -> {
          if (position >= blob.length) {
            return -1;
          }
          ByteBuffer rest = ByteBuffer.wrap(blob);
          rest.position((int) position);
          int n = Math.min(rest.remaining(), target.remaining());
          target.put(rest.slice(rest.position(), n));
          return n;
        };
    EStargz layer = EStargz.inspect(view, blob.length).orElseThrow();
    return LayerContents.of(layer, view, new MemberDecoder(GzipEncoders.jdk()));
  }

  /** A tar as eStargz. */
  public static byte[] converted(byte[] tar) throws IOException {
    var out = new ByteArrayOutputStream();
    new LayerConverter(GzipEncoders.jdk(), ConversionLimits.DEFAULT, Runnable::run, 1)
        .convert(new ByteArrayInputStream(tar), out);
    return out.toByteArray();
  }

  /** What a command reads of this image, without anything that belongs to ELF files. */
  public StartupSet start(ProgramKind kind, List<String> command) {
    return start(kind, new ImageCommand(command, Map.of("PATH", "/usr/bin:/bin"), "/", ""));
  }

  /** What a command reads of this image, without anything that belongs to ELF files. */
  public StartupSet start(ProgramKind kind, ImageCommand command) {
    ObjectLoader alone = (_, _, _) -> {};
    try {
      return Start.follow(build(), command, List.of(kind), alone, AnalysisLimits.DEFAULTS);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Paths of what was found, in order. */
  public static List<String> paths(StartupSet set) {
    return set.files().stream().map(found -> found.file().path()).toList();
  }
}
