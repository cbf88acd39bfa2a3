package io.lighter.conformance;

/** Blobs by their sha256 digests. */
class Sha256BlobsTest extends BlobContract {
  Sha256BlobsTest(Registry registry) {
    super(registry, HashFunction.SHA256);
  }
}
