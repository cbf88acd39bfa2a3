package io.lighter.server.command.image;

import io.lighter.conversion.ConversionException;
import io.lighter.conversion.EStargz;
import io.lighter.conversion.LayerOutcome;
import io.lighter.conversion.PlainLayer;
import io.lighter.conversion.PlainLayers;
import io.lighter.conversion.Prefetch;
import io.lighter.conversion.PrefetchList;
import io.lighter.conversion.Prefetched;
import io.lighter.conversion.startset.StartupLayout;
import io.lighter.conversion.startset.image.ImageCommand;
import io.lighter.oci.Descriptor;
import io.lighter.oci.Digest;
import io.lighter.oci.ManifestView;
import io.lighter.server.convert.PrefetchLists;
import io.lighter.server.startset.StartsetReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The layers of images: converted as in the server, laid out for lists and for what the start
 * reads, and put where the result is to be. For one thread, once.
 */
final class ImageLayers {
  private final ImageSource source;
  private final ImageTarget target;
  private final Workspace workspace;
  private final Layers layers;
  private final ImageStarts starts;
  private final First first;
  private final Progress progress;

  private final Map<Digest, Converted> converted = new HashMap<>();
  private final Set<Report> reports = new LinkedHashSet<>();
  private final List<StartsetReport> startupSets = new ArrayList<>();
  private final Set<PrefetchList.Item> matched = new HashSet<>();
  private final Set<String> notes = new LinkedHashSet<>();

  /**
   * What is laid out first.
   *
   * @param list names it, instead of what the image says of itself; may be empty
   * @param limit most bytes of uncompressed tar that lists put in front in a layer
   * @param startupSet most bytes of files that the start-up set of an image puts in front
   */
  record First(PrefetchList list, long limit, long startupSet) {}

  /**
   * What became of a layer.
   *
   * @param source as the original names it
   * @param outcome what takes its place
   * @param prefetched what it has in front of its landmark
   */
  record Report(Descriptor source, LayerOutcome outcome, Prefetched prefetched) {}

  /** A layer that several images may have: its outcome before anything was laid out first. */
  private record Converted(LayerOutcome outcome, Path file) {}

  ImageLayers(
      ImageSource source,
      ImageTarget target,
      Workspace workspace,
      Layers layers,
      ImageStarts starts,
      First first,
      Progress progress) {
    this.source = source;
    this.target = target;
    this.workspace = workspace;
    this.layers = layers;
    this.starts = starts;
    this.first = first;
    this.progress = progress;
  }

  /** What became of the layers of all images, each once. */
  Set<Report> reports() {
    return reports;
  }

  /** What was found out of the starts of the images. */
  List<StartsetReport> startupSets() {
    return startupSets;
  }

  /** Items of lists that some layer has something for. */
  Set<PrefetchList.Item> matched() {
    return matched;
  }

  /** Why layers stayed as they were. */
  Set<String> notes() {
    return notes;
  }

  /**
   * Converts the layers of an image. Those that became lazy are in the target when this returns.
   *
   * @param root the index that the image is in, or the image
   * @param name digest of the image's manifest
   * @return as many outcomes as there are layers
   */
  List<LayerOutcome> convert(ManifestView root, Digest name, ManifestView image, byte[] config)
      throws IOException {
    var plain = new PlainLayers();
    for (Descriptor layer : image.layers()) {
      plain
          .add(layer, this::plain)
          .ifPresent(
              reason -> notes.add("layer %s stays as it is: %s".formatted(layer.digest(), reason)));
    }
    PrefetchList given =
        first.list().isEmpty()
            ? PrefetchLists.of(root, image, config).orElse(PrefetchList.NONE)
            : first.list();
    List<PrefetchList> lists = lists(plain, given, name, starts.command(config));
    var outcomes = new ArrayList<LayerOutcome>();
    for (PlainLayer layer : plain.all()) {
      Layers.LaidOut result = laidOut(layer, lists.get(outcomes.size()), given);
      store(layer.source(), result);
      matched.addAll(result.prefetched().matched());
      reports.add(new Report(layer.source(), result.outcome(), result.prefetched()));
      outcomes.add(result.outcome());
    }
    return outcomes;
  }

  private PlainLayer plain(Descriptor layer) throws IOException {
    if (!layer.distributable()) {
      return PlainLayer.kept(layer, "it is not in the registry");
    }
    Converted known = converted.get(layer.digest());
    if (known != null) {
      var content =
          known.outcome().lazy() ? Layers.inspect(known.file()) : Optional.<EStargz>empty();
      return new PlainLayer(layer, known.outcome(), content);
    }
    progress.begin("reading " + layer.digest(), layer.size());
    Path file = source.blob(layer, progress);
    Layers.Plain plain = layers.plain(layer, file);
    converted.put(layer.digest(), new Converted(plain.layer().outcome(), plain.file()));
    if (!plain.layer().outcome().lazy()) {
      put(layer.digest(), file);
    } else if (!plain.file().equals(file) && file.startsWith(workspace.directory())) {
      Files.delete(file); // It gives its room back.
    }
    return plain.layer();
  }

  /** What is to come first in each layer: what lists say, and behind it what the start reads. */
  private List<PrefetchList> lists(
      PlainLayers plain, PrefetchList given, Digest name, ImageCommand command) throws IOException {
    // An image that is lazy as it came keeps its digest, unless somebody wants it otherwise.
    boolean unasked = plain.asTheyCame() && given.isEmpty();
    if (first.startupSet() == 0 || unasked || command.command().isEmpty()) {
      return Collections.nCopies(plain.all().size(), given);
    }
    progress.begin("working out the start", 0);
    List<Layers.Plain> files =
        plain.all().stream().map(layer -> new Layers.Plain(layer, file(layer))).toList();
    ImageStarts.Start start = starts.of(name.toString(), command, files);
    startupSets.add(start.report());
    progress.say(start.report().summary());
    return StartupLayout.of(start.set(), files.size(), first.startupSet()).stream()
        .map(given::and)
        .toList();
  }

  private Layers.LaidOut laidOut(PlainLayer layer, PrefetchList list, PrefetchList given)
      throws IOException {
    try {
      // Who has laid out something before knew why; who gives a list now wants it otherwise.
      boolean wanted = layer.mayHave(list) && (!layer.isOptimized() || layer.mayHave(given));
      if (wanted) {
        long most = first.limit() + first.startupSet();
        return layers.layOut(new Layers.Plain(layer, file(layer)), new Prefetch(list, most));
      }
    } catch (ConversionException e) {
      notes.add(
          "layer %s is not laid out anew: %s".formatted(layer.source().digest(), e.getMessage()));
    }
    return new Layers.LaidOut(layer.outcome(), Prefetched.NONE, file(layer));
  }

  /** The file of a layer's lazy blob; something else if it is not lazy. */
  private Path file(PlainLayer layer) {
    Converted known = converted.get(layer.source().digest());
    return known == null ? workspace.directory() : known.file();
  }

  private void store(Descriptor layer, Layers.LaidOut result) throws IOException {
    switch (result.outcome()) {
      case LayerOutcome.Converted made -> put(made.digest(), result.file());
      case LayerOutcome.Annotated _, LayerOutcome.PassedThrough _ ->
          put(layer.digest(), result.file());
      case LayerOutcome.Kept _ -> {} // Who puts the image together copies what is missing.
    }
  }

  private void put(Digest digest, Path file) throws IOException {
    if (!target.has(digest)) {
      progress.begin("storing " + digest, 0);
      target.blob(digest, file);
    }
  }
}
