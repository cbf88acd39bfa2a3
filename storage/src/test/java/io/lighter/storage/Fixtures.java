package io.lighter.storage;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lighter.oci.Digest;
import io.lighter.oci.Manifest;
import io.lighter.oci.MediaTypes;
import io.lighter.oci.RepositoryName;
import io.lighter.oci.Tag;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Collectors;

/** Content for tests: blobs of known bytes and manifests that differ by a number. */
public final class Fixtures {
  public static final Instant TIME = Instant.parse("2026-11-01T12:00:00.123456789Z");

  private static final String CONFIG =
      "{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":2}"
          .formatted(MediaTypes.OCI_CONFIG, Digest.ofSha256("{}".getBytes(UTF_8)));

  private Fixtures() {}

  public static byte[] bytes(long seed, int length) {
    byte[] bytes = new byte[length];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  /** A digest of nothing in particular. */
  public static Digest digest(int number) {
    return Digest.ofSha256(("content " + number).getBytes(UTF_8));
  }

  /** Commits these bytes as one blob. */
  public static BlobInfo commit(BlobStore store, byte[] content) {
    try (var writer = store.newWriter()) {
      writer.append(ByteBuffer.wrap(content));
      return writer.commit(Digest.ofSha256(content));
    }
  }

  /** All bytes of a source, read in pieces of an odd size. */
  public static byte[] readAll(BlobSource source) {
    var result = new ByteArrayOutputStream();
    var piece = ByteBuffer.allocate(4099);
    while (result.size() < source.size()) {
      int count = source.read(piece.clear(), result.size());
      result.writeBytes(Arrays.copyOf(piece.array(), count));
    }
    return result.toByteArray();
  }

  public static Manifest image(int number) {
    return manifest(
        MediaTypes.OCI_MANIFEST,
        "\"config\":%s,\"layers\":[],\"annotations\":{\"number\":\"%d\"}"
            .formatted(CONFIG, number));
  }

  public static Manifest index(List<Manifest> children) {
    return manifest(
        MediaTypes.OCI_INDEX,
        "\"manifests\":["
            + children.stream().map(Fixtures::descriptor).collect(Collectors.joining(","))
            + "]");
  }

  /** An artifact that refers to another manifest, with a type of its own. */
  public static Manifest artifact(Manifest subject, int number) {
    return manifest(
        MediaTypes.OCI_MANIFEST,
        "\"artifactType\":\"application/x-test\",\"config\":%s,\"layers\":[],\"subject\":%s,\"annotations\":{\"number\":\"%d\",\"empty\":\"\"}"
            .formatted(CONFIG, descriptor(subject), number));
  }

  /** An image that refers to another manifest and has no type but its configuration's. */
  public static Manifest referringImage(Manifest subject) {
    return manifest(
        MediaTypes.OCI_MANIFEST,
        "\"config\":%s,\"layers\":[],\"subject\":%s".formatted(CONFIG, descriptor(subject)));
  }

  /** An index that refers to another manifest and has no type at all. */
  public static Manifest referringIndex(Manifest subject) {
    return manifest(
        MediaTypes.OCI_INDEX, "\"manifests\":[],\"subject\":%s".formatted(descriptor(subject)));
  }

  public static ManifestPut put(RepositoryName repository, Manifest manifest, String... tags) {
    return new ManifestPut(
        repository,
        RepositoryKind.HOSTED,
        manifest,
        manifest.view(),
        Arrays.stream(tags).map(Tag::new).toList(),
        TagCondition.NONE,
        TIME,
        List.of(),
        false);
  }

  private static Manifest manifest(String mediaType, String fields) {
    String json = "{\"schemaVersion\":2,\"mediaType\":\"%s\",%s}".formatted(mediaType, fields);
    return Manifest.of(Optional.of(mediaType), json.getBytes(UTF_8));
  }

  private static String descriptor(Manifest manifest) {
    return "{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%d}"
        .formatted(manifest.mediaType(), manifest.digest(), manifest.content().length);
  }
}
