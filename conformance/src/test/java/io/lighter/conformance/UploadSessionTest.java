package io.lighter.conformance;

import static io.lighter.conformance.Answers.assertError;
import static io.lighter.conformance.Answers.assertHeader;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Uploads beyond the straight way: old locations, odd headers, clients that leave. */
@ExtendWith(RegistryExtension.class)
class UploadSessionTest {
  private final Registry registry;
  private final Repository repository;

  UploadSessionTest(Registry registry) {
    this.registry = registry;
    this.repository = registry.repository();
  }

  @ParameterizedTest
  @ValueSource(strings = {"blobs/uploads/", "blobs/uploads"})
  void post_noDigest_opensUpload(String tail) {
    var response = repository.request().contentType("application/json").post(repository.path(tail));
    assertThat(response.statusCode()).isEqualTo(202);
    assertHeader(response, "Range", "0-0");
    assertHeader(response, "Content-Length", "0");
    String id = response.header("Docker-Upload-UUID");
    assertThat(id).isNotBlank();
    assertThat(response.header("Location"))
        .as("relative, and one segment behind uploads/")
        .matches(repository.path("blobs/uploads/") + "[^/?]+(\\?.*)?")
        .contains(id);
  }

  @Test
  void state_afterChunk_namesOffset() {
    var upload = repository.upload();
    var fresh = upload.state();
    assertThat(fresh.statusCode()).isEqualTo(204);
    assertHeader(fresh, "Range", "0-0");
    upload = upload.next(upload.append(new byte[100]));
    var state = upload.state();
    assertThat(state.statusCode()).isEqualTo(204);
    assertHeader(state, "Range", "0-99");
    assertThat(state.header("Location")).isNotBlank();
  }

  @Test
  void state_digestInQuery_answered() {
    var upload = repository.upload();
    String location = upload.location();
    var digest = "digest=" + Content.random(1).digest();
    var state = repository.request().get(location + (location.contains("?") ? "&" : "?") + digest);
    assertThat(state.statusCode()).isEqualTo(204);
  }

  @Test
  void unknownUpload_everyMethod_404() {
    var upload = repository.upload();
    assertThat(upload.cancel().statusCode()).isEqualTo(204);
    assertError(upload.state(), 404, "BLOB_UPLOAD_UNKNOWN");
    assertError(upload.append(new byte[1]), 404, "BLOB_UPLOAD_UNKNOWN");
    assertError(upload.commit(Content.random(1).digest()), 404, "BLOB_UPLOAD_UNKNOWN");
    assertError(upload.cancel(), 404, "BLOB_UPLOAD_UNKNOWN");
  }

  @ParameterizedTest
  @ValueSource(strings = {"x", "00000000-0000-0000-0000-000000000000", "%2e%2e", "a%00b"})
  void inventedUpload_404(String id) {
    repository.upload();
    assertError(repository.request().get(repository.path("blobs/uploads/" + id)), 404);
  }

  @Test
  void otherRepository_everyMethod_404() {
    var mine = repository.upload();
    var other = registry.repository();
    other.upload();
    var stolen = new Upload(other, mine.location().replace(repository.name(), other.name()));
    assertError(stolen.state(), 404, "BLOB_UPLOAD_UNKNOWN");
    assertError(stolen.append(new byte[1]), 404, "BLOB_UPLOAD_UNKNOWN");
    assertError(stolen.commit(Content.random(0).digest()), 404, "BLOB_UPLOAD_UNKNOWN");
    assertError(stolen.cancel(), 404, "BLOB_UPLOAD_UNKNOWN");
    assertThat(mine.state().statusCode()).isEqualTo(204);
  }

  @Test
  void staleLocation_chunkSentAgain_refusedAndNotStoredTwice() {
    var blob = Content.random(2000);
    var stale = repository.upload();
    var upload = stale.next(stale.append(blob.slice(0, 1000)));
    var again = stale.append(blob.slice(0, 1000));
    assertThat(again.statusCode()).isEqualTo(416);
    assertHeader(again, "Range", "0-999");
    assertThat(again.header("Location")).isNotBlank();
    upload = upload.next(upload.append(blob.slice(1000, 2000)));
    assertThat(upload.commit(blob.digest()).statusCode()).isEqualTo(201);
  }

  @Test
  void staleLocation_commit_refusedAndUploadKept() {
    var blob = Content.random(1000);
    var stale = repository.upload();
    var upload = stale.next(stale.append(blob.bytes()));
    assertThat(stale.commit(blob.digest(), blob.bytes()).statusCode()).isEqualTo(416);
    assertThat(upload.commit(blob.digest()).statusCode()).isEqualTo(201);
  }

  @Test
  void staleLocation_stateAndCancel_answered() {
    var stale = repository.upload();
    stale.append(new byte[10]);
    var state = stale.state();
    assertThat(state.statusCode()).isEqualTo(204);
    assertHeader(state, "Range", "0-9");
    assertThat(stale.cancel().statusCode()).isEqualTo(204);
  }

  @Test
  void locationWithoutQuery_goesOn() {
    var blob = Content.random(2000);
    var upload = repository.upload().withoutQuery();
    assertThat(upload.append(blob.slice(0, 1000)).statusCode()).isEqualTo(202);
    assertThat(upload.append(blob.slice(1000, 2000)).statusCode()).isEqualTo(202);
    assertThat(upload.commit(blob.digest()).statusCode()).isEqualTo(201);
  }

  @Test
  void commit_withoutDigest_refusedAndUploadKept() {
    var blob = Content.random(500);
    var upload = repository.upload();
    upload = upload.next(upload.append(blob.bytes()));
    assertError(upload.commitWithoutDigest(), 400, "DIGEST_INVALID");
    assertThat(upload.commit(blob.digest()).statusCode()).isEqualTo(201);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "sha256:short",
        "sha256",
        "",
        "md5:d41d8cd98f00b204e9800998ecf8427e",
        "sha256:E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855",
        "../../etc/passwd"
      })
  void commit_impossibleDigest_refusedAndUploadKept(String digest) {
    var upload = repository.upload();
    assertError(upload.commit(digest), 400, "DIGEST_INVALID");
    assertThat(upload.state().statusCode()).isEqualTo(204);
  }

  @ParameterizedTest
  @ValueSource(strings = {"sha256:short", "md5:d41d8cd98f00b204e9800998ecf8427e"})
  void post_impossibleDigest_refused(String digest) {
    var body = Content.random(10).bytes();
    for (String parameter : new String[] {"digest", "mount"}) {
      var response =
          repository
              .request()
              .contentType(Content.OCTET_STREAM)
              .body(body)
              .post(repository.path("blobs/uploads/?" + parameter + "=" + digest));
      assertError(response, 400, "DIGEST_INVALID");
    }
  }

  @Test
  void post_unknownAlgorithmHint_refused() {
    assertError(repository.post("?digest-algorithm=md5"), 400);
  }

  @ParameterizedTest
  @ValueSource(strings = {"UPPER/case", "a..b", "../x", "", "%2e%2e", "no-such/repository"})
  void mount_impossibleSource_becomesUpload(String from) {
    var blob = Content.random(200);
    var response = repository.post("?mount=" + blob.digest() + "&from=" + from);
    var upload = Upload.opened(repository, response);
    assertThat(upload.commit(blob.digest(), blob.bytes()).statusCode()).isEqualTo(201);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void commit_twoDigests_wrongOneIsNeverCreated(boolean wrongFirst) {
    var blob = Content.random(100);
    String right = blob.digest();
    String wrong = Content.random(1).digest();
    String both = wrongFirst ? wrong + "&digest=" + right : right + "&digest=" + wrong;
    assertThat(repository.upload().commit(both, blob.bytes()).statusCode()).isIn(201, 400);
    assertThat(repository.headBlob(wrong).statusCode()).isEqualTo(404);
  }

  @Test
  void commit_retryAfterLostAnswer_createdAgain() {
    var blob = Content.random(700);
    var upload = repository.upload();
    upload = upload.next(upload.append(blob.bytes()));
    assertThat(upload.commit(blob.digest()).statusCode()).isEqualTo(201);
    var again = upload.commit(blob.digest());
    assertThat(again.statusCode()).isEqualTo(201);
    assertHeader(again, "Docker-Content-Digest", blob.digest());
    assertError(upload.commit(Content.random(1).digest()), 404, "BLOB_UPLOAD_UNKNOWN");
  }

  @Test
  void commitWithBody_retryAfterLostAnswer_createdAgain() {
    var blob = Content.random(700);
    var upload = repository.upload();
    assertThat(upload.commit(blob.digest(), blob.bytes()).statusCode()).isEqualTo(201);
    assertThat(upload.commit(blob.digest(), blob.bytes()).statusCode()).isEqualTo(201);
  }

  @Test
  void push_blobThatExists_createdAgain() {
    var blob = Content.random(700);
    repository.push(blob);
    repository.push(blob);
    assertThat(repository.blob(blob.digest()).asByteArray()).isEqualTo(blob.bytes());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "bytes 0-99/100",
        "bytes=0-99",
        "0-99/100",
        "5-2",
        "-5-94",
        "-100",
        "0-",
        "0",
        "a-b",
        "0-18446744073709551615",
        "9223372036854775807-9223372036854775808",
        "0-99999999999999999999999999"
      })
  void chunk_malformedContentRange_nothingWritten(String contentRange) {
    var upload = repository.upload();
    assertThat(upload.chunk(contentRange, new byte[100]).statusCode()).isIn(400, 416);
    var state = upload.state();
    assertThat(state.statusCode()).isEqualTo(204);
    assertHeader(state, "Range", "0-0");
    var blob = Content.random(100);
    assertThat(upload.next(state).commit(blob.digest(), blob.bytes()).statusCode()).isEqualTo(201);
  }

  @ParameterizedTest
  @ValueSource(strings = {"0-98", "0-100"})
  void chunk_lengthContradictsRange_400AndNothingWritten(String contentRange) {
    var upload = repository.upload();
    assertError(upload.chunk(contentRange, new byte[100]), 400);
    var blob = Content.random(100);
    assertThat(upload.commit(blob.digest(), blob.bytes()).statusCode()).isEqualTo(201);
  }

  @ParameterizedTest
  @ValueSource(strings = {"0-98", "0-100"})
  void chunkedTransfer_lengthContradictsRange_400AndNothingWritten(String contentRange) {
    var upload = repository.upload();
    try (var wire = registry.connect()) {
      wire.send(
          "PATCH",
          upload.location(),
          "Content-Range: " + contentRange,
          "Content-Type: application/octet-stream",
          "Transfer-Encoding: chunked");
      wire.write("64\r\n".getBytes(US_ASCII));
      wire.write(new byte[100]);
      wire.write("\r\n0\r\n\r\n".getBytes(US_ASCII));
      assertThat(wire.read().status()).isEqualTo(400);
    }
    var blob = Content.random(100);
    assertThat(upload.commit(blob.digest(), blob.bytes()).statusCode()).isEqualTo(201);
  }

  @Test
  void patch_nothing_keepsOffset() {
    var upload = repository.upload();
    var response = upload.stream(new byte[0]);
    assertThat(response.statusCode()).isEqualTo(202);
    assertHeader(response, "Range", "0-0");
    upload = upload.next(response);
    upload = upload.next(upload.append(new byte[7]));
    var second = upload.stream(new byte[0]);
    assertHeader(second, "Range", "0-6");
    var blob = Content.of(Content.OCTET_STREAM, new byte[7]);
    assertThat(upload.next(second).commit(blob.digest()).statusCode()).isEqualTo(201);
  }

  @Test
  void patch_clientLeaves_keepsWhatArrived() {
    var blob = Content.random(18 << 20);
    int sent = 17 << 20;
    var upload = repository.upload();
    // More than both kernels hold, so the registry has certainly read some of it.
    try (var wire = registry.connectNarrow()) {
      wire.send("PATCH", upload.location(), "Content-Length: " + blob.size());
      wire.write(blob.slice(0, sent));
    }
    await()
        .atMost(Duration.ofSeconds(20))
        .untilAsserted(() -> assertThat(received(upload)).isBetween(2, sent));
    int kept = received(upload);
    var resumed = upload.next(upload.state());
    resumed = resumed.next(resumed.chunk(kept, blob.slice(kept, blob.size())));
    assertThat(resumed.commit(blob.digest()).statusCode()).isEqualTo(201);
    assertThat(repository.blob(blob.digest()).asByteArray()).isEqualTo(blob.bytes());
  }

  private static int received(Upload upload) {
    var state = upload.state();
    assertThat(state.statusCode()).isEqualTo(204);
    return Integer.parseInt(state.header("Range").substring("0-".length())) + 1;
  }

  @Test
  void cancel_duringPatch_answeredAtOnce() {
    var upload = repository.upload();
    try (var wire = registry.connect()) {
      wire.send("PATCH", upload.location(), "Content-Length: 1000000").write(new byte[1000]);
      await()
          .atMost(Duration.ofSeconds(10))
          .untilAsserted(() -> assertThat(upload.cancel().statusCode()).isIn(204, 404, 409, 416));
    }
    await()
        .atMost(Duration.ofSeconds(10))
        .untilAsserted(() -> {
          upload.cancel();
          assertThat(upload.state().statusCode()).isEqualTo(404);
        });
  }
}
