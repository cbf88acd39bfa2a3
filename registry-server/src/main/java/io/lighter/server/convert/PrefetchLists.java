package io.lighter.server.convert;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lighter.conversion.InvalidPrefetchListException;
import io.lighter.conversion.PrefetchList;
import io.lighter.oci.Digest;
import io.lighter.oci.ManifestView;
import io.lighter.oci.RepositoryName;
import io.lighter.oci.Tag;
import io.lighter.storage.MetadataStore;
import io.lighter.storage.PrefetchListStore;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Which files of an image are to be laid out first. What an operator has set for a tag of the image
 * comes before what he has set for its repository, and that before what the image says of itself:
 * by an annotation of its manifest, of the index above it, or by a label of its configuration.
 *
 * <p>Thread-safe and blocking.
 */
public final class PrefetchLists {

  /** Annotation of a manifest or index, and label of a configuration, that holds a list. */
  public static final String NAME = "io.lighter.prefetch";

  private static final Logger LOG = LoggerFactory.getLogger(PrefetchLists.class);
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final PrefetchListStore store;
  private final MetadataStore metadata;

  public PrefetchLists(PrefetchListStore store, MetadataStore metadata) {
    this.store = store;
    this.metadata = metadata;
  }

  /**
   * Reads a list: paths and patterns, one a line, or the JSON lines of a recording.
   *
   * @param name what to call it in messages
   * @throws InvalidPrefetchListException if it is neither
   */
  public static PrefetchList parse(String text, String name) {
    var bytes = new ByteArrayInputStream(text.getBytes(UTF_8));
    try {
      return text.stripLeading().startsWith("{")
          ? PrefetchList.parseRecord(bytes, name)
          : PrefetchList.parse(bytes, name);
    } catch (IOException e) {
      throw new UncheckedIOException("memory cannot be read", e);
    }
  }

  /** What was set for a tag that names the image, the first in order, or for its repository. */
  Optional<PrefetchList> set(RepositoryName repository, Digest image) {
    for (Map.Entry<Tag, String> list : store.ofTags(repository).entrySet()) {
      boolean named =
          metadata
              .tag(repository, list.getKey())
              .filter(tag -> tag.digest().equals(image))
              .isPresent();
      if (named) {
        return Optional.of(parse(list.getValue(), repository + ":" + list.getKey()));
      }
    }
    return store.find(repository, Optional.empty()).map(text -> parse(text, repository.value()));
  }

  /**
   * What an image says of itself.
   *
   * @param root the index that it is in, or itself
   * @param image its manifest
   * @param config its configuration
   */
  public static Optional<PrefetchList> of(ManifestView root, ManifestView image, byte[] config) {
    return annotated(image).or(() -> annotated(root)).or(() -> labelled(config));
  }

  private static Optional<PrefetchList> annotated(ManifestView view) {
    return Optional.ofNullable(view.annotations().get(NAME)).flatMap(PrefetchLists::ofImage);
  }

  private static Optional<PrefetchList> labelled(byte[] config) {
    try {
      JsonNode label = JSON.readTree(config).path("config").path("Labels").path(NAME);
      return label.isString() ? ofImage(label.asString()) : Optional.empty();
    } catch (JacksonException _) {
      return Optional.empty(); // Whoever needs the configuration says what is wrong with it.
    }
  }

  /** A list that anybody may have written; commas end lines, because labels often have one. */
  private static Optional<PrefetchList> ofImage(String text) {
    try {
      return Optional.of(
          parse(
              text.indexOf('\n') < 0 && !text.stripLeading().startsWith("{")
                  ? text.replace(',', '\n')
                  : text,
              NAME));
    } catch (InvalidPrefetchListException e) {
      LOG.info("a prefetch list of an image is left out: {}", e.getMessage());
      return Optional.empty();
    }
  }
}
