package io.lighter.storage.rocksdb;

import io.lighter.oci.Descriptor;
import io.lighter.oci.Digest;
import io.lighter.oci.RepositoryName;
import io.lighter.storage.BlobInfo;
import io.lighter.storage.ConversionJob;
import io.lighter.storage.LayerConversion;
import io.lighter.storage.RepositoryKind;
import io.lighter.storage.TagRecord;
import io.lighter.storage.UploadId;
import io.lighter.storage.UploadRecord;
import io.lighter.storage.VerificationPass;
import io.lighter.storage.gc.StoreUse;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;

/**
 * The value of every column family. The first byte is the version of that value's layout; what the
 * key says already is not repeated. Enumerations are stored by the codes written here, never by
 * their ordinals, so that their order in the source does not matter.
 *
 * <p>Two families have other values: {@code content} has manifests byte for byte, and families
 * whose key says everything have {@link #EMPTY}.
 */
final class Records {
  static final byte[] EMPTY = {};

  private static final int V1 = 1;

  private Records() {}

  static byte[] size(long size) {
    return new RecordOutput(V1).int64(size).toBytes();
  }

  static long size(byte[] value) {
    return RecordInput.read("size", V1, value, RecordInput::int64);
  }

  static byte[] blob(StoredBlob blob) {
    return new RecordOutput(V1).int64(blob.size()).instant(blob.committedAt()).toBytes();
  }

  static StoredBlob blob(byte[] value) {
    return RecordInput.read("blob", V1, value, in -> new StoredBlob(in.int64(), in.instant()));
  }

  static byte[] use(StoreUse use) {
    return new RecordOutput(V1).int64(use.cached()).int64(use.hosted()).toBytes();
  }

  static StoreUse use(byte[] value) {
    return RecordInput.read("use", V1, value, in -> new StoreUse(in.int64(), in.int64()));
  }

  static byte[] lease(Lease lease) {
    return new RecordOutput(V1).instant(lease.usedAt()).instant(lease.readAt()).toBytes();
  }

  static Lease lease(byte[] value) {
    return RecordInput.read("lease", V1, value, in -> new Lease(in.instant(), in.instant()));
  }

  static byte[] repository(RepositoryKind kind) {
    int code =
        switch (kind) {
          case HOSTED -> 1;
          case MIRRORED -> 2;
        };
    return new RecordOutput(V1).code(code).toBytes();
  }

  static RepositoryKind repository(byte[] value) {
    return RecordInput.read(
        "repository",
        V1,
        value,
        in ->
            switch (in.code()) {
              case 1 -> RepositoryKind.HOSTED;
              case 2 -> RepositoryKind.MIRRORED;
              default -> throw new IllegalArgumentException("unknown kind of repository");
            });
  }

  static byte[] manifest(ManifestEntry entry) {
    return new RecordOutput(V1)
        .text(entry.mediaType())
        .optional(entry.subject(), RecordOutput::digest)
        .list(entry.content(), RecordOutput::digest)
        .toBytes();
  }

  static ManifestEntry manifest(byte[] value) {
    return RecordInput.read(
        "manifest entry",
        V1,
        value,
        in ->
            new ManifestEntry(
                in.text(), in.optional(RecordInput::digest), in.list(RecordInput::digest)));
  }

  static byte[] tag(TagRecord tag) {
    return new RecordOutput(V1).digest(tag.digest()).instant(tag.confirmedAt()).toBytes();
  }

  static TagRecord tag(byte[] value) {
    return RecordInput.read("tag", V1, value, in -> new TagRecord(in.digest(), in.instant()));
  }

  /** The fields that the referrers API lists; a platform or URLs of a manifest are not known. */
  static byte[] referrer(Descriptor descriptor) {
    return new RecordOutput(V1)
        .text(descriptor.mediaType())
        .digest(descriptor.digest())
        .int64(descriptor.size())
        .optional(descriptor.artifactType(), RecordOutput::text)
        .list(
            descriptor.annotations().entrySet(),
            (out, annotation) -> out.text(annotation.getKey()).text(annotation.getValue()))
        .toBytes();
  }

  static Descriptor referrer(byte[] value) {
    return RecordInput.read(
        "referrer",
        V1,
        value,
        in ->
            new Descriptor(
                in.text(),
                in.digest(),
                in.int64(),
                in.optional(RecordInput::text),
                in.list(pair -> Map.entry(pair.text(), pair.text())).stream()
                    .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue)),
                Optional.empty(),
                false));
  }

  static byte[] upload(UploadRecord upload) {
    return new RecordOutput(V1)
        .text(upload.repository().value())
        .instant(upload.startedAt())
        .toBytes();
  }

  static UploadRecord upload(byte[] key, byte[] value) {
    var id = ByteBuffer.wrap(key);
    return RecordInput.read(
        "upload",
        V1,
        value,
        in ->
            new UploadRecord(
                new UploadId(new UUID(id.getLong(), id.getLong())),
                new RepositoryName(in.text()),
                in.instant()));
  }

  static byte[] conversion(LayerConversion conversion) {
    return switch (conversion) {
      case LayerConversion.Converted converted ->
          new RecordOutput(V1)
              .code(1)
              .digest(converted.blob().digest())
              .int64(converted.blob().size())
              .digest(converted.tocDigest())
              .digest(converted.diffId())
              .int64(converted.uncompressedSize())
              .digest(converted.sourceDiffId())
              .toBytes();
      case LayerConversion.Unconvertible unconvertible ->
          new RecordOutput(V1).code(2).text(unconvertible.reason()).toBytes();
    };
  }

  static LayerConversion conversion(byte[] value) {
    return RecordInput.read(
        "layer conversion",
        V1,
        value,
        in ->
            switch (in.code()) {
              case 1 ->
                  new LayerConversion.Converted(
                      new BlobInfo(in.digest(), in.int64()),
                      in.digest(),
                      in.digest(),
                      in.int64(),
                      in.digest());
              case 2 -> new LayerConversion.Unconvertible(in.text());
              default -> throw new IllegalArgumentException("unknown kind of conversion");
            });
  }

  static byte[] lazyView(Digest lazy) {
    return new RecordOutput(V1).digest(lazy).toBytes();
  }

  static Digest lazyView(byte[] value) {
    return RecordInput.read("lazy view", V1, value, RecordInput::digest);
  }

  /** Repeats what the key says, because a job is read without knowing its repository. */
  static byte[] job(ConversionJob job) {
    int state =
        switch (job.state()) {
          case PENDING -> 1;
          case PARKED -> 2;
        };
    return new RecordOutput(V1)
        .text(job.repository().value())
        .digest(job.image())
        .instant(job.enqueuedAt())
        .int32(job.attempts())
        .code(state)
        .text(job.reason())
        .toBytes();
  }

  static ConversionJob job(byte[] value) {
    return RecordInput.read(
        "conversion job",
        V1,
        value,
        in ->
            new ConversionJob(
                new RepositoryName(in.text()),
                in.digest(),
                in.instant(),
                in.int32(),
                switch (in.code()) {
                  case 1 -> ConversionJob.State.PENDING;
                  case 2 -> ConversionJob.State.PARKED;
                  default -> throw new IllegalArgumentException("unknown state of a job");
                },
                in.text()));
  }

  static byte[] prefetchList(String text) {
    return new RecordOutput(V1).text(text).toBytes();
  }

  static String prefetchList(byte[] value) {
    return RecordInput.read("prefetch list", V1, value, RecordInput::text);
  }

  static byte[] pass(VerificationPass pass) {
    int phase =
        switch (pass.phase()) {
          case BLOBS -> 1;
          case MANIFESTS -> 2;
          case REPOSITORIES -> 3;
          case FINISHED -> 4;
        };
    return new RecordOutput(V1)
        .instant(pass.startedAt())
        .code(phase)
        .text(pass.after())
        .int64(pass.blobs())
        .int64(pass.bytes())
        .int64(pass.manifests())
        .int64(pass.repositories())
        .int64(pass.damage())
        .toBytes();
  }

  static VerificationPass pass(byte[] value) {
    return RecordInput.read(
        "verification",
        V1,
        value,
        in ->
            new VerificationPass(
                in.instant(),
                switch (in.code()) {
                  case 1 -> VerificationPass.Phase.BLOBS;
                  case 2 -> VerificationPass.Phase.MANIFESTS;
                  case 3 -> VerificationPass.Phase.REPOSITORIES;
                  case 4 -> VerificationPass.Phase.FINISHED;
                  default -> throw new IllegalArgumentException("unknown phase");
                },
                in.text(),
                in.int64(),
                in.int64(),
                in.int64(),
                in.int64(),
                in.int64()));
  }
}
