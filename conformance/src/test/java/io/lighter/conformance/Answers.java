package io.lighter.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.restassured.response.Response;
import java.util.Set;

/** What several kinds of answers have in common. */
final class Answers {
  /** The codes of the specification; a client may know no others on a 400. */
  private static final Set<String> OCI_CODES =
      Set.of(
          "BLOB_UNKNOWN",
          "BLOB_UPLOAD_INVALID",
          "BLOB_UPLOAD_UNKNOWN",
          "DIGEST_INVALID",
          "MANIFEST_BLOB_UNKNOWN",
          "MANIFEST_INVALID",
          "MANIFEST_UNKNOWN",
          "NAME_INVALID",
          "NAME_UNKNOWN",
          "SIZE_INVALID",
          "UNAUTHORIZED",
          "DENIED",
          "UNSUPPORTED",
          "TOOMANYREQUESTS");

  private Answers() {}

  /** An error in the format of the specification, with a code that it knows. */
  static void assertError(Response response, int status) {
    assertThat(response.statusCode()).as(response.asString()).isEqualTo(status);
    assertThat(response.contentType()).startsWith("application/json");
    assertThat(response.jsonPath().getString("errors[0].code")).isIn(OCI_CODES);
    assertThat(response.jsonPath().getString("errors[0].message")).isNotBlank();
  }

  static void assertError(Response response, int status, String code) {
    assertError(response, status);
    assertThat(response.jsonPath().getString("errors[0].code")).isEqualTo(code);
  }

  /** A header with exactly this value. */
  static void assertHeader(Response response, String name, String value) {
    assertThat(response.header(name)).as("%s of %d", name, response.statusCode()).isEqualTo(value);
  }

  static void assertNoHeader(Response response, String name) {
    assertThat(response.header(name)).as("%s of %d", name, response.statusCode()).isNull();
  }
}
