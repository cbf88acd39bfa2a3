package io.lighter.server.convert;

import io.lighter.conversion.BlobView;
import io.lighter.conversion.ConvertedLayer;
import io.lighter.conversion.EStargz;
import io.lighter.conversion.LayerOutcome;
import io.lighter.oci.Digest;
import io.lighter.storage.BlobInfo;
import io.lighter.storage.BlobSource;
import io.lighter.storage.BlobStore;
import io.lighter.storage.BlobWriter;
import io.lighter.storage.LayerConversion;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * The blobs of layers as conversions read and write them: no faster than requests leave room for.
 * Thread-safe.
 */
public final class LayerBlobs {
  private static final int BUFFER = 256 * 1024;

  private final BlobStore blobs;
  private final ConversionPace pace;

  public LayerBlobs(BlobStore blobs, ConversionPace pace) {
    this.blobs = blobs;
    this.pace = pace;
  }

  /** Makes a layer's blob. */
  @FunctionalInterface
  interface Conversion {
    ConvertedLayer into(OutputStream out) throws IOException;
  }

  /** What an eStargz blob has; empty if the blob is none, or its TOC too long for memory. */
  Optional<EStargz> inspect(Digest blob) throws IOException {
    try (BlobSource source = open(blob)) {
      return EStargz.inspect((position, target) -> source.read(target, position), source.size());
    }
  }

  /** A blob for random access; closed by the caller. */
  BlobSource open(Digest blob) {
    return blobs.open(blob);
  }

  /** An open blob that is read no faster than requests leave room for. */
  BlobView paced(BlobSource source) {
    return (position, target) -> {
      pace.step();
      int wanted = Math.min(target.remaining(), ConversionPace.PIECE);
      ByteBuffer piece = target.slice(target.position(), wanted);
      int read = source.read(piece, position);
      target.position(target.position() + read);
      return read;
    };
  }

  /** A blob from its first byte to its last. */
  InputStream stream(Digest blob) {
    return new BufferedInputStream(
        new PacedInputStream(new BlobInputStream(blobs.open(blob)), pace), BUFFER);
  }

  /** Stores what a conversion makes. It is durable when this returns. */
  LayerConversion.Converted store(Conversion conversion) throws IOException {
    try (BlobWriter writer = blobs.newWriter()) {
      return store(conversion, writer);
    }
  }

  private static LayerConversion.Converted store(Conversion conversion, BlobWriter writer)
      throws IOException {
    ConvertedLayer converted;
    try (OutputStream out = new BufferedOutputStream(new BlobOutputStream(writer), BUFFER)) {
      converted = conversion.into(out);
    }
    BlobInfo blob = writer.commit(writer.sha256());
    return new LayerConversion.Converted(
        blob,
        converted.tocDigest(),
        converted.diffId(),
        converted.uncompressedSize(),
        converted.sourceDiffId());
  }

  /** What a layer that was converted becomes in an image. */
  static LayerOutcome.Converted outcome(LayerConversion.Converted converted) {
    return new LayerOutcome.Converted(
        converted.blob().digest(),
        converted.blob().size(),
        converted.tocDigest(),
        converted.diffId(),
        converted.uncompressedSize(),
        converted.sourceDiffId());
  }
}
