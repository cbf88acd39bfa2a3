package io.lighter.oci;

/**
 * The error codes of the OCI Distribution Specification with the status each is answered with, and
 * the few that Docker's registry added and clients know.
 */
public enum OciErrorCode {
  BLOB_UNKNOWN(404),
  BLOB_UPLOAD_INVALID(400),
  BLOB_UPLOAD_UNKNOWN(404),
  DIGEST_INVALID(400),
  MANIFEST_BLOB_UNKNOWN(400),
  MANIFEST_INVALID(400),
  MANIFEST_UNKNOWN(404),
  NAME_INVALID(400),
  NAME_UNKNOWN(404),
  SIZE_INVALID(400),
  UNAUTHORIZED(401),
  DENIED(403),
  UNSUPPORTED(405),
  TOOMANYREQUESTS(429),
  /** Docker's: a page size that is not a number. */
  PAGINATION_NUMBER_INVALID(400),
  /** Docker's: a range or content range that cannot be used. */
  RANGE_INVALID(416),
  /** Docker's: something that the answer depends on is not there now; try again. */
  UNAVAILABLE(503),
  /** Docker's: an error inside the registry. */
  UNKNOWN(500);

  private final int status;

  OciErrorCode(int status) {
    this.status = status;
  }

  /** The HTTP status that this code is answered with unless the case says otherwise. */
  public int status() {
    return status;
  }
}
