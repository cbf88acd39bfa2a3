package io.lighter.server.admin;

import io.lighter.oci.Digest;
import io.lighter.oci.InvalidReferenceException;
import io.lighter.oci.RepositoryName;
import io.lighter.oci.Tag;
import io.lighter.server.content.ImageName;
import io.lighter.server.content.Repositories;
import io.lighter.server.upstream.UnknownNamespaceException;
import io.lighter.storage.ConversionJob;
import io.lighter.storage.ConversionStore;
import io.lighter.storage.MetadataStore;
import io.lighter.storage.TagRecord;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * {@code GET /admin/conversion?image=REF}: how far the conversion of a stored image is. Asks no
 * upstream.
 */
public final class ConversionOperation implements AdminOperation {
  private static final String IMAGE = "image";

  private final Repositories repositories;
  private final MetadataStore metadata;
  private final ConversionStore conversions;

  public ConversionOperation(
      Repositories repositories, MetadataStore metadata, ConversionStore conversions) {
    this.repositories = repositories;
    this.metadata = metadata;
    this.conversions = conversions;
  }

  /** What became of an image, or will. */
  public enum State {
    /** Its conversion waits, or is under way; it may have a lazy view of other platforms. */
    WAITING,
    /** It has a lazy view. */
    LAZY,
    /** Its conversion was given up until the next start of the server. */
    PARKED,
    /** It stays as it is: nothing of it can become lazy, or it is not to be converted. */
    ORIGINAL;

    /** As it stands in answers. */
    public String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  @Override
  public String name() {
    return "conversion";
  }

  @Override
  public Set<String> methods() {
    return Set.of("GET");
  }

  @Override
  public Set<String> parameters() {
    return Set.of(IMAGE);
  }

  @Override
  public void run(AdminRequest request, Consumer<Record> answer) {
    ImageName image = request.image(IMAGE);
    RepositoryName repository = repository(image);
    answer.accept(progress(image, repository, stored(image, repository)));
  }

  private RepositoryName repository(ImageName image) {
    try {
      return repositories.resolve(image.repository(), Optional.empty()).name();
    } catch (UnknownNamespaceException | InvalidReferenceException e) {
      throw new AdminException.Invalid(String.valueOf(e.getMessage()));
    }
  }

  private Digest stored(ImageName image, RepositoryName repository) {
    return switch (image.reference()) {
      case Digest digest -> digest;
      case Tag tag ->
          metadata
              .tag(repository, tag)
              .map(TagRecord::digest)
              .orElseThrow(() -> new AdminException.Invalid(image + " is not stored"));
    };
  }

  private Progress progress(ImageName image, RepositoryName repository, Digest digest) {
    // In this order: a job ends with the publication of the lazy view, in one write.
    Optional<ConversionJob> waiting = job(ConversionJob.State.PENDING, repository, digest);
    if (waiting.isPresent()) {
      return new Progress(image.toString(), State.WAITING.text(), "", waiting.get().reason());
    }
    Optional<ConversionJob> parked = job(ConversionJob.State.PARKED, repository, digest);
    if (parked.isPresent()) {
      return new Progress(image.toString(), State.PARKED.text(), "", parked.get().reason());
    }
    return conversions
        .lazyView(repository, digest)
        .map(lazy -> new Progress(image.toString(), State.LAZY.text(), lazy.toString(), ""))
        .orElseGet(() -> new Progress(image.toString(), State.ORIGINAL.text(), "", ""));
  }

  private Optional<ConversionJob> job(
      ConversionJob.State state, RepositoryName repository, Digest image) {
    return conversions.jobs(state).stream()
        .filter(job -> job.repository().equals(repository) && job.image().equals(image))
        .findFirst();
  }

  /**
   * How far it is.
   *
   * @param state text of a {@link State}
   * @param lazy digest of the lazy view, if that is the state
   * @param reason why the last attempt failed, if one did
   */
  private record Progress(String image, String state, String lazy, String reason) {}
}
