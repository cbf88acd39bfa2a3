package io.lighter.conformance;

/** Blobs by their sha512 digests. */
class Sha512BlobsTest extends BlobContract {
  Sha512BlobsTest(Registry registry) {
    super(registry, HashFunction.SHA512);
  }
}
