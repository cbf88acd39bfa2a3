package io.lighter.server.http;

import java.util.Optional;

/**
 * Which endpoint a path means. Pure.
 *
 * <p>Paths are read from the right, because {@code blobs}, {@code manifests}, {@code tags}, {@code
 * uploads} and {@code referrers} are all legal components of a repository name. Nothing is decoded
 * except the colon of a digest: no name or tag ever needs encoding, so an encoded slash or dot
 * stays what it is and fails the grammar.
 */
final class OciPath {
  private static final String ROOT = "/v2/";

  private OciPath() {}

  /** Parses a raw request path, without its query; empty if it is no endpoint. */
  static Optional<Endpoint> parse(String path) {
    if (path.equals("/v2") || path.equals(ROOT)) {
      return Optional.of(new Endpoint.Ping());
    }
    if (path.equals("/token")) {
      return Optional.of(new Endpoint.Token());
    }
    if (!path.startsWith(ROOT)) {
      return Optional.empty();
    }
    String rest = path.substring(ROOT.length());
    if (rest.equals("_catalog")) {
      return Optional.of(new Endpoint.Catalog());
    }
    return uploads(rest).or(() -> ofLastTwo(rest));
  }

  private static Optional<Endpoint> uploads(String rest) {
    String bare = rest.endsWith("/") ? rest.substring(0, rest.length() - 1) : rest;
    if (bare.endsWith("/blobs/uploads")) {
      return Optional.of(
          new Endpoint.Uploads(bare.substring(0, bare.length() - "/blobs/uploads".length())));
    }
    int slash = rest.lastIndexOf('/');
    if (slash > 0 && rest.substring(0, slash).endsWith("/blobs/uploads")) {
      return Optional.of(
          new Endpoint.Upload(
              rest.substring(0, slash - "/blobs/uploads".length()), rest.substring(slash + 1)));
    }
    return Optional.empty();
  }

  private static Optional<Endpoint> ofLastTwo(String rest) {
    int last = rest.lastIndexOf('/');
    int previous = last <= 0 ? -1 : rest.lastIndexOf('/', last - 1);
    if (previous <= 0) {
      return Optional.empty();
    }
    String name = rest.substring(0, previous);
    String tail = rest.substring(last + 1);
    return switch (rest.substring(previous + 1, last)) {
      case "blobs" -> Optional.of(new Endpoint.Blob(name, colon(tail)));
      case "manifests" -> Optional.of(new Endpoint.Manifest(name, colon(tail)));
      case "referrers" -> Optional.of(new Endpoint.Referrers(name, colon(tail)));
      case "tags" -> tail.equals("list") ? Optional.of(new Endpoint.Tags(name)) : Optional.empty();
      default -> Optional.empty();
    };
  }

  /** Some clients encode the colon of a digest. */
  private static String colon(String segment) {
    return segment.indexOf('%') < 0 ? segment : segment.replace("%3A", ":").replace("%3a", ":");
  }
}
