package io.lighter.server.content;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lighter.oci.Digest;
import io.lighter.oci.InvalidReferenceException;
import io.lighter.oci.Platform;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ImageNameTest {
  private static final Digest DIGEST = Digest.ofSha256("x".getBytes(StandardCharsets.UTF_8));

  @ParameterizedTest
  @CsvSource({
    "nginx,nginx,latest",
    "nginx:1.27,nginx,1.27",
    "docker.io/library/nginx:1,docker.io/library/nginx,1",
    "registry:5000/team/app,registry:5000/team/app,latest",
    "registry:5000/team/app:v1,registry:5000/team/app,v1"
  })
  void parse_tag_splitsAtTheLastColonOfTheName(String text, String repository, String tag) {
    ImageName name = ImageName.parse(text);

    assertThat(name.repository()).isEqualTo(repository);
    assertThat(name.reference()).hasToString(tag);
    assertThat(name).hasToString(repository + ':' + tag);
  }

  @Test
  void parse_digest_winsOverTag() {
    assertThat(ImageName.parse("quay.io/app:v1@" + DIGEST))
        .isEqualTo(new ImageName("quay.io/app", DIGEST))
        .hasToString("quay.io/app@" + DIGEST);
  }

  @Test
  void parse_neither_refused() {
    for (String text : new String[] {"", ":v1", "app:", "app:-", "app@sha256:1"}) {
      assertThatThrownBy(() -> ImageName.parse(text)).isInstanceOf(InvalidReferenceException.class);
    }
  }

  @Test
  void matches_platform_withAnyVariantUnlessOneIsSaid() {
    var v7 = new Platform("linux", "arm", "v7");

    assertThat(new PlatformPattern("linux/arm").matches(v7)).isTrue();
    assertThat(new PlatformPattern("linux/arm/v7").matches(v7)).isTrue();
    assertThat(new PlatformPattern("linux/arm/v6").matches(v7)).isFalse();
    assertThat(new PlatformPattern("linux/arm64").matches(v7)).isFalse();
  }
}
