package io.lighter.server.command.image;

import io.lighter.conversion.ConvertedImage;
import io.lighter.conversion.ImageConverter;
import io.lighter.conversion.LayerOutcome;
import io.lighter.oci.Descriptor;
import io.lighter.oci.Digest;
import io.lighter.oci.Manifest;
import io.lighter.oci.ManifestView;
import io.lighter.oci.MediaTypes;
import io.lighter.oci.Platform;
import io.lighter.server.content.PlatformPattern;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The conversion of one image from a source to a target. What cannot be converted is copied, so
 * that the target is whole. For one thread, once.
 */
final class ImageRun {
  private static final int MAX_NESTING = 8;

  private final ImageSource source;
  private final ImageTarget target;
  private final Workspace workspace;
  private final ImageLayers layers;
  private final ImageConverter converter;
  private final List<PlatformPattern> platforms;
  private final Progress progress;

  private final Set<Digest> put = new HashSet<>();

  /**
   * What became of an image.
   *
   * @param original what the source has
   * @param result what the target has; the same if nothing was converted
   * @param layers what became of those of all platforms
   */
  record Report(Manifest original, Manifest result, ImageLayers layers) {}

  /**
   * A run.
   *
   * @param platforms which children of an index are wanted; empty for all
   */
  ImageRun(
      ImageSource source,
      ImageTarget target,
      Workspace workspace,
      ImageLayers layers,
      ImageConverter converter,
      List<PlatformPattern> platforms,
      Progress progress) {
    this.source = source;
    this.target = target;
    this.workspace = workspace;
    this.layers = layers;
    this.converter = converter;
    this.platforms = platforms;
    this.progress = progress;
  }

  Report run() throws IOException {
    Manifest original = source.root();
    Manifest result = convert(original, original.view(), MAX_NESTING);
    target.finish(result);
    return new Report(original, result, layers);
  }

  /** Converts a manifest and puts the result, or the original if nothing in it becomes lazy. */
  private Manifest convert(Manifest original, ManifestView root, int depth) throws IOException {
    ManifestView view = original.view();
    if (view.isIndex()) {
      if (depth == 0) {
        throw new ConvertException(
            "the image has indexes within indexes, more than %d".formatted(MAX_NESTING));
      }
      return index(original, view, root, depth);
    }
    return view.isContainerImage() ? image(original, view, root) : copy(original, view);
  }

  private Manifest index(Manifest original, ManifestView view, ManifestView root, int depth)
      throws IOException {
    Set<Digest> leftOut = leftOut(view);
    var replaced = new HashMap<Digest, Manifest>();
    for (Descriptor child : view.manifests()) {
      if (!MediaTypes.isManifest(child.mediaType())) {
        throw new ConvertException(
            "%s of the index has type %s; allowed are manifests and indexes"
                .formatted(child.digest(), child.mediaType()));
      }
      if (!leftOut.contains(child.digest())) {
        Manifest result = convert(source.manifest(child.digest()), root, depth - 1);
        if (!result.digest().equals(child.digest())) {
          replaced.put(child.digest(), result);
        }
      }
    }
    if (replaced.isEmpty()) {
      // The original names what was left out, so it has to be there.
      for (Digest child : leftOut) {
        copy(source.manifest(child), depth - 1);
      }
      return put(original);
    }
    return put(converter.index(original, replaced, leftOut));
  }

  /** Children of platforms that nobody asked for. What says none, such as an attestation, stays. */
  private Set<Digest> leftOut(ManifestView index) {
    var leftOut = new HashSet<Digest>();
    var known = new ArrayList<String>();
    boolean found = false;
    for (Descriptor child : index.manifests()) {
      Optional<Platform> platform =
          child.platform().filter(p -> !p.os().isEmpty() && !p.os().equals("unknown"));
      if (platform.isEmpty() || platforms.isEmpty()) {
        continue;
      }
      known.add(platform.get().toString());
      if (platforms.stream().anyMatch(wanted -> wanted.matches(platform.get()))) {
        found = true;
      } else {
        leftOut.add(child.digest());
      }
    }
    if (!known.isEmpty() && !found) {
      throw new ConvertException(
          "the image has nothing for %s; it has %s".formatted(platforms, known));
    }
    return leftOut;
  }

  private void copy(Manifest original, int depth) throws IOException {
    ManifestView view = original.view();
    if (!view.isIndex()) {
      copy(original, view);
      return;
    }
    if (depth > 0) {
      for (Descriptor child : view.manifests()) {
        copy(source.manifest(child.digest()), depth - 1);
      }
    }
    put(original);
  }

  private Manifest copy(Manifest original, ManifestView view) throws IOException {
    for (Descriptor blob : view.requiredBlobs()) {
      copyBlob(blob);
    }
    return put(original);
  }

  private Manifest image(Manifest original, ManifestView view, ManifestView root)
      throws IOException {
    byte[] config = Files.readAllBytes(fetch(view.config().orElseThrow()));
    List<LayerOutcome> outcomes = layers.convert(root, original.digest(), view, config);
    Optional<ConvertedImage> converted = converter.image(original, config, outcomes);
    if (converted.isEmpty()) {
      return copy(original, view);
    }
    for (int i = 0; i < outcomes.size(); i++) {
      Descriptor layer = view.layers().get(i);
      if (!(outcomes.get(i) instanceof LayerOutcome.Converted) && layer.distributable()) {
        copyBlob(layer);
      }
    }
    byte[] newConfig = converted.get().config();
    Digest configDigest = Digest.ofSha256(newConfig);
    if (!target.has(configDigest)) {
      target.blob(configDigest, Files.write(workspace.file(), newConfig));
    }
    return put(converted.get().manifest());
  }

  private void copyBlob(Descriptor blob) throws IOException {
    if (!target.has(blob.digest())) {
      target.blob(blob.digest(), fetch(blob));
    }
  }

  private Path fetch(Descriptor blob) throws IOException {
    progress.begin("reading " + blob.digest(), blob.size());
    return source.blob(blob, progress);
  }

  private Manifest put(Manifest manifest) throws IOException {
    if (put.add(manifest.digest())) {
      target.manifest(manifest);
    }
    return manifest;
  }
}
