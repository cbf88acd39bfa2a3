package io.lighter.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.lighter.oci.RepositoryName;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** What every {@link UploadStore} does. A backend's test extends this. */
public abstract class UploadStoreContract {
  private static final RepositoryName REPOSITORY = new RepositoryName("team/app");

  /** The store under test; empty when a test begins. */
  protected abstract UploadStore uploads();

  /** Closes the store in good order and opens it again; {@link #uploads} is the new one. */
  protected abstract void reopen();

  @Test
  void find_unknown_empty() {
    assertThat(uploads().find(UploadId.random())).isEmpty();
  }

  @Test
  void put_thenReopen_found() {
    var upload = upload(UploadId.random());
    uploads().put(upload);
    assertThat(uploads().find(upload.id())).contains(upload);

    reopen();

    assertThat(uploads().find(upload.id())).contains(upload);
  }

  @Test
  void all_anyIdentifiers_everyUpload() {
    // The smallest and the greatest identifiers are where an iteration could end too early.
    var first = upload(new UploadId(new UUID(0, 0)));
    var last = upload(new UploadId(new UUID(-1, -1)));
    var other = upload(UploadId.random());
    uploads().put(last);
    uploads().put(first);
    uploads().put(other);

    assertThat(uploads().all()).containsExactlyInAnyOrder(first, last, other);
  }

  @Test
  void remove_open_forgotten() {
    var upload = upload(UploadId.random());
    uploads().put(upload);

    assertThat(uploads().remove(upload.id())).isTrue();
    assertThat(uploads().remove(upload.id())).isFalse();

    reopen();
    assertThat(uploads().find(upload.id())).isEmpty();
    assertThat(uploads().all()).isEmpty();
  }

  @Test
  void remove_byManyAtOnce_trueForOne() throws Exception {
    var upload = upload(UploadId.random());
    uploads().put(upload);

    var removed = Together.run(20, _ -> () -> uploads().remove(upload.id()));

    assertThat(removed).containsOnlyOnce(true);
  }

  private static UploadRecord upload(UploadId id) {
    return new UploadRecord(id, REPOSITORY, Fixtures.TIME);
  }
}
