package io.lighter.server.content;

import io.lighter.oci.Descriptor;
import io.lighter.oci.Digest;
import io.lighter.oci.Manifest;
import io.lighter.oci.RepositoryName;
import io.lighter.oci.Tag;
import io.lighter.server.pullthrough.Listed;
import io.lighter.server.pullthrough.PullThrough;
import io.lighter.server.upstream.MirroredRepository;
import io.lighter.server.upstream.UpstreamException;
import io.lighter.storage.BlobInfo;
import io.lighter.storage.BlobSource;
import io.lighter.storage.RepositoryKind;
import java.util.Optional;
import java.util.function.Supplier;

/** A repository that is pulled through from an upstream. */
record MirroredContent(MirroredRepository repository, PullThrough pullThrough)
    implements RepositoryContent {

  @Override
  public RepositoryName name() {
    return repository.local();
  }

  @Override
  public RepositoryKind kind() {
    return RepositoryKind.MIRRORED;
  }

  @Override
  public Optional<String> namespace() {
    return Optional.of(repository.upstream().name());
  }

  @Override
  public boolean isShortOfPulls() {
    return repository.upstream().isShortOfPulls();
  }

  @Override
  public Optional<ResolvedTag> tag(Tag tag) {
    return unlessMissing(() -> pullThrough.tag(repository, tag))
        .map(resolved ->
            new ResolvedTag(
                resolved.digest(),
                resolved
                    .stale()
                    .map(why -> why.warning(repository.upstream().name(), resolved.confirmedAt())),
                pullThrough.holds(repository, resolved)));
  }

  @Override
  public Optional<Listing<Tag>> tags(String after, int limit) {
    return unlessMissing(() -> listing(pullThrough.tags(repository, after, limit)));
  }

  @Override
  public Listing<Descriptor> upstreamReferrers(Digest subject) {
    return listing(pullThrough.referrers(repository, subject));
  }

  private static <E> Listing<E> listing(Listed<E> listed) {
    return new Listing<>(listed.entries(), listed.warning());
  }

  @Override
  public boolean confirmAgain(Tag tag) {
    return pullThrough.confirmAgain(repository, tag);
  }

  @Override
  public Optional<Manifest> manifest(Digest digest) {
    return unlessMissing(() -> pullThrough.manifest(repository, digest));
  }

  @Override
  public Optional<BlobInfo> blob(Digest digest) {
    return unlessMissing(() -> pullThrough.stat(repository, digest));
  }

  @Override
  public Optional<BlobSource> open(Digest digest) {
    return unlessMissing(() -> pullThrough.open(repository, digest));
  }

  @Override
  public boolean fetch(Digest digest) {
    return unlessMissing(
            () -> {
              pullThrough.fetch(repository, digest);
              return digest;
            })
        .isPresent();
  }

  private static <T> Optional<T> unlessMissing(Supplier<T> call) {
    try {
      return Optional.of(call.get());
    } catch (UpstreamException.NotFound e) {
      return Optional.empty();
    }
  }
}
