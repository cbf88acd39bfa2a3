package io.lighter.server.command.image;

import io.lighter.conversion.ConversionException;
import io.lighter.conversion.ConvertedImage;
import io.lighter.conversion.ImageConverter;
import io.lighter.conversion.LayerOutcome;
import io.lighter.conversion.LayerStack;
import io.lighter.conversion.PrefetchList;
import io.lighter.conversion.Prefetched;
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
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
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
  private final Layers layers;
  private final ImageConverter converter;
  private final List<PlatformPattern> platforms;
  private final Progress progress;

  private final Map<Digest, LayerReport> reports = new LinkedHashMap<>();
  private final Set<PrefetchList.Item> matched = new HashSet<>();
  private final Set<Digest> put = new HashSet<>();
  private final Set<String> notes = new LinkedHashSet<>();

  /**
   * What became of a layer.
   *
   * @param source as the original names it
   * @param outcome what takes its place
   * @param prefetched what it has in front of its landmark
   * @param file holds the layer if the outcome is lazy
   */
  record LayerReport(Descriptor source, LayerOutcome outcome, Prefetched prefetched, Path file) {

    private LayerReport kept(String reason) {
      return new LayerReport(source, new LayerOutcome.Kept(reason), Prefetched.NONE, file);
    }
  }

  /**
   * What became of an image.
   *
   * @param original what the source has
   * @param result what the target has; the same if nothing was converted
   * @param layers of all platforms, each once
   * @param matched items of the prefetch list that some layer has something for
   * @param notes why something stayed as it is
   */
  record Report(
      Manifest original,
      Manifest result,
      List<LayerReport> layers,
      Set<PrefetchList.Item> matched,
      Set<String> notes) {}

  /**
   * A run.
   *
   * @param platforms which children of an index are wanted; empty for all
   */
  ImageRun(
      ImageSource source,
      ImageTarget target,
      Workspace workspace,
      Layers layers,
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
    Manifest result = convert(original, MAX_NESTING);
    target.finish(result);
    return new Report(original, result, List.copyOf(reports.values()), matched, notes);
  }

  /** Converts a manifest and puts the result, or the original if nothing in it becomes lazy. */
  private Manifest convert(Manifest original, int depth) throws IOException {
    ManifestView view = original.view();
    if (view.isIndex()) {
      if (depth == 0) {
        throw new ConvertException(
            "the image has indexes within indexes, more than %d".formatted(MAX_NESTING));
      }
      return index(original, view, depth);
    }
    return view.isContainerImage() ? image(original, view) : copy(original, view);
  }

  private Manifest index(Manifest original, ManifestView view, int depth) throws IOException {
    Set<Digest> leftOut = leftOut(view);
    var replaced = new HashMap<Digest, Manifest>();
    for (Descriptor child : view.manifests()) {
      if (!MediaTypes.isManifest(child.mediaType())) {
        throw new ConvertException(
            "%s of the index has type %s; allowed are manifests and indexes"
                .formatted(child.digest(), child.mediaType()));
      }
      if (!leftOut.contains(child.digest())) {
        Manifest result = convert(source.manifest(child.digest()), depth - 1);
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

  private Manifest image(Manifest original, ManifestView view) throws IOException {
    Descriptor config = view.config().orElseThrow();
    byte[] configBytes = Files.readAllBytes(fetch(config));
    var outcomes = new ArrayList<LayerOutcome>();
    var stack = new LayerStack();
    boolean below = true;
    for (Descriptor layer : view.layers()) {
      LayerOutcome outcome = outcome(layer, below ? Optional.of(stack) : Optional.empty());
      below &= outcome.lazy();
      outcomes.add(outcome);
    }
    List<LayerOutcome> lazy = ImageConverter.lazyPrefix(outcomes);
    Optional<ConvertedImage> converted = converter.image(original, configBytes, lazy);
    if (converted.isEmpty()) {
      return copy(original, view);
    }
    for (int i = 0; i < lazy.size(); i++) {
      if (!(lazy.get(i) instanceof LayerOutcome.Converted)
          && view.layers().get(i).distributable()) {
        copyBlob(view.layers().get(i));
      }
    }
    byte[] newConfig = converted.get().config();
    Digest configDigest = Digest.ofSha256(newConfig);
    if (!target.has(configDigest)) {
      target.blob(configDigest, Files.write(workspace.file(), newConfig));
    }
    return put(converted.get().manifest());
  }

  /**
   * What becomes of a layer.
   *
   * @param stack the layers below it, on which it may mean something else mounted than unpacked;
   *     empty if one of them stays as it is, because clients download this one then
   */
  private LayerOutcome outcome(Descriptor layer, Optional<LayerStack> stack) throws IOException {
    LayerReport report = reports.get(layer.digest());
    if (report == null) {
      report = report(layer);
      matched.addAll(report.prefetched().matched());
    }
    if (stack.isPresent() && report.outcome().lazy()) {
      report = layers.toc(report.file()).flatMap(stack.get()::add).map(report::kept).orElse(report);
    }
    if (report.outcome() instanceof LayerOutcome.Kept(String reason)) {
      notes.add("layer %s stays as it is: %s".formatted(layer.digest(), reason));
    }
    reports.put(layer.digest(), report);
    return report.outcome();
  }

  private LayerReport report(Descriptor layer) throws IOException {
    if (!layer.distributable()) {
      var kept = new LayerOutcome.Kept("it is not in the registry");
      return new LayerReport(layer, kept, Prefetched.NONE, workspace.directory());
    }
    Path file = fetch(layer);
    Optional<LayerOutcome> asItIs = layers.asItIs(layer, file);
    if (asItIs.isPresent()) {
      target.blob(layer.digest(), file);
      return new LayerReport(layer, asItIs.get(), Prefetched.NONE, file);
    }
    try {
      Path converted = workspace.file();
      Layers.Result result = layers.convert(file, converted);
      if (!target.has(result.digest())) {
        progress.begin("storing " + result.digest(), 0);
        target.blob(result.digest(), converted);
      }
      discard(file);
      return new LayerReport(
          layer,
          LayerOutcome.Converted.of(result.digest(), result.layer()),
          result.layer().prefetched(),
          converted);
    } catch (ConversionException e) {
      target.blob(layer.digest(), file);
      return new LayerReport(
          layer, new LayerOutcome.Kept(String.valueOf(e.getMessage())), Prefetched.NONE, file);
    }
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

  /** Gives room back that a layer took in the workspace. */
  private void discard(Path file) throws IOException {
    if (file.startsWith(workspace.directory())) {
      Files.deleteIfExists(file);
    }
  }

  private Manifest put(Manifest manifest) throws IOException {
    if (put.add(manifest.digest())) {
      target.manifest(manifest);
    }
    return manifest;
  }
}
