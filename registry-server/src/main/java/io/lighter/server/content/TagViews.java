package io.lighter.server.content;

import io.lighter.oci.Digest;
import io.lighter.oci.RepositoryName;
import io.lighter.oci.Tag;
import io.lighter.server.content.RepositoryContent.ResolvedTag;
import io.lighter.storage.ConversionStore;
import io.lighter.storage.RepositoryKind;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Which manifest a tag answers: the original one, or its converted counterpart once that is
 * published. Thread-safe and blocking.
 */
public final class TagViews {

  /** Appended to a tag, it names that tag's lazy view. Never listed. */
  public static final String VIRTUAL_SUFFIX = "-esgz";

  private final ConversionStore conversions;
  private final Supplier<ConversionPolicies> policies;

  /** Resolves tags by the policies of their repositories, as they are at each call. */
  public TagViews(ConversionStore conversions, Supplier<ConversionPolicies> policies) {
    this.conversions = conversions;
    this.policies = policies;
  }

  /** The published lazy view of an image. */
  public Optional<Digest> lazy(RepositoryName repository, Digest original) {
    return conversions.lazyView(repository, original);
  }

  /**
   * Resolves a tag. A lazy view that is asked for and does not exist yet is answered with the
   * original; a virtual tag is not, it does not exist before its image was converted.
   *
   * @param requested the view that the request asks for, if it asks for one
   */
  public Optional<TagAnswer> resolve(
      RepositoryContent repository, Tag tag, Optional<View> requested) {
    ViewPolicy policy = policies.get().of(repository).view();
    if (policy == ViewPolicy.OFF) {
      return repository.tag(tag).map(TagAnswer::original);
    }
    // The virtual tag is tried first in a mirrored repository: upstream need not be asked for a
    // name that is made here.
    return repository.kind() == RepositoryKind.MIRRORED
        ? virtual(repository, tag).or(() -> named(repository, tag, policy, requested))
        : named(repository, tag, policy, requested).or(() -> virtual(repository, tag));
  }

  private Optional<TagAnswer> named(
      RepositoryContent repository, Tag tag, ViewPolicy policy, Optional<View> requested) {
    View wanted = requested.orElse(policy == ViewPolicy.REPLACE ? View.LAZY : View.ORIGINAL);
    return repository
        .tag(tag)
        .map(resolved ->
            switch (wanted) {
              case ORIGINAL -> TagAnswer.original(resolved);
              case LAZY -> lazy(repository, resolved).orElseGet(() -> TagAnswer.original(resolved));
            });
  }

  private Optional<TagAnswer> virtual(RepositoryContent repository, Tag tag) {
    String text = tag.value();
    return text.endsWith(VIRTUAL_SUFFIX)
        ? Tag.tryParse(text.substring(0, text.length() - VIRTUAL_SUFFIX.length()))
            .flatMap(repository::tag)
            .flatMap(resolved -> lazy(repository, resolved))
        : Optional.empty();
  }

  private Optional<TagAnswer> lazy(RepositoryContent repository, ResolvedTag resolved) {
    return lazy(repository.name(), resolved.digest())
        .map(digest -> new TagAnswer(digest, View.LAZY, resolved.warning(), resolved.holds()));
  }

  /**
   * What a tag answers.
   *
   * @param digest the manifest
   * @param view which view that is
   * @param warning for the client, if upstream did not confirm the tag
   * @param holds for how long the same may be answered unless something is changed here
   */
  public record TagAnswer(Digest digest, View view, Optional<String> warning, Duration holds) {
    static TagAnswer original(ResolvedTag resolved) {
      return new TagAnswer(resolved.digest(), View.ORIGINAL, resolved.warning(), resolved.holds());
    }
  }
}
