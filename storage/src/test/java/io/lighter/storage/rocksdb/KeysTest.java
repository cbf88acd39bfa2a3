package io.lighter.storage.rocksdb;

import static io.lighter.storage.Fixtures.digest;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.lighter.oci.Digest;
import io.lighter.oci.DigestAlgorithm;
import io.lighter.oci.RepositoryName;
import io.lighter.oci.Tag;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class KeysTest {
  private static final RepositoryName REPOSITORY = new RepositoryName("a/b");

  @Test
  void tag_neighbouringRepositories_keysDoNotBeginAlike() {
    byte[] prefix = Keys.tags(REPOSITORY);
    for (String other : List.of("a/bc", "a/b/c", "a/b-c", "a")) {
      byte[] key = Keys.tag(new RepositoryName(other), new Tag("v1"));
      assertThat(Arrays.mismatch(prefix, key)).isLessThan(prefix.length);
    }
    assertThat(Keys.textAfter(prefix, Keys.tag(REPOSITORY, new Tag("v1")))).isEqualTo("v1");
  }

  @Test
  void blob_anyDigests_orderOfTheDigests() {
    var digests =
        Stream.concat(
                IntStream.range(0, 50).mapToObj(number -> digest(number)),
                IntStream.range(0, 50)
                    .mapToObj(
                        number -> Digest.of(DigestAlgorithm.SHA512, ("" + number).getBytes(UTF_8))))
            .toList();

    assertThat(
            digests.stream()
                .sorted((one, other) -> Arrays.compareUnsigned(Keys.blob(one), Keys.blob(other))))
        .isEqualTo(digests.stream().sorted().toList());
  }

  @Test
  void digestAfter_bothAlgorithms_roundTrip() {
    var child = digest(1);
    for (Digest parent : List.of(digest(2), Digest.of(DigestAlgorithm.SHA512, new byte[] {1}))) {
      assertThat(
              Keys.digestAfter(
                  Keys.parents(REPOSITORY, child), Keys.parent(REPOSITORY, child, parent)))
          .isEqualTo(parent);
    }
  }

  @Test
  void after_element_greaterThanItAndNotThanTheNext() {
    byte[] prefix = Keys.tags(REPOSITORY);
    byte[] after = Keys.after(prefix, "v1");

    assertThat(Arrays.compareUnsigned(after, Keys.tag(REPOSITORY, new Tag("v1")))).isPositive();
    assertThat(Arrays.compareUnsigned(after, Keys.tag(REPOSITORY, new Tag("v1-")))).isNegative();
    assertThat(Keys.after(prefix, "")).isEqualTo(prefix);
  }
}
