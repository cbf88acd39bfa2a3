package io.lighter.server.convert;

import io.lighter.conversion.ConversionException;
import io.lighter.conversion.EStargz;
import io.lighter.conversion.LayerConverter;
import io.lighter.conversion.LayerOutcome;
import io.lighter.conversion.PlainLayer;
import io.lighter.oci.Descriptor;
import io.lighter.oci.Digest;
import io.lighter.oci.MediaTypes;
import io.lighter.server.content.RepositoryContent;
import io.lighter.server.observe.RegistryMetrics;
import io.lighter.storage.BlobSource;
import io.lighter.storage.ConversionStore;
import io.lighter.storage.LayerConversion;
import java.io.IOException;
import java.io.InputStream;
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

  private final LayerBlobs blobs;
  private final ConversionStore results;
  private final LayerConverter converter;
  private final RegistryMetrics metrics;

  public LayerConversions(
      LayerBlobs blobs,
      ConversionStore results,
      LayerConverter converter,
      RegistryMetrics metrics) {
    this.blobs = blobs;
    this.results = results;
    this.converter = converter;
    this.metrics = metrics;
  }

  /**
   * What becomes of a layer, without regard to what is to be laid out first. Its converted blob is
   * durable when this returns.
   *
   * @param maxBytes a longer layer stays as it is; nothing is recorded of that
   * @throws MissingContentException if the repository does not have the layer
   * @throws IOException if the layer cannot be read, or the thread was interrupted
   */
  PlainLayer plain(RepositoryContent repository, Descriptor layer, long maxBytes)
      throws IOException {
    if (!MediaTypes.isLayer(layer.mediaType())) {
      return PlainLayer.kept(layer, "its type is " + layer.mediaType());
    }
    if (layer.size() > maxBytes) {
      return PlainLayer.kept(
          layer,
          "it has %d bytes; conversion.maxLayer allows %d".formatted(layer.size(), maxBytes));
    }
    String key = converter.recipe().id();
    Optional<LayerConversion> known = results.layer(layer.digest(), key);
    if (known.isPresent()) {
      metrics.layerConverted("reused", layer.size(), Duration.ZERO);
      return plain(layer, known.get());
    }
    if (!repository.fetch(layer.digest())) {
      throw new MissingContentException(repository.name(), layer.digest());
    }
    Optional<PlainLayer> already = alreadyLazy(layer);
    return already.isPresent() ? already.get() : plain(layer, convert(layer, key));
  }

  private PlainLayer plain(Descriptor layer, LayerConversion result) throws IOException {
    return switch (result) {
      case LayerConversion.Converted converted ->
          new PlainLayer(
              layer, LayerBlobs.outcome(converted), blobs.inspect(converted.blob().digest()));
      case LayerConversion.Unconvertible(String reason) -> PlainLayer.kept(layer, reason);
    };
  }

  private Optional<PlainLayer> alreadyLazy(Descriptor layer) throws IOException {
    Optional<EStargz> found = blobs.inspect(layer.digest());
    if (found.isEmpty()) {
      return Optional.empty();
    }
    Digest toc = found.get().tocDigest();
    boolean said =
        toc.toString().equals(layer.annotations().get(EStargz.TOC_DIGEST_ANNOTATION))
            && layer.annotations().containsKey(EStargz.UNCOMPRESSED_SIZE_ANNOTATION);
    if (said) {
      return Optional.of(new PlainLayer(layer, new LayerOutcome.PassedThrough(), found));
    }
    try (BlobSource blob = blobs.open(layer.digest())) {
      EStargz.Uncompressed all = converter.verify(blobs.paced(blob), blob.size(), found.get());
      var outcome = new LayerOutcome.Annotated(toc, all.diffId(), all.size());
      return Optional.of(new PlainLayer(layer, outcome, found));
    } catch (ConversionException e) {
      LOG.info("layer {} is eStargz but is converted: {}", layer.digest(), e.getMessage());
      return Optional.empty();
    }
  }

  private LayerConversion convert(Descriptor layer, String key) throws IOException {
    long startedAt = System.nanoTime();
    LayerConversion result;
    try (InputStream source = blobs.stream(layer.digest())) {
      result = blobs.store(out -> converter.convert(source, out));
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
}
