package io.lighter.server.content;

import static org.assertj.core.api.Assertions.assertThat;

import io.lighter.oci.Descriptor;
import io.lighter.oci.Digest;
import io.lighter.oci.Manifest;
import io.lighter.oci.RepositoryName;
import io.lighter.oci.Tag;
import io.lighter.storage.BlobInfo;
import io.lighter.storage.BlobSource;
import io.lighter.storage.ConversionJob;
import io.lighter.storage.ConversionStore;
import io.lighter.storage.LayerConversion;
import io.lighter.storage.LazyViewPut;
import io.lighter.storage.RepositoryKind;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Two tags: {@code done} is converted, {@code new} is not. */
class TagViewsTest {
  private static final RepositoryName NAME = RepositoryName.parse("app");
  private static final Digest ORIGINAL = Digest.ofSha256(new byte[] {1});
  private static final Digest LAZY = Digest.ofSha256(new byte[] {2});
  private static final Digest UNCONVERTED = Digest.ofSha256(new byte[] {3});
  private static final Digest NAMED_SO = Digest.ofSha256(new byte[] {4});

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          REPLACE   | done      |          | lazy
          REPLACE   | done      | LAZY     | lazy
          REPLACE   | done      | ORIGINAL | original
          REPLACE   | new       |          | unconverted
          REPLACE   | new       | LAZY     | unconverted
          NEGOTIATE | done      |          | original
          NEGOTIATE | done      | LAZY     | lazy
          NEGOTIATE | done      | ORIGINAL | original
          NEGOTIATE | new       | LAZY     | unconverted
          NEGOTIATE | done-esgz |          | lazy
          NEGOTIATE | done-esgz | ORIGINAL | lazy
          NEGOTIATE | new-esgz  |          | none
          NEGOTIATE | -esgz     |          | none
          NEGOTIATE | none-esgz |          | none
          NEGOTIATE | none      | LAZY     | none
          REPLACE   | done-esgz |          | lazy
          OFF       | done      | LAZY     | original
          OFF       | done-esgz |          | none
          """)
  void resolve_byPolicyAndRequest(ViewPolicy policy, String tag, View requested, String expected) {
    for (RepositoryKind kind : RepositoryKind.values()) {
      var resolved = resolve(kind, policy, tag, Optional.ofNullable(requested), Map.of());

      assertThat(resolved.map(TagViews.TagAnswer::digest)).isEqualTo(digest(expected));
      resolved.ifPresent(answer -> {
        assertThat(answer.warning()).contains("stale");
        assertThat(answer.view())
            .isEqualTo(answer.digest().equals(LAZY) ? View.LAZY : View.ORIGINAL);
      });
    }
  }

  /** A tag that somebody really pushed wins over a virtual one; upstream is not asked for one. */
  @ParameterizedTest
  @CsvSource({"HOSTED, named", "MIRRORED, lazy"})
  void resolve_tagThatIsNamedLikeAVirtualOne(RepositoryKind kind, String expected) {
    var resolved =
        resolve(
            kind,
            ViewPolicy.NEGOTIATE,
            "done-esgz",
            Optional.empty(),
            Map.of("done-esgz", NAMED_SO));

    assertThat(resolved.map(TagViews.TagAnswer::digest)).isEqualTo(digest(expected));
  }

  private static Optional<TagViews.TagAnswer> resolve(
      RepositoryKind kind,
      ViewPolicy policy,
      String tag,
      Optional<View> requested,
      Map<String, Digest> more) {
    return Tag.tryParse(tag)
        .flatMap(parsed ->
            new TagViews(new Converted(), () -> ConversionPoliciesTest.all(policy))
                .resolve(new TwoTags(kind, more), parsed, requested));
  }

  private static Optional<Digest> digest(String name) {
    return switch (name) {
      case "lazy" -> Optional.of(LAZY);
      case "original" -> Optional.of(ORIGINAL);
      case "unconverted" -> Optional.of(UNCONVERTED);
      case "named" -> Optional.of(NAMED_SO);
      default -> Optional.empty();
    };
  }

  private record TwoTags(RepositoryKind kind, Map<String, Digest> more)
      implements RepositoryContent {
    @Override
    public RepositoryName name() {
      return NAME;
    }

    @Override
    public Optional<String> namespace() {
      return Optional.empty();
    }

    @Override
    public boolean isShortOfPulls() {
      return false;
    }

    @Override
    public Optional<ResolvedTag> tag(Tag tag) {
      Digest digest =
          switch (tag.value()) {
            case "done" -> ORIGINAL;
            case "new" -> UNCONVERTED;
            default -> more.get(tag.value());
          };
      return Optional.ofNullable(digest)
          .map(found -> new ResolvedTag(found, Optional.of("stale"), Duration.ZERO));
    }

    @Override
    public Optional<Listing<Tag>> tags(String after, int limit) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Listing<Descriptor> upstreamReferrers(Digest subject) {
      throw new UnsupportedOperationException();
    }

    @Override
    public boolean confirmAgain(Tag tag) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Optional<Manifest> manifest(Digest digest) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Optional<BlobInfo> blob(Digest digest) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Optional<BlobSource> open(Digest digest) {
      throw new UnsupportedOperationException();
    }

    @Override
    public boolean fetch(Digest digest) {
      throw new UnsupportedOperationException();
    }
  }

  private record Converted() implements ConversionStore {
    @Override
    public Optional<Digest> lazyView(RepositoryName repository, Digest original) {
      return original.equals(ORIGINAL) && repository.equals(NAME)
          ? Optional.of(LAZY)
          : Optional.empty();
    }

    @Override
    public Optional<LayerConversion> layer(Digest source, String recipe) {
      throw new UnsupportedOperationException();
    }

    @Override
    public LayerConversion recordLayer(Digest source, String recipe, LayerConversion result) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Optional<Digest> publish(LazyViewPut put) {
      throw new UnsupportedOperationException();
    }

    @Override
    public boolean enqueue(ConversionJob job) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void update(ConversionJob job) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void drop(ConversionJob job) {
      throw new UnsupportedOperationException();
    }

    @Override
    public List<ConversionJob> jobs(ConversionJob.State state) {
      throw new UnsupportedOperationException();
    }
  }
}
