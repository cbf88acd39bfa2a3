package io.lighter.server;

import io.lighter.oci.Descriptor;
import io.lighter.oci.Digest;
import io.lighter.oci.Manifest;
import io.lighter.oci.MediaTypes;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;

/**
 * A small container image of real gzipped tars.
 *
 * @param manifest its manifest
 * @param blobs configuration and layers by digest, in the order of the manifest
 */
record TestImage(Manifest manifest, Map<Digest, byte[]> blobs) {

  /** An image with one layer for each map of file names to contents. */
  static TestImage of(String architecture, List<Map<String, byte[]>> layers) {
    return ofTars(architecture, layers.stream().map(TestImage::tar).toList());
  }

  /** An image whose layers are these tars, gzipped. */
  static TestImage ofTars(String architecture, List<byte[]> tars) {
    return ofTars(architecture, "{}", tars);
  }

  /** An image that says how it is executed. */
  static TestImage executing(String program, List<Map<String, byte[]>> layers) {
    return ofTars(
        "amd64",
        "{\"Entrypoint\":[\"%s\"]}".formatted(program),
        layers.stream().map(TestImage::tar).toList());
  }

  /** An image for amd64 with this {@code config} in its configuration. */
  static TestImage configured(String execution, List<byte[]> tars) {
    return ofTars("amd64", execution, tars);
  }

  private static TestImage ofTars(String architecture, String execution, List<byte[]> tars) {
    var blobs = new LinkedHashMap<Digest, byte[]>();
    var descriptors = new ArrayList<String>();
    String diffIds =
        tars.stream()
            .map(tar -> '"' + Digest.ofSha256(tar).toString() + '"')
            .collect(Collectors.joining(","));
    byte[] config =
        "{\"architecture\":\"%s\",\"os\":\"linux\",\"config\":%s,\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[%s]}}"
            .formatted(architecture, execution, diffIds)
            .getBytes(StandardCharsets.UTF_8);
    blobs.put(Digest.ofSha256(config), config);
    for (byte[] tar : tars) {
      byte[] layer = gzip(tar);
      blobs.put(Digest.ofSha256(layer), layer);
      descriptors.add(json(MediaTypes.OCI_LAYER_GZIP, layer));
    }
    String manifest =
        "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"config\":%s,\"layers\":[%s]}"
            .formatted(
                MediaTypes.OCI_MANIFEST,
                json(MediaTypes.OCI_CONFIG, config),
                String.join(",", descriptors));
    return new TestImage(
        Manifest.of(Optional.empty(), manifest.getBytes(StandardCharsets.UTF_8)), blobs);
  }

  /** Two layers with a handful of files, one of them longer than a chunk; different by seed. */
  static TestImage random(long seed) {
    var large = new byte[5_000_000];
    new Random(seed).nextBytes(large);
    return of(
        "amd64",
        List.of(
            Map.of(
                "etc/seed",
                Long.toString(seed).getBytes(StandardCharsets.UTF_8),
                "usr/lib/large",
                large),
            Map.of("app/main", "#!/bin/sh\n".getBytes(StandardCharsets.UTF_8))));
  }

  /** An index of images by their architecture. */
  static Manifest index(Map<String, TestImage> images) {
    String children =
        images.entrySet().stream()
            .map(image ->
                "{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%d,\"platform\":{\"os\":\"linux\",\"architecture\":\"%s\"}}"
                    .formatted(
                        MediaTypes.OCI_MANIFEST,
                        image.getValue().manifest().digest(),
                        image.getValue().manifest().content().length,
                        image.getKey()))
            .collect(Collectors.joining(","));
    return Manifest.of(
        Optional.empty(),
        "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"manifests\":[%s]}"
            .formatted(MediaTypes.OCI_INDEX, children)
            .getBytes(StandardCharsets.UTF_8));
  }

  List<Descriptor> layers() {
    return manifest.view().layers();
  }

  static byte[] tar(Map<String, byte[]> files) {
    var bytes = new ByteArrayOutputStream();
    try (var tar = new TarArchiveOutputStream(bytes)) {
      for (Map.Entry<String, byte[]> file : files.entrySet()) {
        var entry = new TarArchiveEntry(file.getKey());
        entry.setSize(file.getValue().length);
        tar.putArchiveEntry(entry);
        tar.write(file.getValue());
        tar.closeArchiveEntry();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  /** A tar that eStargz cannot represent: a hard link to a file of another layer. */
  static byte[] tarWithForeignHardLink() {
    return tarWithLink("link", TarConstants.LF_LINK, "not/in/this/layer");
  }

  /** A tar that holds a link alone. */
  static byte[] tarWithLink(String name, byte type, String target) {
    var bytes = new ByteArrayOutputStream();
    try (var tar = new TarArchiveOutputStream(bytes)) {
      var link = new TarArchiveEntry(name, type);
      link.setLinkName(target);
      tar.putArchiveEntry(link);
      tar.closeArchiveEntry();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  private static byte[] gzip(byte[] content) {
    var bytes = new ByteArrayOutputStream();
    try (var gzip = new GZIPOutputStream(bytes)) {
      gzip.write(content);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  private static String json(String type, byte[] content) {
    return "{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%d}"
        .formatted(type, Digest.ofSha256(content), content.length);
  }
}
