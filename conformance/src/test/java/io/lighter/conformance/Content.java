package io.lighter.conformance;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.ThreadLocalRandom;

/** Bytes with a media type: a blob or a manifest. */
final class Content {
  static final String OCTET_STREAM = "application/octet-stream";

  private final String mediaType;
  private final byte[] bytes;

  private Content(String mediaType, byte[] bytes) {
    this.mediaType = mediaType;
    this.bytes = bytes;
  }

  /** A blob that no repository has. */
  static Content random(int size) {
    var bytes = new byte[size];
    ThreadLocalRandom.current().nextBytes(bytes);
    return new Content(OCTET_STREAM, bytes);
  }

  static Content of(String mediaType, String text) {
    return new Content(mediaType, text.getBytes(StandardCharsets.UTF_8));
  }

  static Content of(String mediaType, byte[] bytes) {
    return new Content(mediaType, bytes.clone());
  }

  /** The same bytes under another media type. */
  Content as(String otherType) {
    return new Content(otherType, bytes);
  }

  String mediaType() {
    return mediaType;
  }

  byte[] bytes() {
    return bytes.clone();
  }

  /** The bytes from {@code first} on, up to before {@code end}. */
  byte[] slice(int first, int end) {
    return Arrays.copyOfRange(bytes, first, end);
  }

  int size() {
    return bytes.length;
  }

  /** The sha256 digest. */
  String digest() {
    return digest(HashFunction.SHA256);
  }

  String digest(HashFunction hash) {
    return hash.digest(bytes);
  }

  /** This content as an OCI descriptor, with more JSON members such as {@code "data":"e30="}. */
  String descriptor(HashFunction hash, String... members) {
    var json =
        new StringBuilder(
            "{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%d"
                .formatted(mediaType, digest(hash), size()));
    for (String member : members) {
      json.append(',').append(member);
    }
    return json.append('}').toString();
  }

  String descriptor() {
    return descriptor(HashFunction.SHA256);
  }
}
