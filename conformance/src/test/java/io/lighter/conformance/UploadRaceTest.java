package io.lighter.conformance;

import static io.lighter.conformance.Answers.assertHeader;
import static org.assertj.core.api.Assertions.assertThat;

import io.restassured.response.Response;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Two requests on one upload, and many clients with one blob: bytes never mix. */
@ExtendWith(RegistryExtension.class)
class UploadRaceTest {
  private static final int HALF = 400_000;

  private final Registry registry;
  private final Repository repository;
  private final Content blob = Content.random(2 * HALF);

  UploadRaceTest(Registry registry) {
    this.registry = registry;
    this.repository = registry.repository();
  }

  @RepeatedTest(5)
  void twoPatches_sameLocation_oneIsTaken() {
    var upload = repository.upload();
    var answers = Race.run(2, _ -> upload.append(blob.slice(0, HALF)));
    assertOneTaken(answers, 202);
    assertHeader(upload.state(), "Range", "0-" + (HALF - 1));
    var rest = upload.next(upload.state());
    rest = rest.next(rest.append(blob.slice(HALF, 2 * HALF)));
    assertThat(rest.commit(blob.digest()).statusCode()).isEqualTo(201);
  }

  /**
   * Without the query nothing tells the two apart: both may be stored, one behind the other. They
   * are equal, so that either order is the same blob and any mixture another.
   */
  @RepeatedTest(5)
  void twoPatches_barePath_neverInterleaved() {
    byte[] half = blob.slice(0, HALF);
    var upload = repository.upload().withoutQuery();
    var answers = Race.run(2, _ -> upload.append(half));
    long taken = answers.stream().filter(answer -> answer.statusCode() == 202).count();
    assertThat(taken).isBetween(1L, 2L);
    var stored = ByteBuffer.allocate((int) taken * HALF);
    while (stored.hasRemaining()) {
      stored.put(half);
    }
    var content = Content.of(Content.OCTET_STREAM, stored.array());
    assertThat(upload.commit(content.digest()).statusCode()).isEqualTo(201);
    assertThat(repository.blob(content.digest()).asByteArray()).isEqualTo(content.bytes());
  }

  @RepeatedTest(5)
  void patchAgainstCommit_blobIsRightOrAbsent() {
    var start = repository.upload();
    var upload = start.next(start.append(blob.slice(0, HALF)));
    var answers =
        Race.run(
            () -> upload.append(blob.slice(HALF, 2 * HALF)),
            () -> upload.commit(blob.digest(), blob.slice(HALF, 2 * HALF)));
    if (answers.getLast().statusCode() == 201) {
      assertThat(answers.getFirst().statusCode()).isIn(404, 409, 416);
    } else {
      assertThat(answers.getFirst().statusCode()).isEqualTo(202);
      assertThat(answers.getLast().statusCode()).isIn(409, 416);
      var state = upload.next(upload.state());
      assertThat(state.commit(blob.digest()).statusCode()).isEqualTo(201);
    }
    assertThat(repository.blob(blob.digest()).asByteArray()).isEqualTo(blob.bytes());
  }

  @RepeatedTest(5)
  void twoCommits_blobIsRight() {
    var start = repository.upload();
    var upload = start.next(start.append(blob.bytes()));
    var answers = Race.run(2, _ -> upload.commit(blob.digest()));
    assertThat(answers).anyMatch(answer -> answer.statusCode() == 201);
    assertThat(answers).extracting(Response::statusCode).isSubsetOf(201, 404, 409, 416);
    assertThat(repository.blob(blob.digest()).asByteArray()).isEqualTo(blob.bytes());
  }

  @Test
  void commitAgainstCancel_blobIsRightOrAbsent() {
    for (int i = 0; i < 10; i++) {
      var content = Content.random(1000);
      var start = repository.upload();
      var upload = start.next(start.append(content.bytes()));
      var answers = Race.<Response>run(() -> upload.commit(content.digest()), upload::cancel);
      assertThat(answers.getFirst().statusCode()).isIn(201, 404, 409);
      int expected = answers.getFirst().statusCode() == 201 ? 200 : 404;
      assertThat(repository.headBlob(content.digest()).statusCode()).isEqualTo(expected);
    }
  }

  @Test
  void fiftyClients_sameBlob_allCreated() {
    var answers =
        Race.run(
            50,
            i -> {
              var target = i % 5 == 0 ? registry.repository() : repository;
              return i % 2 == 0
                  ? target.upload().commit(blob.digest(), blob.bytes())
                  : target
                      .request()
                      .contentType(Content.OCTET_STREAM)
                      .body(blob.bytes())
                      .post(target.path("blobs/uploads/?digest=" + blob.digest()));
            });
    assertThat(answers).extracting(Response::statusCode).containsOnly(201);
    assertThat(repository.blob(blob.digest()).asByteArray()).isEqualTo(blob.bytes());
    assertThat(repository.deleteBlob(blob.digest()).statusCode()).isEqualTo(202);
    assertThat(repository.headBlob(blob.digest()).statusCode()).isEqualTo(404);
  }

  @Test
  void fiftyClients_sameImage_oneTag() {
    var config = Manifests.config();
    var layer = Manifests.layer(1000);
    var image = Manifests.image(config, List.of(layer));
    var answers =
        Race.run(
            50,
            _ -> {
              repository.push(config, layer);
              return repository.putManifest("shared", image);
            });
    assertThat(answers).extracting(Response::statusCode).containsOnly(201);
    assertThat(repository.tags()).containsExactly("shared");
    assertThat(repository.manifest("shared").asByteArray()).isEqualTo(image.bytes());
  }

  private static void assertOneTaken(List<Response> answers, int taken) {
    assertThat(answers).filteredOn(answer -> answer.statusCode() == taken).hasSize(1);
    assertThat(answers).extracting(Response::statusCode).isSubsetOf(taken, 409, 416);
  }
}
