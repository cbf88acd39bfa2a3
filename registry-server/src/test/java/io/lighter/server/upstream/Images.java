package io.lighter.server.upstream;

import io.lighter.oci.Digest;
import io.lighter.oci.Manifest;
import io.lighter.oci.MediaTypes;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;

/** Images for tests. */
public final class Images {
  private Images() {}

  /** An image manifest without layers; its configuration is the empty JSON object. */
  public static String json(String note) {
    return json(note, "");
  }

  /** An image manifest with one layer. */
  public static String json(String note, Digest layer, long size) {
    return json(
        note,
        "{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%d}"
            .formatted(MediaTypes.OCI_LAYER_GZIP, layer, size));
  }

  private static String json(String note, String layers) {
    return """
    {"schemaVersion":2,"mediaType":"%s","config":{"mediaType":"%s","digest":"%s","size":2},"layers":[%s],"annotations":{"note":"%s"}}\
    """
        .formatted(
            MediaTypes.OCI_MANIFEST,
            MediaTypes.OCI_CONFIG,
            Digest.ofSha256(new byte[] {'{', '}'}),
            layers,
            note);
  }

  /** An artifact of this type that refers to a manifest. */
  public static String referrer(String note, String type, Manifest subject) {
    return """
    {"schemaVersion":2,"mediaType":"%s","artifactType":"%s","config":{"mediaType":"application/vnd.oci.empty.v1+json","digest":"%s","size":2},"layers":[],"subject":{"mediaType":"%s","digest":"%s","size":%d},"annotations":{"note":"%s"}}\
    """
        .formatted(
            MediaTypes.OCI_MANIFEST,
            type,
            Digest.ofSha256(new byte[] {'{', '}'}),
            subject.mediaType(),
            subject.digest(),
            subject.content().length,
            note);
  }

  /** An index of manifests, as registries and clients list referrers. */
  public static String listing(List<Manifest> manifests) {
    return "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"manifests\":[%s]}"
        .formatted(
            MediaTypes.OCI_INDEX,
            manifests.stream().map(ScriptedLists::descriptor).collect(Collectors.joining(",")));
  }

  /** Bytes that do not repeat. */
  public static byte[] random(int size, long seed) {
    var content = new byte[size];
    new Random(seed).nextBytes(content);
    return content;
  }
}
