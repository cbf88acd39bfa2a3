package io.lighter.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.lighter.oci.Digest;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class EntityTagsTest {
  private final Digest digest = Digest.ofSha256("x".getBytes(StandardCharsets.UTF_8));
  private final Digest other = Digest.ofSha256("y".getBytes(StandardCharsets.UTF_8));

  @Test
  void matches_quotedWeakBareListAndStar() {
    assertThat(EntityTags.matches(EntityTags.of(digest), digest)).isTrue();
    assertThat(EntityTags.matches("W/" + EntityTags.of(digest), digest)).isTrue();
    assertThat(EntityTags.matches(digest.toString(), digest)).isTrue();
    assertThat(EntityTags.matches(EntityTags.of(other) + ", " + EntityTags.of(digest), digest))
        .isTrue();
    assertThat(EntityTags.matches("*", digest)).isTrue();
  }

  @Test
  void matches_others_isFalse() {
    assertThat(EntityTags.matches(EntityTags.of(other), digest)).isFalse();
    assertThat(EntityTags.matches("", digest)).isFalse();
    assertThat(EntityTags.matches("\"", digest)).isFalse();
  }
}
