package io.lighter.storage.rocksdb;

import java.nio.charset.StandardCharsets;

/** The column families; {@link Keys} says what is in them. Their names are part of the format. */
enum Family {
  BLOBS("blobs"),
  USE("use"),
  NAMESPACE_USE("namespace-use"),
  DOOMED("doomed"),
  CONVERTED("converted"),
  REPOSITORIES("repositories"),
  LINKS("links"),
  LEASES("leases"),
  HOLDERS("holders"),
  MIRROR_HOLDERS("mirror-holders"),
  MANIFESTS("manifests"),
  CONTENT("content"),
  COPIES("copies"),
  TAGS("tags"),
  TAGGED("tagged"),
  PARENTS("parents"),
  REFERRERS("referrers"),
  UPLOADS("uploads"),
  CONVERSIONS("conversions"),
  RESULTS("results"),
  LAZY_VIEWS("lazy-views"),
  ORIGINALS("originals"),
  JOBS("jobs"),
  PREFETCH_LISTS("prefetch-lists"),
  DAMAGED("damaged"),
  VERIFICATION("verification");

  private final String storedName;

  Family(String storedName) {
    this.storedName = storedName;
  }

  byte[] storedName() {
    return storedName.getBytes(StandardCharsets.US_ASCII);
  }
}
