package io.lighter.server.admin;

import io.lighter.oci.Digest;
import io.lighter.oci.InvalidReferenceException;
import io.lighter.oci.Manifest;
import io.lighter.oci.ManifestView;
import io.lighter.oci.RepositoryName;
import io.lighter.oci.Tag;
import io.lighter.server.content.ImageName;
import io.lighter.server.content.PlatformPattern;
import io.lighter.server.content.Repositories;
import io.lighter.server.content.TagViews;
import io.lighter.server.convert.StartupSets;
import io.lighter.server.upstream.UnknownNamespaceException;
import io.lighter.storage.MetadataStore;
import io.lighter.storage.TagRecord;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * {@code GET /admin/startset?image=REF&platform=OS/ARCH}: what the start of a converted image
 * reads, worked out anew. Asks no upstream.
 */
public final class StartsetOperation implements AdminOperation {
  private static final String IMAGE = "image";
  private static final String PLATFORM = "platform";
  private static final int MAX_NESTING = 8;

  private final Repositories repositories;
  private final MetadataStore metadata;
  private final TagViews views;
  private final StartupSets sets;

  public StartsetOperation(
      Repositories repositories, MetadataStore metadata, TagViews views, StartupSets sets) {
    this.repositories = repositories;
    this.metadata = metadata;
    this.views = views;
    this.sets = sets;
  }

  @Override
  public String name() {
    return "startset";
  }

  @Override
  public Set<String> methods() {
    return Set.of("GET");
  }

  @Override
  public Set<String> parameters() {
    return Set.of(IMAGE, PLATFORM);
  }

  @Override
  public void run(AdminRequest request, Consumer<Record> answer) {
    ImageName image = request.image(IMAGE);
    PlatformPattern platform = platform(request);
    RepositoryName repository = repository(image);
    Digest original =
        switch (image.reference()) {
          case Digest digest -> digest;
          case Tag tag ->
              metadata
                  .tag(repository, tag)
                  .map(TagRecord::digest)
                  .orElseThrow(() -> new AdminException.Invalid(image + " is not stored"));
        };
    Digest lazy =
        views
            .lazy(repository, original)
            .orElseThrow(() -> new AdminException.Invalid(image + " is not converted"));
    ManifestView view = choose(repository, lazy, platform);
    try {
      answer.accept(sets.report(image.toString(), view));
    } catch (IOException e) {
      throw new UncheckedIOException("the layers of %s cannot be read".formatted(image), e);
    }
  }

  private static PlatformPattern platform(AdminRequest request) {
    try {
      return request.text(PLATFORM).map(PlatformPattern::new).orElseGet(PlatformPattern::local);
    } catch (IllegalArgumentException e) {
      throw new AdminException.Invalid(PLATFORM + ": " + e.getMessage());
    }
  }

  private RepositoryName repository(ImageName image) {
    try {
      return repositories.resolve(image.repository(), Optional.empty()).name();
    } catch (UnknownNamespaceException | InvalidReferenceException e) {
      throw new AdminException.Invalid(String.valueOf(e.getMessage()));
    }
  }

  /** The image of a platform that was converted. */
  private ManifestView choose(RepositoryName repository, Digest root, PlatformPattern platform) {
    Digest digest = root;
    for (int depth = 0; depth < MAX_NESTING; depth++) {
      ManifestView view =
          metadata
              .manifest(repository, digest)
              .map(Manifest::view)
              .orElseThrow(() ->
                  new AdminException.Invalid("its image for %s is not stored".formatted(platform)));
      if (!view.isIndex()) {
        if (!view.isContainerImage()) {
          throw new AdminException.Invalid("it is not a container image");
        }
        return view;
      }
      try {
        digest = platform.choose(view).digest();
      } catch (IllegalArgumentException e) {
        throw new AdminException.Invalid(String.valueOf(e.getMessage()));
      }
    }
    throw new AdminException.Invalid(
        "it has indexes within indexes, more than %d".formatted(MAX_NESTING));
  }
}
