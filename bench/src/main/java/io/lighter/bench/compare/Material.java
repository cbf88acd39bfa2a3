package io.lighter.bench.compare;

import io.lighter.bench.load.BenchException;
import io.lighter.bench.load.Call;
import io.lighter.bench.load.LoadGenerator;
import io.lighter.bench.load.ReferenceBytes;
import io.lighter.bench.peer.Peer;
import io.lighter.bench.work.Blob;
import io.lighter.bench.work.BlobCalls;
import io.lighter.bench.work.Portion;
import io.lighter.bench.work.RandomFile;
import io.lighter.bench.work.Registry;
import io.lighter.oci.Digest;
import io.lighter.oci.RepositoryName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The blob that all servers have, the manifest that the registries have, and the requests for both.
 * For one caller's thread.
 */
public final class Material {
  private static final RepositoryName NAME = RepositoryName.parse("bench/compare");
  private static final String TAG = "1";

  private final LoadGenerator generator;
  private final Path directory;
  private final Path blob;
  private final Digest digest;
  private final Optional<ReferenceBytes> reference;
  private final long size;
  private final long uploadSize;
  private final Map<Peer, Digest> manifests = new HashMap<>();
  private Optional<RandomFile> upload = Optional.empty();

  /**
   * Material around a blob.
   *
   * @param directory for temporary files
   * @param verify whether every byte that is answered is compared
   * @param uploadSize length of the blobs that are uploaded
   */
  public Material(
      LoadGenerator generator, Path directory, Path blob, boolean verify, long uploadSize) {
    this.generator = generator;
    this.directory = directory;
    this.blob = blob;
    this.digest = RandomFile.digest(blob);
    ReferenceBytes content = ReferenceBytes.of(blob);
    this.size = content.size();
    this.reference = verify ? Optional.of(content) : Optional.empty();
    this.uploadSize = uploadSize;
  }

  /** Puts a copy of the blob where a server of files finds it under the path of a registry. */
  public Path fileRoot() {
    Path root = directory.resolve("root");
    Path file = root.resolve("v2/%s/blobs/%s".formatted(NAME, digest));
    try {
      Files.createDirectories(file.getParent());
      Files.copy(blob, file);
    } catch (IOException e) {
      throw new BenchException("%s cannot be written: %s".formatted(file, e.getMessage()), e);
    }
    return root;
  }

  /** Uploads blob and manifest, if it is a registry. */
  public void fill(Peer peer) {
    if (peer.registry()) {
      Registry registry = registry(peer);
      registry.push(digest, blob);
      manifests.put(peer, registry.pushArtifact(TAG, digest, size, directory));
    }
  }

  /** The requests of a cell. An upload is prepared for each time that this is called. */
  Supplier<Call> calls(Cell cell, long seed) {
    Registry registry = registry(cell.peer());
    return switch (cell.work()) {
      case Work.Content(Portion portion) ->
          new BlobCalls(
              new Blob(cell.peer().target(), registry.blobPath(digest), size, reference),
              portion,
              portion instanceof Portion.Ranges ranges ? ranges.size().bytes() : 1,
              seed);
      case Work.Manifest(boolean head) ->
          registry.manifestCalls(
              head ? "HEAD" : "GET",
              TAG,
              Optional.ofNullable(manifests.get(cell.peer())).orElseThrow());
      case Work.Upload() -> upload(registry);
    };
  }

  private Supplier<Call> upload(Registry registry) {
    if (upload.isEmpty()) {
      upload = Optional.of(new RandomFile(directory.resolve("upload"), uploadSize, 1));
    }
    RandomFile file = upload.get();
    file.change();
    Call put = registry.upload(file.digest(), file.path());
    return () -> put;
  }

  private Registry registry(Peer peer) {
    return new Registry(generator, peer.target(), NAME);
  }
}
