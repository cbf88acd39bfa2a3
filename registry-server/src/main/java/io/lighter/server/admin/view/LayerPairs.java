package io.lighter.server.admin.view;

import io.lighter.conversion.EStargz;
import io.lighter.oci.Descriptor;
import io.lighter.oci.Digest;
import io.lighter.oci.ManifestView;
import io.lighter.server.heat.BlobHeat;
import io.lighter.server.heat.BlobReads;
import io.lighter.storage.BlobStore;
import io.lighter.storage.ConversionStore;
import io.lighter.storage.LayerConversion;
import io.lighter.storage.LayerConversion.Converted;
import io.lighter.storage.LayerConversion.Unconvertible;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The layers of an image beside what became of them.
 *
 * @param recipe what results of conversions are kept under
 */
public record LayerPairs(
    BlobStore blobs, ConversionStore conversions, BlobReads reads, String recipe) {

  /**
   * A layer.
   *
   * @param state {@code lazy}, {@code unconvertible}, {@code kept} (a layer below it cannot become
   *     lazy, so it stays) or {@code pending} (nobody has converted it)
   * @param reason why it cannot become lazy; else empty
   * @param here whether its bytes are in the store
   * @param lazy what it became; none if it did not
   */
  record Layer(
      String digest,
      String mediaType,
      long size,
      boolean here,
      String state,
      String reason,
      Optional<LazyLayer> lazy) {}

  /**
   * A layer with a table of contents.
   *
   * @param ranges how many ranges were asked of it since counting began
   * @param rangeBytes sum of their lengths
   */
  record LazyLayer(
      String digest,
      String mediaType,
      long size,
      boolean here,
      String tocDigest,
      long ranges,
      long rangeBytes) {}

  /** Pairs the layers of an image with those of its lazy counterpart, which are as many. */
  List<Layer> of(ManifestView original, Optional<ManifestView> lazy) {
    var pairs = new ArrayList<Layer>();
    List<Descriptor> counterparts = lazy.map(ManifestView::layers).orElse(List.of());
    boolean stopped = false;
    for (int i = 0; i < original.layers().size(); i++) {
      Descriptor layer = original.layers().get(i);
      Optional<LazyLayer> toc =
          Optional.of(i < counterparts.size() ? counterparts.get(i) : layer)
              .filter(of -> of.annotations().containsKey(EStargz.TOC_DIGEST_ANNOTATION))
              .map(this::lazy);
      Optional<LayerConversion> result = conversions.layer(layer.digest(), recipe);
      String reason =
          result
              .map(known ->
                  switch (known) {
                    case Unconvertible(String why) -> why;
                    case Converted _ -> "";
                  })
              .orElse("");
      String state;
      if (toc.isPresent()) {
        state = "lazy";
      } else if (!reason.isEmpty()) {
        state = "unconvertible";
        stopped = true;
      } else {
        state = stopped ? "kept" : "pending";
      }
      pairs.add(
          new Layer(
              layer.digest().toString(),
              layer.mediaType(),
              layer.size(),
              isHere(layer.digest()),
              state,
              toc.isPresent() ? "" : reason,
              toc));
    }
    return pairs;
  }

  private LazyLayer lazy(Descriptor layer) {
    Optional<BlobHeat.Snapshot> heat = reads.of(layer.digest());
    return new LazyLayer(
        layer.digest().toString(),
        layer.mediaType(),
        layer.size(),
        isHere(layer.digest()),
        layer.annotations().getOrDefault(EStargz.TOC_DIGEST_ANNOTATION, ""),
        heat.map(BlobHeat.Snapshot::ranges).orElse(0L),
        heat.map(BlobHeat.Snapshot::bytes).orElse(0L));
  }

  private boolean isHere(Digest digest) {
    return blobs.stat(digest).isPresent();
  }
}
