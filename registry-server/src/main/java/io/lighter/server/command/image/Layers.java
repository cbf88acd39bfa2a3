package io.lighter.server.command.image;

import io.lighter.conversion.BlobView;
import io.lighter.conversion.ConversionException;
import io.lighter.conversion.ConversionLimits;
import io.lighter.conversion.ConvertedLayer;
import io.lighter.conversion.EStargz;
import io.lighter.conversion.LayerConverter;
import io.lighter.conversion.LayerLayout;
import io.lighter.conversion.LayerOutcome;
import io.lighter.conversion.PlainLayer;
import io.lighter.conversion.Prefetch;
import io.lighter.conversion.Prefetched;
import io.lighter.oci.Descriptor;
import io.lighter.oci.Digest;
import io.lighter.oci.DigestAlgorithm;
import io.lighter.oci.MediaTypes;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.Optional;

/** Files of layers, turned into files of eStargz. For one thread. */
final class Layers {
  private static final int BUFFER = 256 << 10;

  private final LayerConverter converter;
  private final ConversionLimits limits;
  private final Workspace workspace;
  private final Progress progress;

  /** A converted layer and the digest of its blob. */
  record Result(Digest digest, ConvertedLayer layer) {}

  /**
   * A layer before anything is laid out first in it.
   *
   * @param file its lazy blob; what it was if it stays as it is
   */
  record Plain(PlainLayer layer, Path file) {}

  /**
   * A layer after that.
   *
   * @param outcome what takes its place
   * @param prefetched what it has in front of its landmark, and what had no room there
   * @param file its lazy blob
   */
  record LaidOut(LayerOutcome outcome, Prefetched prefetched, Path file) {}

  Layers(
      LayerConverter converter, ConversionLimits limits, Workspace workspace, Progress progress) {
    this.converter = converter;
    this.limits = limits;
    this.workspace = workspace;
    this.progress = progress;
  }

  /**
   * Converts a layer that is part of no image.
   *
   * @param target exists and is overwritten
   * @throws ConversionException if it cannot be done faithfully
   */
  Result convert(Path source, Path target, Prefetch prefetch) throws IOException {
    if (prefetch.list().isEmpty()) {
      return write(target, out -> plain(source, out));
    }
    Path file = workspace.file();
    Result plain = write(file, out -> plain(source, out));
    try (FileChannel blob = FileChannel.open(file)) {
      progress.begin("laying out", 0);
      LayerLayout layout = converter.layout(view(blob), blob.size(), prefetch);
      // Also if the list has nothing in it: the report says what did not fit.
      return write(target, out -> layout.write(plain.layer().sourceDiffId(), out).layer());
    } finally {
      Files.delete(file);
    }
  }

  /** Converts a layer of an image, unless it is eStargz already, no layer, or cannot be. */
  Plain plain(Descriptor layer, Path file) throws IOException {
    if (!MediaTypes.isLayer(layer.mediaType())) {
      return new Plain(PlainLayer.kept(layer, "its type is " + layer.mediaType()), file);
    }
    Optional<EStargz> found = inspect(file);
    Optional<LayerOutcome> already =
        found.isPresent() ? asItIs(layer, found.get(), file) : Optional.empty();
    if (already.isPresent()) {
      return new Plain(new PlainLayer(layer, already.get(), found), file);
    }
    Path converted = workspace.file();
    try {
      Result result = write(converted, out -> plain(file, out));
      var outcome = LayerOutcome.Converted.of(result.digest(), result.layer());
      return new Plain(new PlainLayer(layer, outcome, inspect(converted)), converted);
    } catch (ConversionException e) {
      Files.delete(converted);
      return new Plain(PlainLayer.kept(layer, String.valueOf(e.getMessage())), file);
    }
  }

  /** Empty if the layer is eStargz that means something else mounted than unpacked. */
  private Optional<LayerOutcome> asItIs(Descriptor layer, EStargz content, Path file)
      throws IOException {
    String toc = content.tocDigest().toString();
    if (toc.equals(layer.annotations().get(EStargz.TOC_DIGEST_ANNOTATION))
        && layer.annotations().containsKey(EStargz.UNCOMPRESSED_SIZE_ANNOTATION)) {
      return Optional.of(new LayerOutcome.PassedThrough());
    }
    progress.begin("comparing", 0);
    try (FileChannel blob = FileChannel.open(file)) {
      EStargz.Uncompressed all = converter.verify(view(blob), blob.size(), content);
      return Optional.of(new LayerOutcome.Annotated(content.tocDigest(), all.diffId(), all.size()));
    } catch (ConversionException _) {
      return Optional.empty();
    }
  }

  /**
   * Lays out a lazy layer anew.
   *
   * @return the plain layer if nothing of it is to come first, or nothing fits
   * @throws ConversionException if that cannot be done
   */
  LaidOut layOut(Plain plain, Prefetch prefetch) throws IOException {
    progress.begin("laying out", 0);
    try (FileChannel blob = FileChannel.open(plain.file())) {
      LayerLayout layout = converter.layout(view(blob), blob.size(), prefetch);
      if (layout.isEmpty()) {
        return new LaidOut(plain.layer().outcome(), layout.prefetched(), plain.file());
      }
      Path target = workspace.file();
      Digest sourceDiffId = sourceDiffId(plain);
      Result result = write(target, out -> layout.write(sourceDiffId, out).layer());
      var outcome = LayerOutcome.Converted.of(result.digest(), result.layer());
      return new LaidOut(outcome, result.layer().prefetched(), target);
    }
  }

  private Digest sourceDiffId(Plain plain) throws IOException {
    return switch (plain.layer().outcome()) {
      case LayerOutcome.Converted converted -> converted.sourceDiffId();
      case LayerOutcome.Annotated annotated -> annotated.diffId();
      case LayerOutcome.PassedThrough _ -> measure(plain.file()).diffId();
      case LayerOutcome.Kept _ -> throw new IllegalArgumentException(plain + " is not lazy");
    };
  }

  @FunctionalInterface
  private interface Conversion {
    ConvertedLayer into(OutputStream out) throws IOException;
  }

  private static Result write(Path target, Conversion conversion) throws IOException {
    MessageDigest hash = DigestAlgorithm.SHA256.newMessageDigest();
    ConvertedLayer layer;
    try (var file = new BufferedOutputStream(Files.newOutputStream(target), BUFFER);
        var out = new DigestOutputStream(file, hash)) {
      layer = conversion.into(out);
    }
    return new Result(Digest.of(DigestAlgorithm.SHA256, hash), layer);
  }

  private ConvertedLayer plain(Path source, OutputStream out) throws IOException {
    try (InputStream blob = counted(source)) {
      return converter.convert(blob, out);
    }
  }

  private EStargz.Uncompressed measure(Path file) throws IOException {
    try (InputStream blob = counted(file)) {
      return EStargz.measure(blob, limits);
    }
  }

  /** What a layer that is eStargz has; empty if it is not, or its TOC too long for memory. */
  static Optional<EStargz> inspect(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file)) {
      return EStargz.inspect(view(channel), channel.size());
    }
  }

  /** An open file for random access. */
  static BlobView view(FileChannel file) {
    return (position, target) -> file.read(target, position);
  }

  private InputStream counted(Path file) throws IOException {
    progress.begin("converting", Files.size(file));
    return new FilterInputStream(new BufferedInputStream(Files.newInputStream(file), BUFFER)) {
      @Override
      public int read(byte[] target, int offset, int length) throws IOException {
        int n = super.read(target, offset, length);
        progress.advance(Math.max(n, 0));
        return n;
      }
    };
  }
}
