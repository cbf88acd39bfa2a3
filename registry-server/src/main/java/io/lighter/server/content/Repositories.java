package io.lighter.server.content;

import io.lighter.oci.Digest;
import io.lighter.oci.RepositoryName;
import io.lighter.server.pullthrough.PullThrough;
import io.lighter.server.upstream.MirroredRepository;
import io.lighter.server.upstream.Namespaces;
import io.lighter.server.upstream.Target;
import io.lighter.storage.BlobStore;
import io.lighter.storage.MetadataStore;
import io.lighter.storage.RepositoryKind;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.Supplier;

/** Which repository a request means. Thread-safe and blocking. */
public final class Repositories {
  private final Supplier<Namespaces> namespaces;
  private final PullThrough pullThrough;
  private final MetadataStore metadata;
  private final BlobStore blobs;

  /**
   * Repositories by their names.
   *
   * @param namespaces what names mean; may be another one at the next call
   */
  public Repositories(
      Supplier<Namespaces> namespaces,
      PullThrough pullThrough,
      MetadataStore metadata,
      BlobStore blobs) {
    this.namespaces = namespaces;
    this.pullThrough = pullThrough;
    this.metadata = metadata;
    this.blobs = blobs;
  }

  /**
   * The repository that a name means for reading.
   *
   * @param name the name as it stands in the path
   * @param namespace the namespace that the request names, if it names one
   */
  public RepositoryContent resolve(String name, Optional<String> namespace) {
    return switch (target(name, namespace)) {
      case Target.Hosted hosted -> hosted(hosted.local());
      case Target.Mirrored mirrored -> mirrored(mirrored.repository());
    };
  }

  /**
   * The repository that a name means for reading a blob. Lazy clients ask for ranges by plain path
   * although they pulled by a namespace, so a plain name that no hosted repository has is looked up
   * in the mirrored repositories of that path, whichever upstream they belong to. Upstream is never
   * asked for a blob of a plain name of which no manifest was ever pulled.
   *
   * @param readable of repositories of other upstreams, those that the client may read; the others
   *     are as if they were not there
   */
  public RepositoryContent forBlob(
      String name, Optional<String> namespace, Digest digest, Predicate<RepositoryName> readable) {
    return switch (target(name, namespace)) {
      case Target.Hosted hosted -> {
        boolean exists = metadata.repository(hosted.local()).isPresent();
        yield exists
            ? hosted(hosted.local())
            : knownMirror(hosted.local(), digest, readable).orElseGet(() -> hosted(hosted.local()));
      }
      case Target.Mirrored mirrored when mirrored.explicit() -> mirrored(mirrored.repository());
      case Target.Mirrored mirrored -> {
        RepositoryName plain = mirrored.repository().remote();
        boolean known = metadata.repository(mirrored.local()).isPresent();
        yield knownMirror(plain, digest, readable)
            .orElseGet(() -> known ? mirrored(mirrored.repository()) : hosted(plain));
      }
    };
  }

  /**
   * The hosted repository that a name means for writing.
   *
   * @throws ReadOnlyRepositoryException if the name is that of a mirrored repository
   */
  public RepositoryName writable(String name, Optional<String> namespace) {
    return switch (target(name, namespace)) {
      case Target.Hosted hosted -> hosted.local();
      case Target.Mirrored mirrored when mirrored.explicit() ->
          throw new ReadOnlyRepositoryException(mirrored.local());
      // Nothing was pushed under this name yet; pushing takes it from the default upstream.
      case Target.Mirrored _ -> RepositoryName.parse(name);
    };
  }

  /**
   * The repository that a name means for writing, whether it may be written to or not.
   *
   * @throws io.lighter.oci.InvalidReferenceException if it is none
   */
  public RepositoryName written(String name, Optional<String> namespace) {
    return switch (target(name, namespace)) {
      case Target.Hosted hosted -> hosted.local();
      case Target.Mirrored mirrored when mirrored.explicit() -> mirrored.local();
      case Target.Mirrored _ -> RepositoryName.parse(name);
    };
  }

  /**
   * Whether a name means the default upstream for want of anything better: it names no host, and
   * nothing was ever pushed or pulled under it.
   */
  public boolean isUnheardOf(String name, Optional<String> namespace) {
    return switch (target(name, namespace)) {
      case Target.Hosted _ -> false;
      case Target.Mirrored mirrored ->
          !mirrored.explicit() && metadata.repository(mirrored.local()).isEmpty();
    };
  }

  /** The repository that is stored under a name. */
  public RepositoryContent stored(RepositoryName local) {
    return metadata.repository(local).equals(Optional.of(RepositoryKind.HOSTED))
        ? hosted(local)
        : resolve(local.value(), Optional.empty());
  }

  private Optional<RepositoryContent> knownMirror(
      RepositoryName path, Digest digest, Predicate<RepositoryName> readable) {
    return namespaces.get().mirroredWithPath(path).stream()
        .filter(candidate -> readable.test(candidate.local()))
        .filter(candidate -> metadata.linkedBlob(candidate.local(), digest).isPresent())
        .findFirst()
        .map(this::mirrored);
  }

  private Target target(String name, Optional<String> namespace) {
    return namespaces.get().resolve(name, namespace.orElse(null), null);
  }

  private RepositoryContent hosted(RepositoryName name) {
    return new HostedContent(name, metadata, blobs);
  }

  private RepositoryContent mirrored(MirroredRepository repository) {
    return new MirroredContent(repository, pullThrough);
  }
}
