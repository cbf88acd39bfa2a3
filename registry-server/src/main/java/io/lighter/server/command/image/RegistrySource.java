package io.lighter.server.command.image;

import io.lighter.oci.Descriptor;
import io.lighter.oci.Digest;
import io.lighter.oci.Manifest;
import io.lighter.server.upstream.Backoff;
import io.lighter.server.upstream.Priority;
import io.lighter.server.upstream.UpstreamBlob;
import io.lighter.server.upstream.UpstreamObserver;
import io.lighter.server.upstream.UpstreamRegistry;
import io.lighter.server.upstream.UpstreamSettings;
import io.lighter.storage.Extent;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.Duration;
import java.util.List;

/** An image in a registry. Blobs are downloaded to the workspace. */
final class RegistrySource implements ImageSource {
  private static final int ATTEMPTS = 4;
  private static final Backoff BACKOFF = new Backoff(Duration.ofMillis(500));

  private final ImageLocation.Registry location;
  private final UpstreamRegistry registry;
  private final UpstreamSettings settings;
  private final Workspace workspace;

  RegistrySource(ImageLocation.Registry location, UpstreamSettings settings, Workspace workspace) {
    this.location = location;
    this.settings = settings;
    this.registry = new UpstreamRegistry(settings, Clock.systemUTC(), UpstreamObserver.none());
    this.workspace = workspace;
  }

  @Override
  public Manifest root() {
    return registry.manifest(location.repository(), location.reference());
  }

  @Override
  public Manifest manifest(Digest digest) {
    return registry.manifest(location.repository(), digest);
  }

  @Override
  public Path blob(Descriptor blob, Progress progress) throws IOException {
    Path file = workspace.file();
    MessageDigest hash = blob.digest().algorithm().newMessageDigest();
    try (var channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      long position = 0;
      for (int failures = 0; position < blob.size(); ) {
        long before = position;
        try {
          position = download(blob, position, channel, hash, progress);
        } catch (IOException e) {
          position = channel.position();
          failures = position > before ? 1 : failures + 1;
          if (failures == ATTEMPTS) {
            throw new ConvertException(
                "%s of %s broke off %d times: %s"
                    .formatted(blob.digest(), location.host(), failures, e.getMessage()),
                e);
          }
          BACKOFF.pause(failures);
        }
      }
    }
    Digest actual = Digest.of(blob.digest().algorithm(), hash);
    if (!actual.equals(blob.digest())) {
      Files.delete(file);
      throw new ConvertException(
          "%s sent %s in place of blob %s".formatted(location.host(), actual, blob.digest()));
    }
    return file;
  }

  private long download(
      Descriptor blob, long from, FileChannel channel, MessageDigest hash, Progress progress)
      throws IOException {
    Duration patience = settings.network().stallTimeout();
    try (var _ = registry.connect(Priority.DOWNLOAD, patience);
        UpstreamBlob body =
            registry.blob(
                location.repository(), blob.digest(), new Extent(from, blob.size()), blob.size())) {
      // A registry that does no ranges begins anew.
      long skip = from - body.extent().first();
      for (List<ByteBuffer> next = body.next(patience);
          !next.isEmpty();
          next = body.next(patience)) {
        for (ByteBuffer bytes : next) {
          int skipped = (int) Math.min(skip, bytes.remaining());
          bytes.position(bytes.position() + skipped);
          skip -= skipped;
          progress.advance(bytes.remaining());
          hash.update(bytes.duplicate());
          while (bytes.hasRemaining()) {
            channel.write(bytes);
          }
        }
      }
      if (channel.position() < body.extent().end()) {
        throw new IOException("the answer was too short");
      }
      body.finish();
      return channel.position();
    }
  }

  @Override
  public void close() {
    registry.close();
  }
}
