package io.lighter.server.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lighter.oci.Digest;
import io.lighter.oci.Manifest;
import io.lighter.oci.MediaTypes;
import io.lighter.oci.RepositoryName;
import io.lighter.server.access.AccessControl;
import io.lighter.server.access.AccessRule;
import io.lighter.server.access.AccessTerms;
import io.lighter.server.access.Action;
import io.lighter.server.access.Credentials;
import io.lighter.server.access.Policy;
import io.lighter.server.access.Rights;
import io.lighter.server.content.RepositoryPatterns;
import io.lighter.storage.BlobInfo;
import io.lighter.storage.BlobSource;
import io.lighter.storage.BlobStore;
import io.lighter.storage.BlobWriter;
import io.lighter.storage.Leases;
import io.lighter.storage.PartialBlob;
import io.lighter.storage.UploadId;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class HotContentTest {
  private static final Rights EVERYBODY =
      rights(
          List.of(
              new AccessRule(
                  new RepositoryPatterns(List.of("**")),
                  new RepositoryPatterns(List.of()),
                  Set.of(AccessRule.ANYBODY),
                  Set.of(),
                  Set.of(Action.PULL))));

  /** No view, no part, no condition. */
  private static final Selection ALL = new Selection("", null, null, null);

  private static final byte[] CONTENT = {1, 2, 3};
  private static final Digest DIGEST = Digest.ofSha256(CONTENT);
  private static final BlobInfo BLOB = new BlobInfo(DIGEST, CONTENT.length);

  private static final RepositoryName REPOSITORY = RepositoryName.parse("app");

  private final OpenBlob store = new OpenBlob();
  private final OneLease leases = new OneLease();
  private final AtomicLong settings = new AtomicLong();
  private final HotContent hot = new HotContent(store, leases, settings::get);

  @Test
  void tryAnswer_whatWasNoted_isAnswered() {
    note("app", "docker.io");

    assertThat(get("app", "docker.io").orElseThrow().answer().status()).isEqualTo(200);
    assertThat(
            hot.tryAnswer(
                    false,
                    new Endpoint.Blob("app", DIGEST.toString()),
                    Optional.of("docker.io"),
                    ALL.range("bytes=1-1"),
                    EVERYBODY)
                .orElseThrow()
                .answer()
                .status())
        .isEqualTo(206);
  }

  @Test
  void tryAnswer_underAnotherNameOrNamespace_isUnknown() {
    note("app", "docker.io");

    assertThat(get("other", "docker.io")).isEmpty();
    assertThat(get("app", "quay.io")).isEmpty();
    assertThat(get("app", "")).isEmpty();
    assertThat(
            hot.tryAnswer(
                false,
                new Endpoint.Blob("app", "sha256:short"),
                Optional.of("docker.io"),
                ALL,
                EVERYBODY))
        .isEmpty();
  }

  @Test
  void tryAnswer_get_needsTheOpenBlobAndHeadDoesNot() {
    note("app", "");
    store.open = false;

    assertThat(get("app", "")).isEmpty();
    assertThat(
            hot.tryAnswer(
                    true,
                    new Endpoint.Blob("app", DIGEST.toString()),
                    Optional.empty(),
                    ALL,
                    EVERYBODY)
                .orElseThrow()
                .answer()
                .body())
        .isEqualTo(new Answer.Body.Head(CONTENT.length));
  }

  @Test
  void forgetAll_forgets() {
    note("app", "");
    hot.forgetAll();

    assertThat(get("app", "")).isEmpty();
  }

  /** A request that looked before a delete must not note what it saw after it. */
  @Test
  void note_ofWhatWasSeenBeforeADelete_isDropped() {
    long before = hot.generation();
    hot.forgetAll();
    hot.note("app", Optional.empty(), REPOSITORY, Optional.empty(), BLOB, before);

    assertThat(get("app", "")).isEmpty();
  }

  /** What is being collected at this moment is looked up again. */
  @Test
  void tryAnswer_whatCannotBeLeased_isUnknown() {
    note("app", "");
    leases.here = false;

    assertThat(get("app", "")).isEmpty();
  }

  /** Forgotten between the look and the lease: the lease may have come too late. */
  @Test
  void tryAnswer_whatIsForgottenMeanwhile_isUnknown() {
    note("app", "");
    leases.meanwhile = hot::forgetAll;

    assertThat(get("app", "")).isEmpty();
  }

  private void note(String name, String namespace) {
    hot.note(
        name,
        Optional.of(namespace).filter(host -> !host.isEmpty()),
        REPOSITORY,
        Optional.empty(),
        BLOB,
        hot.generation());
  }

  private Optional<HotContent.Hit> get(String name, String namespace) {
    return hot.tryAnswer(
        false,
        new Endpoint.Blob(name, DIGEST.toString()),
        Optional.of(namespace).filter(host -> !host.isEmpty()),
        ALL,
        EVERYBODY);
  }

  @Test
  void tryAnswer_manifestNotedByAGet_answersGetAndHead() {
    noteManifest(true, Duration.ofMinutes(1));

    assertThat(manifest(false).orElseThrow().answer().status()).isEqualTo(200);
    assertThat(manifest(true).orElseThrow().answer().status()).isEqualTo(200);
  }

  /** First pulls must not cost those who read lazily. */
  @Test
  void forgetManifests_blobsAreKnownStill() {
    note("app", "");
    noteManifest(true, Duration.ofMinutes(1));
    hot.forgetManifests();

    assertThat(manifest(true)).isEmpty();
    assertThat(get("app", "")).isPresent();
  }

  /** The conversion has to hear of what is pulled, and a HEAD did not tell it. */
  @Test
  void tryAnswer_manifestNotedByAHead_answersNoGet() {
    noteManifest(false, Duration.ofMinutes(1));

    assertThat(manifest(true)).isPresent();
    assertThat(manifest(false)).isEmpty();
  }

  @Test
  void tryAnswer_manifestThatHoldsForATime_isUnknownAfterIt() {
    noteManifest(true, Duration.ZERO);
    assertThat(manifest(true)).isEmpty();

    noteManifest(true, Duration.ofMillis(300));
    assertThat(manifest(true)).isPresent();
    await().atMost(Duration.ofSeconds(5)).until(() -> manifest(true).isEmpty());
  }

  private void noteManifest(boolean pulled, Duration holds) {
    var endpoint = new Endpoint.Manifest("app", "1");
    var known =
        new HotContent.KnownManifest(
            REPOSITORY,
            new Manifest(DIGEST, MediaTypes.OCI_MANIFEST, CONTENT),
            new Representation(DIGEST, MediaTypes.OCI_MANIFEST, true, Optional.empty()),
            Optional.empty(),
            pulled);
    hot.note(endpoint, Optional.empty(), ALL, known, holds, hot.generation());
  }

  private Optional<HotContent.Hit> manifest(boolean head) {
    return hot.tryAnswer(head, new Endpoint.Manifest("app", "1"), Optional.empty(), ALL, EVERYBODY);
  }

  @Test
  void tryAnswer_callerWhoMayNot_isNotAnswered() {
    note("app", "");

    assertThat(
            hot.tryAnswer(
                false,
                new Endpoint.Blob("app", DIGEST.toString()),
                Optional.empty(),
                ALL,
                rights(List.of())))
        .isEmpty();
  }

  /** A name may mean another repository since. */
  @Test
  void tryAnswer_whatWasNotedByOtherSettings_isUnknown() {
    note("app", "");
    settings.incrementAndGet();

    assertThat(get("app", "")).isEmpty();
  }

  private static Rights rights(List<AccessRule> rules) {
    var terms =
        AccessTerms.of(
            new AccessControl.Settings(
                true,
                new Policy(rules, Map.of()),
                AccessControl.Form.BASIC,
                "",
                Duration.ofMinutes(5),
                List.of()),
            Clock.systemUTC());
    return new AccessControl(() -> terms, Optional.empty(), Clock.systemUTC())
        .identify(new Credentials("", Optional.empty(), "127.0.0.1"));
  }

  private static final class OneLease implements Leases {
    private boolean here = true;
    private Runnable meanwhile = () -> {};

    @Override
    public boolean keep(RepositoryName repository, Digest digest, Use use) {
      throw new AssertionError("blocks");
    }

    @Override
    public boolean tryKeep(RepositoryName repository, Digest digest, Use use) {
      meanwhile.run();
      return here && repository.equals(REPOSITORY) && digest.equals(DIGEST);
    }
  }

  /** A store of one blob that is open, or not. Whatever may block is not to be called. */
  private static final class OpenBlob implements BlobStore {
    private boolean open = true;

    @Override
    public Optional<BlobSource> tryOpen(Digest digest) {
      return open && digest.equals(DIGEST)
          ? Optional.of(new BlobSource.Memory(CONTENT))
          : Optional.empty();
    }

    @Override
    public Optional<BlobInfo> stat(Digest digest) {
      throw new AssertionError("blocks");
    }

    @Override
    public boolean isDamaged(Digest digest) {
      return false;
    }

    @Override
    public BlobSource open(Digest digest) {
      throw new AssertionError("blocks");
    }

    @Override
    public BlobWriter newWriter() {
      throw new AssertionError("blocks");
    }

    @Override
    public BlobWriter newUpload(UploadId id) {
      throw new AssertionError("blocks");
    }

    @Override
    public BlobWriter resumeUpload(UploadId id) {
      throw new AssertionError("blocks");
    }

    @Override
    public PartialBlob openPartial(Digest digest, long size) {
      throw new AssertionError("blocks");
    }

    @Override
    public void deleteUpload(UploadId id) {
      throw new AssertionError("blocks");
    }

    @Override
    public boolean delete(Digest digest) {
      throw new AssertionError("blocks");
    }

    @Override
    public void close() {}
  }
}
