package io.lighter.storage;

import static io.lighter.storage.Fixtures.bytes;
import static io.lighter.storage.Fixtures.readAll;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lighter.oci.Digest;
import io.lighter.oci.DigestAlgorithm;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What the partial blobs of every {@link BlobStore} do. A backend's test extends this. */
public abstract class PartialBlobContract {
  protected static final int SIZE = 3_000_001;
  protected static final byte[] CONTENT = bytes(7, SIZE);
  protected static final Digest DIGEST = Digest.ofSha256(CONTENT);

  /** The store under test; empty when a test begins. */
  protected abstract BlobStore store();

  /** Closes the store in good order and opens it again; {@link #store} is the new one. */
  protected abstract void reopen();

  @Test
  void openPartial_new_hasNothing() {
    try (var blob = store().openPartial(DIGEST, SIZE)) {
      assertThat(blob.size()).isEqualTo(SIZE);
      assertThat(blob.present().isEmpty()).isTrue();
      assertThat(blob.read(ByteBuffer.allocate(10), 0)).isZero();
    }
    assertThat(store().stat(DIGEST)).isEmpty();
  }

  @Test
  void openPartial_twice_refusedUntilClosed() {
    try (var _ = store().openPartial(DIGEST, SIZE)) {
      assertThatThrownBy(() -> store().openPartial(DIGEST, SIZE))
          .isInstanceOf(StorageException.Unavailable.class);
    }
    store().openPartial(DIGEST, SIZE).close();
  }

  @ParameterizedTest
  @EnumSource
  void commit_piecesInAnyOrder_isTheBlob(DigestAlgorithm algorithm) {
    Digest digest = Digest.of(algorithm, CONTENT);
    List<Extent> pieces = pieces(40_000);
    Collections.shuffle(pieces, new Random(3));

    try (var blob = store().openPartial(digest, SIZE)) {
      pieces.forEach(piece -> write(blob, piece));

      assertThat(blob.present()).containsExactly(new Extent(0, SIZE));
      assertThat(blob.commit()).isEqualTo(new BlobInfo(digest, SIZE));
      assertThat(read(blob, 1000, 50)).as("still readable").isEqualTo(slice(1000, 1050));
    }
    try (var source = store().open(digest)) {
      assertThat(readAll(source)).isEqualTo(CONTENT);
    }
  }

  @Test
  void write_fromManyThreads_isTheBlob() throws Exception {
    try (var blob = store().openPartial(DIGEST, SIZE)) {
      List<Extent> pieces = pieces(10_000);
      Together.run(
          4,
          i ->
              () -> {
                for (int at = i; at < pieces.size(); at += 4) {
                  write(blob, pieces.get(at));
                }
                return i;
              });
      blob.commit();
    }
    try (var source = store().open(DIGEST)) {
      assertThat(readAll(source)).isEqualTo(CONTENT);
    }
  }

  @Test
  void read_upToTheGap_andNothingInIt() {
    try (var blob = store().openPartial(DIGEST, SIZE)) {
      write(blob, new Extent(100, 200));

      assertThat(read(blob, 150, 1000)).isEqualTo(slice(150, 200));
      assertThat(read(blob, 200, 10)).isEmpty();
      assertThat(read(blob, 0, 10)).isEmpty();
    }
  }

  @Test
  void close_thenReopenStore_goesOnWhereItWas() {
    try (var blob = store().openPartial(DIGEST, SIZE)) {
      write(blob, new Extent(0, 1_000_000));
      write(blob, new Extent(2_000_000, SIZE));
    }

    reopen();

    try (var blob = store().openPartial(DIGEST, SIZE)) {
      assertThat(blob.present())
          .containsExactly(new Extent(0, 1_000_000), new Extent(2_000_000, SIZE));
      assertThat(read(blob, 2_000_000, 100)).isEqualTo(slice(2_000_000, 2_000_100));
      write(blob, new Extent(1_000_000, 2_000_000));
      blob.commit();
    }
    try (var source = store().open(DIGEST)) {
      assertThat(readAll(source)).isEqualTo(CONTENT);
    }
  }

  @Test
  void openPartial_otherSize_beginsAnew() {
    try (var blob = store().openPartial(DIGEST, SIZE)) {
      write(blob, new Extent(0, 1000));
    }
    try (var blob = store().openPartial(DIGEST, SIZE + 1)) {
      assertThat(blob.present().isEmpty()).isTrue();
    }
  }

  @Test
  void commit_otherContent_discarded() {
    Digest other = Digest.ofSha256(new byte[] {1});
    try (var blob = store().openPartial(other, SIZE)) {
      write(blob, new Extent(0, SIZE));

      assertThatThrownBy(blob::commit).isInstanceOf(StorageException.DigestMismatch.class);
    }
    assertThat(store().stat(other)).isEmpty();
    try (var blob = store().openPartial(other, SIZE)) {
      assertThat(blob.present().isEmpty()).isTrue();
    }
  }

  @Test
  void commit_notWhole_refused() {
    try (var blob = store().openPartial(DIGEST, SIZE)) {
      write(blob, new Extent(1, SIZE));

      assertThatThrownBy(blob::commit).isInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  void commit_whatIsStoredAlready_isThatBlob() {
    Fixtures.commit(store(), CONTENT);
    try (var blob = store().openPartial(DIGEST, SIZE)) {
      write(blob, new Extent(0, SIZE));

      assertThat(blob.commit()).isEqualTo(new BlobInfo(DIGEST, SIZE));
    }
    try (var blob = store().openPartial(DIGEST, SIZE)) {
      assertThat(blob.present().isEmpty()).isTrue();
    }
  }

  @Test
  void discard_leavesNothing() {
    try (var blob = store().openPartial(DIGEST, SIZE)) {
      write(blob, new Extent(0, 1000));
      blob.discard();
    }
    try (var blob = store().openPartial(DIGEST, SIZE)) {
      assertThat(blob.present().isEmpty()).isTrue();
    }
  }

  @Test
  void write_beyondTheEnd_refused() {
    try (var blob = store().openPartial(DIGEST, SIZE)) {
      assertThatThrownBy(() -> blob.write(SIZE - 1, ByteBuffer.allocate(2)))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  private static List<Extent> pieces(int length) {
    var pieces = new ArrayList<Extent>();
    for (int at = 0; at < SIZE; at += length) {
      pieces.add(new Extent(at, Math.min(SIZE, at + length)));
    }
    return pieces;
  }

  protected static void write(PartialBlob blob, Extent piece) {
    blob.write(piece.first(), ByteBuffer.wrap(CONTENT, (int) piece.first(), (int) piece.length()));
  }

  private static byte[] read(PartialBlob blob, long position, int most) {
    var target = ByteBuffer.allocate(most);
    while (target.hasRemaining() && blob.read(target, position + target.position()) > 0) {
      // As much as is there.
    }
    return java.util.Arrays.copyOf(target.array(), target.position());
  }

  private static byte[] slice(int first, int end) {
    return java.util.Arrays.copyOfRange(CONTENT, first, end);
  }
}
