package io.lighter.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DigestTest {
  private static final String EMPTY =
      "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

  @Test
  void ofSha256_emptyContent_isTheKnownDigest() {
    assertThat(Digest.ofSha256(new byte[0])).hasToString(EMPTY).isEqualTo(Digest.parse(EMPTY));
  }

  @Test
  void of_sha512_roundTrips() {
    Digest digest = Digest.of(DigestAlgorithm.SHA512, "lighter".getBytes(StandardCharsets.UTF_8));
    assertThat(digest.hex()).hasSize(128);
    assertThat(Digest.parse(digest.toString())).isEqualTo(digest);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "sha256",
        "sha256:",
        "sha256:short",
        "SHA256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "sha256:E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855",
        "sha256:g3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "sha512:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "blake3:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855 "
      })
  void parse_malformed_isRefusedAsDigestInvalid(String text) {
    assertThat(Digest.tryParse(text)).isEmpty();
    assertThatThrownBy(() -> Digest.parse(text))
        .isInstanceOfSatisfying(
            InvalidReferenceException.class,
            refused -> assertThat(refused.code()).isEqualTo(OciErrorCode.DIGEST_INVALID));
  }
}
