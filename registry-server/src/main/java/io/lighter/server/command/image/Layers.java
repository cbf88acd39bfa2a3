package io.lighter.server.command.image;

import io.lighter.conversion.BlobView;
import io.lighter.conversion.ConversionException;
import io.lighter.conversion.ConversionLimits;
import io.lighter.conversion.ConvertedLayer;
import io.lighter.conversion.EStargz;
import io.lighter.conversion.LayerConverter;
import io.lighter.conversion.LayerLayout;
import io.lighter.conversion.LayerOutcome;
import io.lighter.conversion.Prefetch;
import io.lighter.conversion.Toc;
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
  private final Prefetch prefetch;
  private final Workspace workspace;
  private final Progress progress;

  /** A converted layer and the digest of its blob. */
  record Result(Digest digest, ConvertedLayer layer) {}

  Layers(
      LayerConverter converter,
      ConversionLimits limits,
      Prefetch prefetch,
      Workspace workspace,
      Progress progress) {
    this.converter = converter;
    this.limits = limits;
    this.prefetch = prefetch;
    this.workspace = workspace;
    this.progress = progress;
  }

  /**
   * Converts a layer.
   *
   * @param target exists and is overwritten
   * @throws ConversionException if it cannot be done faithfully
   */
  Result convert(Path source, Path target) throws IOException {
    if (prefetch.list().isEmpty()) {
      return write(target, out -> plain(source, out));
    }
    Path file = workspace.file();
    Result plain = write(file, out -> plain(source, out));
    try (FileChannel blob = FileChannel.open(file)) {
      progress.begin("laying out", 0);
      LayerLayout layout =
          converter.layout((position, into) -> blob.read(into, position), blob.size(), prefetch);
      // Also if the list has nothing in it: the report says what did not fit.
      return write(target, out -> layout.write(plain.layer().sourceDiffId(), out).layer());
    } finally {
      Files.delete(file);
    }
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

  /** What a layer is that need not be converted: eStargz already, or no layer at all. */
  Optional<LayerOutcome> asItIs(Descriptor layer, Path file) throws IOException {
    if (!MediaTypes.isLayer(layer.mediaType())) {
      return Optional.of(new LayerOutcome.Kept("its type is " + layer.mediaType()));
    }
    if (!prefetch.list().isEmpty()) {
      // It may be eStargz, but not with these files in front.
      return Optional.empty();
    }
    Optional<EStargz> found = inspect(file);
    if (found.isEmpty()) {
      return Optional.empty();
    }
    String toc = found.get().tocDigest().toString();
    if (toc.equals(layer.annotations().get(EStargz.TOC_DIGEST_ANNOTATION))
        && layer.annotations().containsKey(EStargz.UNCOMPRESSED_SIZE_ANNOTATION)) {
      return Optional.of(new LayerOutcome.PassedThrough());
    }
    try (InputStream blob = counted(file)) {
      EStargz.Uncompressed all = EStargz.measure(blob, limits);
      return Optional.of(
          new LayerOutcome.Annotated(found.get().tocDigest(), all.diffId(), all.size()));
    }
  }

  /** What a layer that is eStargz has; empty if it is not. */
  Optional<Toc> toc(Path file) throws IOException {
    return inspect(file).map(EStargz::toc);
  }

  private static Optional<EStargz> inspect(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file)) {
      BlobView view = (position, target) -> channel.read(target, position);
      return EStargz.inspect(view, channel.size());
    }
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
