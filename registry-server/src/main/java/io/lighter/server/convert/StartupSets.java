package io.lighter.server.convert;

import io.lighter.conversion.BlobView;
import io.lighter.conversion.EStargz;
import io.lighter.conversion.LayerOutcome;
import io.lighter.conversion.startset.StartupAnalysis;
import io.lighter.conversion.startset.image.ImageCommand;
import io.lighter.conversion.startset.image.ImageTree;
import io.lighter.conversion.startset.image.LayerContents;
import io.lighter.conversion.startset.trace.StartupSet;
import io.lighter.oci.Descriptor;
import io.lighter.oci.Digest;
import io.lighter.storage.BlobSource;
import io.lighter.storage.BlobStore;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * What the start of an image reads, worked out from its converted layers in the store. Thread-safe;
 * takes up to seconds and belongs on the conversion threads.
 */
public final class StartupSets {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final BlobStore blobs;
  private final StartupAnalysis analysis;

  public StartupSets(BlobStore blobs, StartupAnalysis analysis) {
    this.blobs = blobs;
    this.analysis = analysis;
  }

  /**
   * Works out a start.
   *
   * @param layers of the original, lowest first
   * @param outcomes what has become of them; what is not eStargz cannot be looked into
   * @param config the image's configuration
   * @return empty if that is no JSON
   * @throws IOException if the layers cannot be read
   */
  Optional<StartupSet> of(List<Descriptor> layers, List<LayerOutcome> outcomes, byte[] config)
      throws IOException {
    ImageCommand command;
    try {
      command = ImageCommand.of(JSON.readTree(config));
    } catch (JacksonException _) {
      return Optional.empty(); // Whoever needs the configuration says what is wrong with it.
    }
    var open = new ArrayList<BlobSource>();
    try {
      var image = new ImageTree();
      for (int i = 0; i < layers.size(); i++) {
        Optional<Digest> lazy = lazy(layers.get(i), outcomes.get(i));
        if (lazy.isPresent()) {
          BlobSource blob = blobs.open(lazy.get());
          open.add(blob);
          image.add(contents(blob));
        } else {
          image.add(LayerContents.NONE);
        }
      }
      return Optional.of(analysis.analyze(image, command));
    } finally {
      open.forEach(BlobSource::close);
    }
  }

  private static LayerContents contents(BlobSource blob) throws IOException {
    BlobView view = (position, target) -> blob.read(target, position);
    return EStargz.inspect(view, blob.size())
        .map(layer -> LayerContents.of(layer, view))
        .orElse(LayerContents.NONE);
  }

  private static Optional<Digest> lazy(Descriptor layer, LayerOutcome outcome) {
    return switch (outcome) {
      case LayerOutcome.Converted converted -> Optional.of(converted.digest());
      case LayerOutcome.Annotated _, LayerOutcome.PassedThrough _ -> Optional.of(layer.digest());
      case LayerOutcome.Kept _ -> Optional.empty();
    };
  }
}
