package io.lighter.server.admin;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lighter.conversion.InvalidPrefetchListException;
import io.lighter.conversion.PrefetchList;
import io.lighter.oci.InvalidReferenceException;
import io.lighter.oci.RepositoryName;
import io.lighter.oci.Tag;
import io.lighter.server.content.ImageName;
import io.lighter.server.content.Repositories;
import io.lighter.server.content.RepositoryContent;
import io.lighter.server.convert.ConversionScheduler;
import io.lighter.server.convert.PrefetchLists;
import io.lighter.server.upstream.UnknownNamespaceException;
import io.lighter.storage.PrefetchListStore;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * {@code PUT}, {@code GET} and {@code DELETE /admin/prefetch-list?image=REF}: which files of an
 * image are laid out first. A name with a tag means that tag, whatever it names in future; a name
 * without one means the repository. A change has the images converted again; their lazy view
 * changes when that is done.
 */
public final class PrefetchListOperation implements AdminOperation {
  /** Largest list that is accepted, in bytes. */
  static final int MAX_BYTES = 4 << 20;

  private static final String IMAGE = "image";

  private final Repositories repositories;
  private final PrefetchListStore lists;
  private final ConversionScheduler conversions;

  public PrefetchListOperation(
      Repositories repositories, PrefetchListStore lists, ConversionScheduler conversions) {
    this.repositories = repositories;
    this.lists = lists;
    this.conversions = conversions;
  }

  @Override
  public String name() {
    return "prefetch-list";
  }

  @Override
  public Set<String> methods() {
    return Set.of("PUT", "GET", "DELETE");
  }

  @Override
  public int maxBody() {
    return MAX_BYTES;
  }

  @Override
  public Set<String> parameters() {
    return Set.of(IMAGE);
  }

  private record Target(RepositoryContent repository, Optional<Tag> tag) {
    RepositoryName name() {
      return repository.name();
    }

    String text() {
      return name() + tag.map(named -> ":" + named).orElse("");
    }
  }

  @Override
  public void run(AdminRequest request, Consumer<Record> answer) {
    Target target = target(request);
    switch (request.method()) {
      case "PUT" -> answer.accept(set(target, new String(request.body(), UTF_8)));
      case "DELETE" -> answer.accept(remove(target));
      default ->
          answer.accept(
              new Found(
                  target.text(),
                  lists.find(target.name(), target.tag()).orElseThrow(() -> unknown(target))));
    }
  }

  private Target target(AdminRequest request) {
    ImageName image = request.image(IMAGE);
    String text = request.text(IMAGE).orElseThrow();
    boolean tagged = text.indexOf(':', text.lastIndexOf('/') + 1) >= 0;
    if (!(image.reference() instanceof Tag tag)) {
      throw new AdminException.Invalid(
          "%s: a list is for a tag or a repository, not for a digest".formatted(image));
    }
    try {
      return new Target(
          repositories.resolve(image.repository(), Optional.empty()),
          tagged ? Optional.of(tag) : Optional.empty());
    } catch (UnknownNamespaceException | InvalidReferenceException e) {
      throw new AdminException.Invalid(String.valueOf(e.getMessage()));
    }
  }

  private Changed set(Target target, String text) {
    PrefetchList list;
    try {
      list = PrefetchLists.parse(text, "the list");
    } catch (InvalidPrefetchListException e) {
      throw new AdminException.Invalid(String.valueOf(e.getMessage()));
    }
    if (list.isEmpty()) {
      throw new AdminException.Invalid(
          "the list names nothing; allowed: a path or pattern on each line, or the JSON lines of a recording");
    }
    lists.put(target.name(), target.tag(), text);
    return new Changed(target.text(), list.items().size(), schedule(target));
  }

  private Changed remove(Target target) {
    if (!lists.remove(target.name(), target.tag())) {
      throw unknown(target);
    }
    return new Changed(target.text(), 0, schedule(target));
  }

  private int schedule(Target target) {
    return conversions.prefetchListChanged(target.repository(), target.tag());
  }

  private static AdminException.Invalid unknown(Target target) {
    return new AdminException.Invalid("no prefetch list was set for " + target.text());
  }

  /**
   * What a list says.
   *
   * @param list as it was set
   */
  private record Found(String image, String list) {}

  /**
   * What was done.
   *
   * @param items paths and patterns of the list; 0 after it was removed
   * @param scheduled images that are converted again
   */
  private record Changed(String image, int items, int scheduled) {}
}
