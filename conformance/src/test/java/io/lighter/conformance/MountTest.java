package io.lighter.conformance;

import static io.lighter.conformance.Answers.assertError;
import static io.lighter.conformance.Answers.assertNoHeader;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Mounting a blob while its source goes away, from nowhere, and from the repository itself. */
@ExtendWith(RegistryExtension.class)
class MountTest {
  private final Registry registry;
  private final Repository source;
  private final Repository target;

  MountTest(Registry registry) {
    this.registry = registry;
    this.source = registry.repository();
    this.target = registry.repository();
  }

  @Test
  void mount_sourceDeletedMeanwhile_wholeOrUpload() {
    for (int i = 0; i < 20; i++) {
      var blob = Content.random(3000);
      source.push(blob);
      var answers =
          Race.run(
              () -> target.post("?mount=" + blob.digest() + "&from=" + source.name()),
              () -> source.deleteBlob(blob.digest()));
      assertThat(answers.getLast().statusCode()).isEqualTo(202);
      var mounted = answers.getFirst();
      if (mounted.statusCode() != 201) {
        var upload = Upload.opened(target, mounted);
        assertThat(upload.commit(blob.digest(), blob.bytes()).statusCode()).isEqualTo(201);
      }
      assertThat(target.blob(blob.digest()).asByteArray()).isEqualTo(blob.bytes());
      assertError(source.blob(blob.digest()), 404, "BLOB_UNKNOWN");
    }
  }

  @Test
  void mount_fromItself_created() {
    var blob = Content.random(100);
    source.push(blob);
    var mounted = source.post("?mount=" + blob.digest() + "&from=" + source.name());
    assertThat(mounted.statusCode()).isEqualTo(201);
    assertThat(source.blob(blob.digest()).asByteArray()).isEqualTo(blob.bytes());
  }

  @Test
  void mount_deletedFromSource_notMountable() {
    var blob = Content.random(100);
    source.push(blob);
    source.deleteBlob(blob.digest());
    var answer = target.post("?mount=" + blob.digest() + "&from=" + source.name());
    assertThat(answer.statusCode()).isEqualTo(202);
    assertNoHeader(answer, "Docker-Content-Digest");
    assertThat(target.headBlob(blob.digest()).statusCode()).isEqualTo(404);
  }

  @Test
  void mount_blobOfThirdRepository_notFromNamedOne() {
    var blob = Content.random(100);
    source.push(blob);
    var unrelated = registry.repository();
    unrelated.push(Content.random(1));
    var answer = target.post("?mount=" + blob.digest() + "&from=" + unrelated.name());
    assertThat(answer.statusCode()).isEqualTo(202);
  }

  @Test
  void mounted_sourceDeleted_stays() {
    var blob = Content.random(100);
    source.push(blob);
    target.post("?mount=" + blob.digest() + "&from=" + source.name());
    assertThat(source.deleteBlob(blob.digest()).statusCode()).isEqualTo(202);
    assertThat(target.blob(blob.digest()).asByteArray()).isEqualTo(blob.bytes());
    assertThat(target.deleteBlob(blob.digest()).statusCode()).isEqualTo(202);
    assertThat(target.headBlob(blob.digest()).statusCode()).isEqualTo(404);
  }

  @Test
  void mount_withDigestParameter_opensUpload() {
    var blob = Content.random(100);
    var answer = target.post("?mount=" + blob.digest() + "&digest=" + blob.digest());
    var upload = Upload.opened(target, answer);
    assertThat(upload.commit(blob.digest(), blob.bytes()).statusCode()).isEqualTo(201);
  }
}
