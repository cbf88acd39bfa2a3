package io.lighter.conformance;

import static io.lighter.conformance.Answers.assertError;
import static io.lighter.conformance.Answers.assertHeader;
import static org.assertj.core.api.Assertions.assertThat;

import io.restassured.response.Response;
import java.io.ByteArrayInputStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every way to push a blob, with one digest algorithm. Each ends with the whole life of the blob:
 * HEAD, GET, DELETE, and then it is gone.
 */
@ExtendWith(RegistryExtension.class)
abstract class BlobContract {
  private static final int SIZE = 3000;

  private final HashFunction hash;
  private final Repository repository;
  private final Repository other;

  BlobContract(Registry registry, HashFunction hash) {
    this.hash = hash;
    this.repository = registry.repository();
    this.other = registry.repository();
  }

  /** Sizes from nothing on, and the JSON object that artifacts share. */
  static Stream<Content> blobs() {
    return Stream.of(
        Content.random(0), Content.of(Content.OCTET_STREAM, "{}"), Content.random(SIZE));
  }

  @Test
  void get_missing_blobUnknown() {
    repository.push(Content.random(1));
    assertError(repository.blob(Content.random(10).digest(hash)), 404, "BLOB_UNKNOWN");
    assertThat(repository.headBlob(Content.random(10).digest(hash)).statusCode()).isEqualTo(404);
  }

  @Test
  void delete_missing_blobUnknown() {
    repository.push(Content.random(1));
    assertError(repository.deleteBlob(Content.random(10).digest(hash)), 404, "BLOB_UNKNOWN");
  }

  @ParameterizedTest
  @MethodSource("blobs")
  void post_wholeBlob_created(Content blob) {
    var request = repository.request().contentType(Content.OCTET_STREAM);
    var created =
        (blob.size() == 0 ? request : request.body(blob.bytes()))
            .post(repository.path("blobs/uploads/?digest=" + blob.digest(hash)));
    assertLife(blob, created);
  }

  @Test
  void post_wholeBlobByChunkedTransfer_created() {
    var blob = Content.random(SIZE);
    assertLife(
        blob,
        repository
            .request()
            .contentType(Content.OCTET_STREAM)
            .body(new ByteArrayInputStream(blob.bytes()))
            .post(repository.path("blobs/uploads/?digest=" + blob.digest(hash))));
  }

  @ParameterizedTest
  @MethodSource("blobs")
  void put_wholeBlob_created(Content blob) {
    assertLife(blob, repository.upload().commit(blob.digest(hash), blob.bytes()));
  }

  @ParameterizedTest
  @MethodSource("blobs")
  void patch_stream_created(Content blob) {
    var upload = repository.upload();
    upload = upload.next(assertReceived(upload.stream(blob.bytes()), blob.size()));
    assertLife(blob, upload.commit(blob.digest(hash)));
  }

  @ParameterizedTest
  @MethodSource("blobs")
  void patch_knownLength_created(Content blob) {
    var upload = repository.upload();
    upload = upload.next(assertReceived(upload.append(blob.bytes()), blob.size()));
    assertLife(blob, upload.commit(blob.digest(hash)));
  }

  @Test
  void patch_threeChunks_created() {
    var blob = Content.random(SIZE);
    var upload = repository.upload();
    upload = upload.next(assertReceived(upload.chunk(0, blob.slice(0, 1000)), 1000));
    upload = upload.next(assertReceived(upload.chunk(1000, blob.slice(1000, 1700)), 1700));
    upload = upload.next(assertReceived(upload.chunk(1700, blob.slice(1700, SIZE)), SIZE));
    assertLife(blob, upload.commit(blob.digest(hash)));
  }

  @Test
  void put_lastChunk_created() {
    var blob = Content.random(SIZE);
    var upload = repository.upload();
    upload = upload.next(assertReceived(upload.chunk(0, blob.slice(0, 1000)), 1000));
    upload = upload.next(assertReceived(upload.chunk(1000, blob.slice(1000, 2000)), 2000));
    assertLife(blob, upload.commit(blob.digest(hash), 2000, blob.slice(2000, SIZE)));
  }

  @Test
  void patch_outOfOrderBeforeEveryChunk_refusedAndContinued() {
    var blob = Content.random(SIZE);
    var upload = repository.upload();
    for (int start = 0; start < SIZE; start += 1000) {
      byte[] chunk = blob.slice(start, start + 1000);
      assertOutOfOrder(upload.chunk(start + 500, chunk), upload, start);
      if (start > 0) {
        assertOutOfOrder(upload.chunk(0, blob.slice(0, 1000)), upload, start);
      }
      upload = upload.next(assertReceived(upload.chunk(start, chunk), start + 1000));
    }
    assertLife(blob, upload.commit(blob.digest(hash)));
  }

  @Test
  void put_outOfOrderLastChunk_refusedAndContinued() {
    var blob = Content.random(SIZE);
    var upload = repository.upload();
    upload = upload.next(assertReceived(upload.chunk(0, blob.slice(0, 2000)), 2000));
    String digest = blob.digest(hash);
    assertOutOfOrder(upload.commit(digest, 2500, blob.slice(2500, SIZE)), upload, 2000);
    assertOutOfOrder(upload.commit(digest, 0, blob.slice(0, 2000)), upload, 2000);
    assertLife(blob, upload.commit(digest, 2000, blob.slice(2000, SIZE)));
  }

  @Test
  void post_algorithmHint_accepted() {
    var blob = Content.random(SIZE);
    var upload =
        Upload.opened(repository, repository.post("?digest-algorithm=" + hash.identifier()));
    upload = upload.next(assertReceived(upload.append(blob.bytes()), SIZE));
    assertLife(blob, upload.commit(blob.digest(hash)));
  }

  @Test
  void mount_fromOtherRepository_created() {
    var blob = Content.random(SIZE);
    other.push(hash, blob);
    assertLife(blob, repository.post("?mount=" + blob.digest(hash) + "&from=" + other.name()));
    assertThat(other.blob(blob.digest(hash)).asByteArray())
        .as("deleting it elsewhere keeps it here")
        .isEqualTo(blob.bytes());
  }

  @Test
  void mount_withoutFrom_created() {
    var blob = Content.random(SIZE);
    other.push(hash, blob);
    assertLife(blob, repository.post("?mount=" + blob.digest(hash)));
  }

  @Test
  void mount_missingBlob_becomesUpload() {
    var blob = Content.random(SIZE);
    other.push(Content.random(1));
    var response = repository.post("?mount=" + blob.digest(hash) + "&from=" + other.name());
    assertLife(blob, Upload.opened(repository, response).commit(blob.digest(hash), blob.bytes()));
  }

  @Test
  void mount_missingBlobWithoutFrom_becomesUpload() {
    var blob = Content.random(SIZE);
    var response = repository.post("?mount=" + blob.digest(hash));
    assertLife(blob, Upload.opened(repository, response).commit(blob.digest(hash), blob.bytes()));
  }

  @Test
  void cancel_upload_isGone() {
    var upload = repository.upload();
    upload = upload.next(upload.append(new byte[100]));
    assertThat(upload.cancel().statusCode()).isEqualTo(204);
    assertThat(upload.state().statusCode()).isEqualTo(404);
    assertError(upload.append(new byte[100]), 404, "BLOB_UPLOAD_UNKNOWN");
  }

  @Test
  void post_wrongDigest_refused() {
    var blob = Content.random(SIZE);
    String wrong = Content.random(1).digest(hash);
    var response =
        repository
            .request()
            .contentType(Content.OCTET_STREAM)
            .body(blob.bytes())
            .post(repository.path("blobs/uploads/?digest=" + wrong));
    assertRefused(blob, wrong, response);
  }

  @Test
  void put_wrongDigest_refused() {
    var blob = Content.random(SIZE);
    String wrong = Content.random(1).digest(hash);
    assertRefused(blob, wrong, repository.upload().commit(wrong, blob.bytes()));
  }

  @Test
  void patch_wrongDigest_refusedAndUploadGone() {
    var blob = Content.random(SIZE);
    String wrong = Content.random(1).digest(hash);
    var upload = repository.upload();
    upload = upload.next(upload.stream(blob.bytes()));
    assertRefused(blob, wrong, upload.commit(wrong));
    assertThat(upload.state().statusCode()).isEqualTo(404);
  }

  @Test
  void put_wrongDigestWithLastChunk_refused() {
    var blob = Content.random(SIZE);
    String wrong = Content.random(1).digest(hash);
    var upload = repository.upload();
    upload = upload.next(upload.chunk(0, blob.slice(0, 2000)));
    assertRefused(blob, wrong, upload.commit(wrong, 2000, blob.slice(2000, SIZE)));
  }

  @Test
  void put_wrongDigestOfNothing_refused() {
    var empty = Content.random(0);
    String wrong = Content.random(1).digest(hash);
    assertRefused(Content.random(1), wrong, repository.upload().commit(wrong, empty.bytes()));
  }

  private static Response assertReceived(Response response, int size) {
    assertThat(response.statusCode()).as(response.asString()).isEqualTo(202);
    assertHeader(response, "Range", "0-" + Math.max(0, size - 1));
    return response;
  }

  /** 416 without effect: the answer and the state both say where to go on. */
  private static void assertOutOfOrder(Response response, Upload upload, int size) {
    assertThat(response.statusCode()).as(response.asString()).isEqualTo(416);
    assertHeader(response, "Range", "0-" + Math.max(0, size - 1));
    assertThat(response.header("Location")).isNotBlank();
    var state = upload.state();
    assertThat(state.statusCode()).isEqualTo(204);
    assertHeader(state, "Range", "0-" + Math.max(0, size - 1));
  }

  private void assertRefused(Content blob, String wrong, Response response) {
    assertError(response, 400, "DIGEST_INVALID");
    assertThat(repository.headBlob(wrong).statusCode()).isEqualTo(404);
    assertThat(repository.headBlob(blob.digest(hash)).statusCode()).isEqualTo(404);
  }

  private void assertLife(Content blob, Response created) {
    String digest = blob.digest(hash);
    assertThat(created.statusCode()).as(created.asString()).isEqualTo(201);
    assertHeader(created, "Docker-Content-Digest", digest);
    assertThat(repository.location(created)).isEqualTo(repository.path("blobs/" + digest));

    var head = repository.headBlob(digest);
    assertThat(head.statusCode()).isEqualTo(200);
    assertHeader(head, "Content-Length", Integer.toString(blob.size()));
    assertDescribed(head, digest);

    var whole = repository.request().get(repository.location(created));
    assertThat(whole.statusCode()).isEqualTo(200);
    assertThat(whole.asByteArray()).isEqualTo(blob.bytes());
    assertHeader(whole, "Content-Length", Integer.toString(blob.size()));
    assertDescribed(whole, digest);

    assertThat(repository.deleteBlob(digest).statusCode()).isEqualTo(202);
    assertThat(repository.headBlob(digest).statusCode()).isEqualTo(404);
    assertError(repository.blob(digest), 404, "BLOB_UNKNOWN");
  }

  private static void assertDescribed(Response response, String digest) {
    assertHeader(response, "Docker-Content-Digest", digest);
    assertHeader(response, "Content-Type", Content.OCTET_STREAM);
  }
}
