package io.lighter.bench.lazy;

import io.lighter.bench.load.BenchException;
import io.lighter.bench.load.ByteRange;
import io.lighter.bench.load.Call;
import io.lighter.bench.load.Collected;
import io.lighter.bench.work.Registry;
import io.lighter.conversion.BlobView;
import io.lighter.conversion.EStargz;
import io.lighter.conversion.TocEntry;
import io.lighter.oci.Descriptor;
import io.lighter.oci.Digest;
import io.lighter.oci.InvalidManifestException;
import io.lighter.oci.ManifestView;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;

/**
 * An image as a stargz client sees it.
 *
 * @param registry where it is
 * @param reference tag or digest that it is asked for by
 * @param index digest of the index that the reference names; empty if it names the manifest
 * @param manifest digest of the manifest of the platform
 * @param config its configuration
 * @param layers lowest first
 */
public record LazyImage(
    Registry registry,
    String reference,
    Optional<Digest> index,
    Digest manifest,
    Descriptor config,
    List<LazyLayer> layers) {
  private static final String LANDMARK = ".prefetch.landmark";
  private static final String NO_PREFETCH = ".no.prefetch.landmark";

  public LazyImage {
    layers = List.copyOf(layers);
  }

  /**
   * Looks at an image: its manifest, and footer and TOC of each layer.
   *
   * @param platform which image of an index, such as {@code linux/amd64}
   * @throws BenchException if it is not there or cannot be understood
   */
  public static LazyImage read(Registry registry, String reference, String platform) {
    try {
      Collected answer = registry.manifest(reference);
      ManifestView view = view(answer);
      Optional<Digest> index = Optional.empty();
      if (view.isIndex()) {
        index = Optional.of(Digest.ofSha256(answer.content()));
        answer = registry.manifest(child(view, platform).digest().toString());
        view = view(answer);
      }
      var layers = new ArrayList<LazyLayer>();
      for (Descriptor layer : view.layers()) {
        layers.add(layer(registry, layer));
      }
      Descriptor config =
          view.config().orElseThrow(() -> new BenchException(reference + " has no configuration"));
      Digest manifest = Digest.ofSha256(answer.content());
      return new LazyImage(registry, reference, index, manifest, config, layers);
    } catch (InvalidManifestException e) {
      throw new BenchException("%s: %s".formatted(reference, e.getMessage()), e);
    }
  }

  private static ManifestView view(Collected answer) {
    return ManifestView.parse(answer.header("Content-Type"), answer.content());
  }

  private static Descriptor child(ManifestView index, String platform) {
    return index.manifests().stream()
        .filter(one -> one.platform().filter(p -> p.toString().equals(platform)).isPresent())
        .findFirst()
        .orElseThrow(() ->
            new BenchException(
                "the index has no image for %s; it has %s"
                    .formatted(
                        platform,
                        index.manifests().stream()
                            .flatMap(one -> one.platform().stream())
                            .distinct()
                            .toList())));
  }

  private static LazyLayer layer(Registry registry, Descriptor descriptor) {
    String path = registry.blobPath(descriptor.digest());
    if (descriptor.size() == 0) {
      throw new BenchException("layer %s is empty".formatted(descriptor.digest()));
    }
    BlobView view =
        (position, target) -> {
          var range = new ByteRange(position, target.remaining());
          var answer = new Collected();
          Call call = Call.of("GET", path, answer).with("Range: bytes=" + range + "\r\n");
          registry.generator().ask(registry.target(), call, answer);
          if (answer.status() != 206 || answer.content().length != range.length()) {
            throw new IOException(
                "range %s of %s is answered %d with %d bytes"
                    .formatted(range, path, answer.status(), answer.content().length));
          }
          target.put(answer.content());
          return answer.content().length;
        };
    try {
      return EStargz.inspect(view, descriptor.size())
          .filter(_ -> descriptor.annotations().containsKey(EStargz.TOC_DIGEST_ANNOTATION))
          .map(found -> lazy(descriptor, path, found))
          .orElseGet(() -> new LazyLayer(descriptor, path, false, 0, 0, List.of()));
    } catch (IOException e) {
      throw new BenchException("layer %s: %s".formatted(descriptor.digest(), e.getMessage()), e);
    }
  }

  private static LazyLayer lazy(Descriptor descriptor, String path, EStargz found) {
    long prefetch = LazyLayer.CHUNK; // Without a landmark: the first chunk.
    var data = new ArrayList<TocEntry>();
    for (TocEntry entry : found.toc().entries()) {
      switch (entry.path()) {
        case LANDMARK -> prefetch = entry.offset();
        case NO_PREFETCH -> prefetch = 0;
        default -> {
          if (entry.hasData()) {
            data.add(entry);
          }
        }
      }
    }
    long[] offsets =
        LongStream.concat(
                found.toc().entries().stream().mapToLong(TocEntry::offset),
                LongStream.of(found.tocOffset()))
            .sorted()
            .distinct()
            .toArray();
    List<ByteRange> files = data.stream().map(entry -> extent(entry.offset(), offsets)).toList();
    return new LazyLayer(descriptor, path, true, found.tocOffset(), prefetch, files);
  }

  /** A member goes to where the next one begins. */
  private static ByteRange extent(long offset, long[] offsets) {
    int next = java.util.Arrays.binarySearch(offsets, offset) + 1;
    return new ByteRange(offset, offsets[next] - offset);
  }
}
