package io.lighter.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.lighter.oci.Digest;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class EntityTagsTest {
  private final Digest digest = Digest.ofSha256("x".getBytes(StandardCharsets.UTF_8));
  private final Digest other = Digest.ofSha256("y".getBytes(StandardCharsets.UTF_8));

  @Test
  void anyWeak_quotedWeakBareListAndStar() {
    assertThat(EntityTags.anyWeak(EntityTags.of(digest), digest)).isTrue();
    assertThat(EntityTags.anyWeak("W/" + EntityTags.of(digest), digest)).isTrue();
    assertThat(EntityTags.anyWeak(digest.toString(), digest)).isTrue();
    assertThat(EntityTags.anyWeak(EntityTags.of(other) + ", " + EntityTags.of(digest), digest))
        .isTrue();
    assertThat(EntityTags.anyWeak("*", digest)).isTrue();
  }

  @Test
  void anyStrong_weakTag_isFalse() {
    assertThat(EntityTags.anyStrong("W/" + EntityTags.of(digest), digest)).isFalse();
    assertThat(EntityTags.anyStrong(EntityTags.of(other) + ", " + EntityTags.of(digest), digest))
        .isTrue();
    assertThat(EntityTags.anyStrong("*", digest)).isTrue();
  }

  @Test
  void any_others_isFalse() {
    for (String list : List.of(EntityTags.of(other), "", "\"", "W/", ",")) {
      assertThat(EntityTags.anyWeak(list, digest)).as(list).isFalse();
      assertThat(EntityTags.anyStrong(list, digest)).as(list).isFalse();
    }
  }
}
