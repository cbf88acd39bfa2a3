package io.lighter.server.admin;

import io.lighter.oci.Digest;
import io.lighter.oci.InvalidReferenceException;
import io.lighter.oci.Tag;
import io.lighter.server.content.ImageName;
import io.lighter.server.content.Repositories;
import io.lighter.server.content.RepositoryContent;
import io.lighter.server.upstream.UnknownNamespaceException;
import io.lighter.storage.MetadataStore;
import io.lighter.storage.RepositoryKind;
import io.lighter.storage.TagRecord;
import io.lighter.storage.gc.Evicted;
import io.lighter.storage.gc.EvictionIndex;
import io.lighter.storage.gc.EvictionTotals.Reason;
import io.lighter.storage.gc.Evictor;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * {@code POST /admin/invalidate?image=REF}: the tag is confirmed with upstream at the next request,
 * however lately that was done. With {@code drop=true} what is cached of the image goes; converted
 * content that is in use stays readable by its digest.
 */
public final class InvalidateOperation implements AdminOperation {
  private static final String IMAGE = "image";
  private static final String DROP = "drop";

  private final Repositories repositories;
  private final MetadataStore metadata;
  private final EvictionIndex images;
  private final Evictor evictor;
  private final EvictOperation evictions;
  private final Runnable expired;

  /**
   * The operation.
   *
   * @param expired is told when a tag is to be confirmed again
   */
  public InvalidateOperation(
      Repositories repositories,
      MetadataStore metadata,
      EvictionIndex images,
      Evictor evictor,
      EvictOperation evictions,
      Runnable expired) {
    this.repositories = repositories;
    this.metadata = metadata;
    this.images = images;
    this.evictor = evictor;
    this.evictions = evictions;
    this.expired = expired;
  }

  @Override
  public String name() {
    return "invalidate";
  }

  @Override
  public Set<String> parameters() {
    return Set.of(IMAGE, DROP);
  }

  @Override
  public void run(AdminRequest request, Consumer<Record> answer) {
    ImageName image = request.image(IMAGE);
    RepositoryContent repository = mirrored(image);
    answer.accept(request.flag(DROP) ? drop(repository, image) : confirmAgain(repository, image));
  }

  private RepositoryContent mirrored(ImageName image) {
    RepositoryContent repository;
    try {
      repository = repositories.resolve(image.repository(), Optional.empty());
    } catch (UnknownNamespaceException | InvalidReferenceException e) {
      throw new AdminException.Invalid(String.valueOf(e.getMessage()));
    }
    if (repository.kind() == RepositoryKind.HOSTED) {
      throw new AdminException.Invalid(
          "%s is of no upstream: what was pushed is neither confirmed nor had again"
              .formatted(image));
    }
    return repository;
  }

  private Done confirmAgain(RepositoryContent repository, ImageName image) {
    return switch (image.reference()) {
      case Tag tag when repository.confirmAgain(tag) -> {
        expired.run();
        yield new Done(image.toString(), "confirm", 0, 0);
      }
      case Tag _ -> throw unknown(image);
      case Digest _ ->
          throw new AdminException.Invalid(
              "%s never changes, so there is nothing to confirm; name a tag, or drop it"
                  .formatted(image));
    };
  }

  private Done drop(RepositoryContent repository, ImageName image) {
    Digest digest =
        switch (image.reference()) {
          case Digest named -> named;
          case Tag tag ->
              metadata
                  .tag(repository.name(), tag)
                  .map(TagRecord::digest)
                  .orElseThrow(() -> unknown(image));
        };
    var cached = images.image(repository.name(), digest).orElseThrow(() -> unknown(image));
    Evicted evicted =
        evictor
            .drop(cached)
            .orElseThrow(() ->
                new AdminException.Busy(
                    "%s is part of another image, or some of it arrived this moment; drop that image, or try again in %d s"
                        .formatted(image, Evictor.QUIET.toSeconds())));
    evictions.count(evicted, Reason.DROPPED);
    return new Done(
        image.toString(),
        evicted.convertedStays() ? "drop-original" : "drop",
        evicted.blobs().size(),
        evicted.bytes());
  }

  private static AdminException.Invalid unknown(ImageName image) {
    return new AdminException.Invalid("nothing of %s is cached".formatted(image));
  }

  /** What was done. */
  private record Done(String image, String action, int blobs, long bytes) {}
}
