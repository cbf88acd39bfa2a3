package io.lighter.conversion;

import io.lighter.oci.Descriptor;
import io.lighter.oci.Digest;
import java.util.Optional;

/**
 * A layer of an image before anything is laid out first in it.
 *
 * @param source the layer as the original names it
 * @param outcome what takes its place
 * @param content what the lazy blob has; empty if there is none, and if its TOC is too long to be
 *     held in memory
 */
public record PlainLayer(Descriptor source, LayerOutcome outcome, Optional<EStargz> content) {

  /** A layer that stays as it is. */
  public static PlainLayer kept(Descriptor source, String reason) {
    return new PlainLayer(source, new LayerOutcome.Kept(reason), Optional.empty());
  }

  /** The eStargz blob that the layer is, or became; empty if it stays as it is. */
  public Optional<Digest> blob() {
    return switch (outcome) {
      case LayerOutcome.Converted converted -> Optional.of(converted.digest());
      case LayerOutcome.Annotated _, LayerOutcome.PassedThrough _ -> Optional.of(source.digest());
      case LayerOutcome.Kept _ -> Optional.empty();
    };
  }

  /** Whether it was eStargz when it came, with files in front of a landmark for some reason. */
  public boolean isOptimized() {
    return switch (outcome) {
      case LayerOutcome.Annotated _, LayerOutcome.PassedThrough _ ->
          content.filter(EStargz::isOptimized).isPresent();
      case LayerOutcome.Converted _, LayerOutcome.Kept _ -> false;
    };
  }

  /**
   * Whether it has anything of a list, as far as its TOC tells. Of a conversion without a TOC in
   * memory nobody knows before it is laid out; what came as eStargz stays then.
   *
   * @throws LayerTooLargeException if the patterns take too many steps on the paths
   */
  public boolean mayHave(PrefetchList list) {
    return !list.isEmpty()
        && content
            .map(known -> list.hasSomethingIn(known.toc()))
            .orElse(outcome instanceof LayerOutcome.Converted);
  }

  PlainLayer withoutContent() {
    return new PlainLayer(source, outcome, Optional.empty());
  }
}
