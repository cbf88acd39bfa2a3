package io.lighter.bench.work;

import io.lighter.bench.load.BenchException;
import io.lighter.bench.load.Call;
import io.lighter.bench.load.Collected;
import io.lighter.bench.load.LoadGenerator;
import io.lighter.bench.load.Target;
import io.lighter.oci.Digest;
import io.lighter.oci.RepositoryName;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Supplier;

/**
 * A repository of a registry, and what is put into it and asked of it around a measurement (OCI
 * Distribution Specification, "Push" and "Pull").
 *
 * @param target the registry
 * @param name of the repository
 */
public record Registry(LoadGenerator generator, Target target, RepositoryName name) {
  private static final String ACCEPT =
      "Accept: application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json,"
          + " application/vnd.docker.distribution.manifest.list.v2+json,"
          + " application/vnd.docker.distribution.manifest.v2+json\r\n";
  private static final String EMPTY_TYPE = "application/vnd.oci.empty.v1+json";
  private static final String MANIFEST_TYPE = "application/vnd.oci.image.manifest.v1+json";

  /** Path of a blob. */
  public String blobPath(Digest digest) {
    return "/v2/%s/blobs/%s".formatted(name, digest);
  }

  /**
   * Begins an upload.
   *
   * @return the request that is left to be sent: PUT of everything
   */
  public Call upload(Digest digest, Path file) {
    Call begin =
        Call.of("POST", "/v2/%s/blobs/uploads/".formatted(name), new Collected())
            .with("Content-Length: 0\r\n");
    Collected begun = generator.ask(target, begin, (Collected) begin.check());
    String location =
        begun
            .header("Location")
            .filter(_ -> begun.status() == 202)
            .orElseThrow(() ->
                new BenchException(
                    "an upload to %s is answered %d, not 202 with a Location"
                        .formatted(name, begun.status())));
    URI url = URI.create("http://server/").resolve(location);
    String query = url.getRawQuery() == null ? "" : url.getRawQuery() + '&';
    return Call.of(
            "PUT", url.getRawPath() + '?' + query + "digest=" + digest, new UploadCheck(digest))
        .with("Content-Type: application/octet-stream\r\n")
        .with(file);
  }

  /** Uploads a blob. */
  public void push(Digest digest, Path file) {
    Call put = upload(digest, file);
    Collected answer = new Collected();
    generator.ask(
        target, new Call(put.method(), put.path(), put.headers(), answer, 1, put.upload()), answer);
    if (answer.status() != 201) {
      throw refused("a blob", answer);
    }
  }

  /**
   * Puts a manifest that names a blob, and that nobody takes for a container image.
   *
   * @param directory for temporary files
   * @return its digest
   */
  public Digest pushArtifact(String tag, Digest blob, long size, Path directory) {
    try {
      Path config = Files.writeString(directory.resolve("config.json"), "{}");
      Digest configDigest = Digest.ofSha256(Files.readAllBytes(config));
      push(configDigest, config);
      Path manifest =
          Files.writeString(
              directory.resolve("manifest.json"),
              """
              {"schemaVersion":2,"mediaType":"%s","artifactType":"application/vnd.lighter.bench",\
              "config":{"mediaType":"%s","digest":"%s","size":2},\
              "layers":[{"mediaType":"application/octet-stream","digest":"%s","size":%d}]}\
              """
                  .formatted(MANIFEST_TYPE, EMPTY_TYPE, configDigest, blob, size));
      var answer = new Collected();
      generator.ask(
          target,
          Call.of("PUT", "/v2/%s/manifests/%s".formatted(name, tag), answer)
              .with("Content-Type: " + MANIFEST_TYPE + "\r\n")
              .with(manifest),
          answer);
      if (answer.status() != 201) {
        throw refused("a manifest", answer);
      }
      return Digest.ofSha256(Files.readAllBytes(manifest));
    } catch (IOException e) {
      throw new BenchException("%s cannot be used: %s".formatted(directory, e.getMessage()), e);
    }
  }

  private BenchException refused(String what, Collected answer) {
    return new BenchException(
        "%s for %s is answered %d: %s"
            .formatted(
                what,
                name,
                answer.status(),
                new String(answer.content(), java.nio.charset.StandardCharsets.UTF_8)));
  }

  /**
   * Asks for a manifest, whatever its type.
   *
   * @param reference tag or digest
   * @throws BenchException if it is not there
   */
  public Collected manifest(String reference) {
    var answer = new Collected();
    generator.ask(
        target,
        Call.of("GET", "/v2/%s/manifests/%s".formatted(name, reference), answer).with(ACCEPT),
        answer);
    if (answer.status() != 200) {
      throw new BenchException(
          "manifest %s of %s is answered %d".formatted(reference, name, answer.status()));
    }
    return answer;
  }

  /**
   * Requests for a manifest.
   *
   * @param method HEAD or GET
   * @param reference tag or digest
   * @param digest that of the manifest
   */
  public Supplier<Call> manifestCalls(String method, String reference, Digest digest) {
    String path = "/v2/%s/manifests/%s".formatted(name, reference);
    boolean head = method.equals("HEAD");
    return () -> Call.of(method, path, new ManifestCheck(digest, head)).with(ACCEPT);
  }
}
