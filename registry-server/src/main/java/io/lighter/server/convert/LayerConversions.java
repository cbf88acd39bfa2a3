package io.lighter.server.convert;

import io.lighter.conversion.ConversionException;
import io.lighter.conversion.ConversionLimits;
import io.lighter.conversion.ConvertedLayer;
import io.lighter.conversion.EStargz;
import io.lighter.conversion.LayerConverter;
import io.lighter.conversion.LayerOutcome;
import io.lighter.conversion.Prefetch;
import io.lighter.conversion.PrefetchList;
import io.lighter.conversion.PreparedLayer;
import io.lighter.conversion.ScratchSpace;
import io.lighter.conversion.Toc;
import io.lighter.oci.Descriptor;
import io.lighter.oci.Digest;
import io.lighter.oci.MediaTypes;
import io.lighter.server.content.RepositoryContent;
import io.lighter.server.observe.RegistryMetrics;
import io.lighter.storage.BlobInfo;
import io.lighter.storage.BlobSource;
import io.lighter.storage.BlobStore;
import io.lighter.storage.BlobWriter;
import io.lighter.storage.ConversionStore;
import io.lighter.storage.LayerConversion;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Layers from the store, converted into the store. A layer is converted once, whatever images it is
 * part of: results are kept by source digest and recipe, also the result that it cannot be done.
 *
 * <p>Thread-safe. Takes minutes for large layers and belongs on the conversion threads.
 */
public final class LayerConversions {
  private static final Logger LOG = LoggerFactory.getLogger(LayerConversions.class);
  private static final int BUFFER = 256 * 1024;

  private final BlobStore blobs;
  private final ConversionStore results;
  private final LayerConverter converter;
  private final ConversionLimits limits;
  private final ScratchSpace scratch;
  private final ConversionPace pace;
  private final RegistryMetrics metrics;

  public LayerConversions(
      BlobStore blobs,
      ConversionStore results,
      LayerConverter converter,
      ConversionLimits limits,
      ScratchSpace scratch,
      ConversionPace pace,
      RegistryMetrics metrics) {
    this.blobs = blobs;
    this.results = results;
    this.converter = converter;
    this.limits = limits;
    this.scratch = scratch;
    this.pace = pace;
    this.metrics = metrics;
  }

  /**
   * What becomes of a layer. Its converted blob is durable when this returns.
   *
   * @param maxBytes a longer layer stays as it is; nothing is recorded of that
   * @param list what is to be laid out first; may have nothing in this layer
   * @throws MissingContentException if the repository does not have the layer
   * @throws IOException if the layer cannot be read, or the thread was interrupted
   */
  LayerOutcome outcome(
      RepositoryContent repository, Descriptor layer, long maxBytes, PrefetchList list)
      throws IOException {
    if (!MediaTypes.isLayer(layer.mediaType())) {
      return new LayerOutcome.Kept("its type is " + layer.mediaType());
    }
    if (layer.size() > maxBytes) {
      return new LayerOutcome.Kept(
          "it has %d bytes; conversion.maxLayer allows %d".formatted(layer.size(), maxBytes));
    }
    String key = key(list);
    Optional<LayerConversion> known = results.layer(layer.digest(), key);
    if (known.isPresent()) {
      metrics.layerConverted("reused", layer.size(), Duration.ZERO);
      return outcome(known.get());
    }
    if (!repository.fetch(layer.digest())) {
      throw new MissingContentException(repository.name(), layer.digest());
    }
    Optional<LayerOutcome> already = alreadyLazy(layer);
    return already.isPresent() ? already.get() : outcome(convert(layer, list, key));
  }

  /**
   * What the result is kept under. What a list has in a layer is known only after a look at it, so
   * a list has a key of its own, and its results are kept under what they are as well.
   */
  private String key(PrefetchList list) {
    String recipe = converter.recipe().id();
    return list.isEmpty() ? recipe : recipe + "-list" + list.id();
  }

  /**
   * The TOC of a layer that is lazy or became so; empty for others, and if it is too long to be
   * held in memory.
   */
  Optional<Toc> toc(LayerOutcome outcome, Descriptor layer) throws IOException {
    return switch (outcome) {
      case LayerOutcome.Converted converted -> inspect(converted.digest()).map(EStargz::toc);
      case LayerOutcome.Annotated _, LayerOutcome.PassedThrough _ ->
          inspect(layer.digest()).map(EStargz::toc);
      case LayerOutcome.Kept _ -> Optional.empty();
    };
  }

  private Optional<EStargz> inspect(Digest blob) throws IOException {
    try (BlobSource source = blobs.open(blob)) {
      return EStargz.inspect((position, target) -> source.read(target, position), source.size());
    }
  }

  private Optional<LayerOutcome> alreadyLazy(Descriptor layer) throws IOException {
    Optional<EStargz> found = inspect(layer.digest());
    if (found.isEmpty()) {
      return Optional.empty();
    }
    Digest toc = found.get().tocDigest();
    boolean said =
        toc.toString().equals(layer.annotations().get(EStargz.TOC_DIGEST_ANNOTATION))
            && layer.annotations().containsKey(EStargz.UNCOMPRESSED_SIZE_ANNOTATION);
    if (said) {
      return Optional.of(new LayerOutcome.PassedThrough());
    }
    try (InputStream blob = stream(layer.digest())) {
      EStargz.Uncompressed uncompressed = EStargz.measure(blob, limits);
      return Optional.of(
          new LayerOutcome.Annotated(toc, uncompressed.diffId(), uncompressed.size()));
    }
  }

  private LayerConversion convert(Descriptor layer, PrefetchList list, String key)
      throws IOException {
    long startedAt = System.nanoTime();
    LayerConversion result;
    try {
      result = list.isEmpty() ? convert(layer.digest()) : convert(layer.digest(), list);
    } catch (ConversionException e) {
      LOG.info("layer {} stays as it is: {}", layer.digest(), e.getMessage());
      result = new LayerConversion.Unconvertible(String.valueOf(e.getMessage()));
    }
    String outcome =
        switch (result) {
          case LayerConversion.Converted _ -> "converted";
          case LayerConversion.Unconvertible _ -> "unconvertible";
        };
    metrics.layerConverted(outcome, layer.size(), Duration.ofNanos(System.nanoTime() - startedAt));
    return results.recordLayer(layer.digest(), key, result);
  }

  private LayerConversion convert(Digest layer) throws IOException {
    try (InputStream source = stream(layer)) {
      return store(out -> converter.convert(source, out));
    }
  }

  private LayerConversion convert(Digest layer, PrefetchList list) throws IOException {
    try (PreparedLayer prepared =
        converter.prepare(() -> stream(layer), Prefetch.of(list, scratch))) {
      String recipe = prepared.recipe().id();
      Optional<LayerConversion> known = results.layer(layer, recipe);
      return known.isPresent()
          ? known.get()
          : results.recordLayer(layer, recipe, store(prepared::convert));
    }
  }

  @FunctionalInterface
  private interface Conversion {
    ConvertedLayer into(OutputStream out) throws IOException;
  }

  private LayerConversion store(Conversion conversion) throws IOException {
    try (BlobWriter writer = blobs.newWriter()) {
      return store(conversion, writer);
    }
  }

  private static LayerConversion store(Conversion conversion, BlobWriter writer)
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

  private InputStream stream(Digest digest) {
    return new BufferedInputStream(
        new PacedInputStream(new BlobInputStream(blobs.open(digest)), pace), BUFFER);
  }

  private static LayerOutcome outcome(LayerConversion result) {
    return switch (result) {
      case LayerConversion.Converted converted ->
          new LayerOutcome.Converted(
              converted.blob().digest(),
              converted.blob().size(),
              converted.tocDigest(),
              converted.diffId(),
              converted.uncompressedSize(),
              converted.sourceDiffId());
      case LayerConversion.Unconvertible(String reason) -> new LayerOutcome.Kept(reason);
    };
  }
}
