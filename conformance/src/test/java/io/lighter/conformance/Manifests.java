package io.lighter.conformance;

import java.util.List;
import java.util.stream.Collectors;

/** Manifests as they go over the wire. */
final class Manifests {
  static final String IMAGE = "application/vnd.oci.image.manifest.v1+json";
  static final String INDEX = "application/vnd.oci.image.index.v1+json";
  static final String DOCKER_IMAGE = "application/vnd.docker.distribution.manifest.v2+json";
  static final String DOCKER_LIST = "application/vnd.docker.distribution.manifest.list.v2+json";
  static final String DOCKER_SCHEMA_1 = "application/vnd.docker.distribution.manifest.v1+json";
  static final String CONFIG = "application/vnd.oci.image.config.v1+json";
  static final String LAYER = "application/vnd.oci.image.layer.v1.tar+gzip";

  /** What clients accept: every type of manifest, and anything. */
  static final String ACCEPT = String.join(", ", IMAGE, INDEX, DOCKER_IMAGE, DOCKER_LIST, "*/*");

  /** The empty JSON object that artifacts use for a configuration. */
  static final String EMPTY = "application/vnd.oci.empty.v1+json";

  private Manifests() {}

  /** A configuration that no other image has. */
  static Content config() {
    return Content.of(
        CONFIG,
        "{\"architecture\":\"amd64\",\"os\":\"linux\",\"author\":\"%s\",\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[]}}"
            .formatted(Registry.unique()));
  }

  static Content layer(int size) {
    return Content.random(size).as(LAYER);
  }

  static Content emptyConfig() {
    return Content.of(EMPTY, "{}");
  }

  /** An image manifest with more JSON members, such as {@code "artifactType":"a/b"}. */
  static Content image(HashFunction hash, Content config, List<Content> layers, String... members) {
    String all =
        layers.stream().map(layer -> layer.descriptor(hash)).collect(Collectors.joining(","));
    return Content.of(
        IMAGE,
        "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"config\":%s,\"layers\":[%s]%s}"
            .formatted(IMAGE, config.descriptor(hash), all, joined(members)));
  }

  static Content image(Content config, List<Content> layers, String... members) {
    return image(HashFunction.SHA256, config, layers, members);
  }

  /** An image index with more JSON members. */
  static Content index(HashFunction hash, List<Content> children, String... members) {
    String all =
        children.stream().map(child -> child.descriptor(hash)).collect(Collectors.joining(","));
    return Content.of(
        INDEX,
        "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"manifests\":[%s]%s}"
            .formatted(INDEX, all, joined(members)));
  }

  static Content index(List<Content> children, String... members) {
    return index(HashFunction.SHA256, children, members);
  }

  static String subject(HashFunction hash, Content subject) {
    return "\"subject\":" + subject.descriptor(hash);
  }

  static String subject(Content subject) {
    return subject(HashFunction.SHA256, subject);
  }

  private static String joined(String... members) {
    return members.length == 0 ? "" : "," + String.join(",", members);
  }
}
