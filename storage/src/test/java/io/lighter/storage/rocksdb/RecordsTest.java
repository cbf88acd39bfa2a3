package io.lighter.storage.rocksdb;

import static io.lighter.storage.Fixtures.TIME;
import static io.lighter.storage.Fixtures.digest;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lighter.oci.Descriptor;
import io.lighter.oci.Digest;
import io.lighter.oci.DigestAlgorithm;
import io.lighter.oci.RepositoryName;
import io.lighter.storage.BlobInfo;
import io.lighter.storage.ConversionJob;
import io.lighter.storage.LayerConversion;
import io.lighter.storage.RepositoryKind;
import io.lighter.storage.StorageException;
import io.lighter.storage.TagRecord;
import io.lighter.storage.UploadId;
import io.lighter.storage.UploadRecord;
import io.lighter.storage.gc.StoreUse;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class RecordsTest {
  private static final RepositoryName REPOSITORY = new RepositoryName("localhost:5000/team/app");
  private static final Digest SHA512 = Digest.of(DigestAlgorithm.SHA512, new byte[] {1});
  private static final UploadId UPLOAD = UploadId.random();

  /** A value as it is stored, how it is read, and what it must be then. */
  @SuppressWarnings("ArrayRecordComponent") // Only carried, never compared.
  record Case(byte[] stored, Function<byte[], Object> read, Object value) {
    static <T> Case of(T value, Function<T, byte[]> write, Function<byte[], T> read) {
      return new Case(write.apply(value), read::apply, value);
    }

    @Override
    public String toString() {
      return value.toString();
    }
  }

  static Stream<Case> cases() {
    var job = ConversionJob.first(REPOSITORY, SHA512, TIME);
    return Stream.of(
        Case.<Long>of(0L, Records::size, Records::size),
        Case.<Long>of(Long.MAX_VALUE, Records::size, Records::size),
        Case.of(new StoreUse(1, Long.MAX_VALUE), Records::use, Records::use),
        Case.of(RepositoryKind.HOSTED, Records::repository, Records::repository),
        Case.of(RepositoryKind.MIRRORED, Records::repository, Records::repository),
        Case.of(
            new ManifestEntry("type", Optional.of(digest(1)), List.of(digest(2), SHA512)),
            Records::manifest,
            Records::manifest),
        Case.of(
            new ManifestEntry("", Optional.empty(), List.of()),
            Records::manifest,
            Records::manifest),
        Case.of(new StoredBlob(9_000_000_000L, TIME), Records::blob, Records::blob),
        Case.of(new Lease(TIME, Instant.EPOCH), Records::lease, Records::lease),
        Case.of(new TagRecord(digest(1), TIME), Records::tag, Records::tag),
        Case.of(
            new Descriptor(
                "type",
                SHA512,
                9_000_000_000L,
                Optional.of("artifact"),
                Map.of("key", "value äöü 🚢", "", ""),
                Optional.empty(),
                false),
            Records::referrer,
            Records::referrer),
        Case.of(Descriptor.of("type", digest(1), 0), Records::referrer, Records::referrer),
        Case.of(
            new UploadRecord(UPLOAD, REPOSITORY, TIME),
            Records::upload,
            value -> Records.upload(Keys.upload(UPLOAD), value)),
        Case.of(
            new LayerConversion.Converted(
                new BlobInfo(digest(1), 5_000_000_000L),
                digest(2),
                digest(3),
                Long.MAX_VALUE,
                digest(4)),
            Records::conversion,
            Records::conversion),
        Case.of(new LayerConversion.Unconvertible("why"), Records::conversion, Records::conversion),
        Case.<Digest>of(SHA512, Records::lazyView, Records::lazyView),
        Case.of(job, Records::job, Records::job),
        Case.of(job.failed(ConversionJob.State.PARKED, "too large"), Records::job, Records::job));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void read_asWritten_sameValue(Case example) {
    assertThat(example.read().apply(example.stored())).isEqualTo(example.value());
  }

  @ParameterizedTest
  @MethodSource("cases")
  void read_otherVersion_corruptNamesBoth(Case example) {
    byte[] newer = example.stored().clone();
    newer[0] = (byte) 200;

    assertThatThrownBy(() -> example.read().apply(newer))
        .isInstanceOf(StorageException.Corrupt.class)
        .hasMessageContaining("version 200")
        .hasMessageContaining("reads version 1");
  }

  @ParameterizedTest
  @MethodSource("cases")
  void read_anyOtherLength_corrupt(Case example) {
    byte[] stored = example.stored();
    for (int length = 0; length <= stored.length + 1; length++) {
      byte[] wrong = Arrays.copyOf(stored, length);
      if (length != stored.length) {
        assertThatThrownBy(() -> example.read().apply(wrong))
            .isInstanceOf(StorageException.Corrupt.class);
      }
    }
  }

  @Test
  void read_unknownCode_corrupt() {
    assertThatThrownBy(() -> Records.repository(new byte[] {1, 9}))
        .isInstanceOf(StorageException.Corrupt.class);
    assertThatThrownBy(() -> Records.lazyView(new byte[] {1, 9, 0}))
        .isInstanceOf(StorageException.Corrupt.class)
        .hasMessageContaining("code 9");
  }

  @Test
  void read_absurdLength_corruptWithoutAllocating() {
    byte[] stored = new RecordOutput(1).text("x").toBytes();
    stored[1] = 0x7f;
    assertThatThrownBy(() -> Records.manifest(stored)).isInstanceOf(StorageException.Corrupt.class);
  }
}
