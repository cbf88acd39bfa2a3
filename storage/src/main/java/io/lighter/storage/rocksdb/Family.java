package io.lighter.storage.rocksdb;

import java.nio.charset.StandardCharsets;

/** The column families; {@link Keys} says what is in them. Their names are part of the format. */
enum Family {
  BLOBS("blobs"),
  REPOSITORIES("repositories"),
  LINKS("links"),
  HOLDERS("holders"),
  MANIFESTS("manifests"),
  CONTENT("content"),
  TAGS("tags"),
  TAGGED("tagged"),
  PARENTS("parents"),
  REFERRERS("referrers"),
  UPLOADS("uploads"),
  CONVERSIONS("conversions"),
  LAZY_VIEWS("lazy-views"),
  JOBS("jobs"),
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
