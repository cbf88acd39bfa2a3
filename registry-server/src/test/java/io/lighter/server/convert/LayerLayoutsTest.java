package io.lighter.server.convert;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.lighter.conversion.ConversionLimits;
import io.lighter.conversion.ConvertedLayer;
import io.lighter.conversion.EStargz;
import io.lighter.conversion.LayerConverter;
import io.lighter.conversion.LayerOutcome;
import io.lighter.conversion.PlainLayer;
import io.lighter.conversion.Prefetch;
import io.lighter.conversion.PrefetchList;
import io.lighter.conversion.gzip.GzipEncoders;
import io.lighter.oci.Descriptor;
import io.lighter.oci.Digest;
import io.lighter.oci.MediaTypes;
import io.lighter.server.observe.RecentLatency;
import io.lighter.server.observe.RegistryMetrics;
import io.lighter.storage.BlobInfo;
import io.lighter.storage.local.FileBlobStore;
import io.lighter.storage.local.StoreDirectory;
import io.lighter.storage.rocksdb.RocksStores;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LayerLayoutsTest {
  private static final String TOC = "stargz.index.json";
  private static final String LANDMARK = ".prefetch.landmark";
  private static final long MOST = Prefetch.DEFAULT_MAX_BYTES;

  @TempDir private Path directory;
  private final RegistryMetrics metrics = new RegistryMetrics();
  private final LayerConverter converter =
      new LayerConverter(GzipEncoders.detect(), ConversionLimits.DEFAULT, Runnable::run, 1);
  private final byte[] tar = tar("a", "b", "c");
  private StoreDirectory data;
  private RocksStores stores;
  private FileBlobStore blobs;
  private LayerBlobs read;
  private LayerLayouts layouts;

  LayerLayoutsTest() throws IOException {}

  @BeforeEach
  void open() {
    data = new StoreDirectory(directory);
    var clock = new LeapingClock(Duration.ofMinutes(10));
    stores = new RocksStores(data.layout().metadata(), 8 << 20, clock, Duration.ofHours(1));
    blobs = new FileBlobStore(data.layout(), stores.blobIndex(), 16);
    var pace = new ConversionPace(new RecentLatency(System::nanoTime), Duration.ZERO, () -> false);
    read = new LayerBlobs(blobs, pace);
    layouts = layouts(converter);
  }

  private LayerLayouts layouts(LayerConverter with) {
    return new LayerLayouts(read, stores.conversions(), with, ConversionLimits.DEFAULT, metrics);
  }

  @AfterEach
  void close() {
    blobs.close();
    stores.close();
    data.close();
    metrics.close();
  }

  @Test
  void laidOut_converted_hasTheListsFilesInFront() throws IOException {
    var made = made(laidOut(layouts, source(), plain(), list("c\nb"), MOST));

    assertThat(names(made.digest())).containsExactly("c", "b", LANDMARK, "a", TOC);
    assertThat(made.sourceDiffId()).isEqualTo(plain().sourceDiffId());
    assertThat(made.diffId()).isEqualTo(Digest.ofSha256(unpacked(made.digest())));
    assertThat(made.uncompressedSize()).isEqualTo(unpacked(made.digest()).length);
    assertThat(metrics.scrape())
        .contains("lighter_conversion_layouts_seconds_count 1")
        .contains("lighter_conversion_layout_bytes_total{how=\"copied\"}")
        .contains("lighter_conversion_layout_bytes_total{how=\"compressed\"}");
  }

  @Test
  void laidOut_listsThatMeanTheSame_areMadeOnce() throws IOException {
    LayerOutcome first = laidOut(layouts, source(), plain(), list("c"), MOST);

    assertThat(laidOut(layouts, source(), plain(), list("c"), MOST)).isEqualTo(first);
    assertThat(laidOut(layouts, source(), plain(), list("none\n?\nc"), 2 * 512))
        .isNotEqualTo(first);
    assertThat(laidOut(layouts, source(), plain(), list("none\n[c]"), MOST)).isEqualTo(first);
    assertThat(metrics.scrape()).contains("lighter_conversion_layouts_seconds_count 2");
  }

  @Test
  void laidOut_listThatHasNothingInTheLayer_isThePlainResult() throws IOException {
    LayerOutcome plain = plain();

    assertThat(laidOut(layouts, source(), plain, PrefetchList.NONE, MOST)).isSameAs(plain);
    assertThat(laidOut(layouts, source(), plain, list("d\n.no*"), MOST)).isSameAs(plain);
    assertThat(laidOut(layouts, source(), plain, list("a"), 512)).as("no room").isSameAs(plain);
    assertThat(metrics.scrape()).doesNotContain("lighter_conversion_layouts_seconds_count");
  }

  @Test
  void laidOut_keptLayer_staysAsItIs() throws IOException {
    var kept = new LayerOutcome.Kept("because");

    assertThat(laidOut(layouts, source(), kept, list("a"), MOST)).isSameAs(kept);
  }

  @Test
  void laidOut_eStargzOfOthers_isLaidOutFromItself() throws IOException {
    ConvertedLayer theirs = convert(tar);
    byte[] blob = convertedBytes(tar);
    Descriptor layer = stored(blob);
    var annotated =
        new LayerOutcome.Annotated(theirs.tocDigest(), theirs.diffId(), theirs.uncompressedSize());
    var made = made(laidOut(layouts, layer, annotated, list("b"), MOST));

    assertThat(names(made.digest())).containsExactly("b", LANDMARK, "a", "c", TOC);
    assertThat(made.sourceDiffId()).isEqualTo(theirs.diffId());
    var passedThrough = new LayerOutcome.PassedThrough();
    var measured = made(laidOut(layouts, layer, passedThrough, list("a"), MOST));
    assertThat(names(measured.digest())).containsExactly("a", LANDMARK, "b", "c", TOC);
    assertThat(measured.sourceDiffId()).isEqualTo(theirs.diffId());
    assertThat(laidOut(layouts, layer, passedThrough, list("d"), MOST)).isSameAs(passedThrough);
  }

  @Test
  void laidOut_eStargzWithALandmarkOfItsOwn_isLeftAlone() throws IOException {
    var own = made(laidOut(layouts, source(), plain(), list("c"), MOST));
    Descriptor layer = descriptor(own.digest(), own.size());
    var passedThrough = new LayerOutcome.PassedThrough();

    assertThat(laidOut(layouts, layer, passedThrough, list("b"), MOST)).isSameAs(passedThrough);
  }

  @Test
  void laidOut_damagedBlob_isThePlainResultUntilItIsWholeAgain() throws IOException {
    LayerOutcome.Converted plain = plain();
    Path file = data.layout().blob(plain.digest());
    byte[] whole = Files.readAllBytes(file);
    byte[] rotten = whole.clone();
    rotten[rotten.length / 3] ^= 1;
    Files.write(file, rotten);
    assertThat(laidOut(layouts, source(), plain, list("b"), MOST)).isSameAs(plain);

    Files.write(file, whole);
    assertThat(laidOut(layouts, source(), plain, list("b"), MOST)).isNotEqualTo(plain);
  }

  @Test
  void laidOut_layerBeyondTheLimits_isRefusedOnce() throws IOException {
    var narrow = new ConversionLimits(1 << 30, 2, 1 << 20, 1 << 20, 100);
    var encoders = GzipEncoders.detect();
    LayerLayouts limited = layouts(new LayerConverter(encoders, narrow, Runnable::run, 1));
    LayerOutcome plain = plain();

    assertThat(laidOut(limited, source(), plain, list("a"), MOST)).isSameAs(plain);
    assertThat(laidOut(layouts, source(), plain, list("a"), MOST))
        .as("what is recorded is not tried again")
        .isSameAs(plain);
  }

  private LayerOutcome laidOut(
      LayerLayouts by, Descriptor layer, LayerOutcome plain, PrefetchList list, long maxBytes)
      throws IOException {
    var without = new PlainLayer(layer, plain, Optional.empty());
    Optional<Digest> blob = without.blob();
    Optional<EStargz> content = blob.isPresent() ? read.inspect(blob.get()) : Optional.empty();
    return by.laidOut(new PlainLayer(layer, plain, content), list, maxBytes);
  }

  private LayerOutcome.Converted plain() throws IOException {
    return LayerOutcome.Converted.of(stored(convertedBytes(tar)).digest(), convert(tar));
  }

  private Descriptor source() {
    return stored(tar);
  }

  private Descriptor stored(byte[] content) {
    try (var writer = blobs.newWriter()) {
      writer.append(ByteBuffer.wrap(content));
      BlobInfo blob = writer.commit(Digest.ofSha256(content));
      return descriptor(blob.digest(), blob.size());
    }
  }

  private static Descriptor descriptor(Digest digest, long size) {
    return new Descriptor(
        MediaTypes.OCI_LAYER_GZIP,
        digest,
        size,
        Optional.empty(),
        Map.of(),
        Optional.empty(),
        false);
  }

  private ConvertedLayer convert(byte[] source) throws IOException {
    return converter.convert(new ByteArrayInputStream(source), new ByteArrayOutputStream());
  }

  private byte[] convertedBytes(byte[] source) throws IOException {
    var out = new ByteArrayOutputStream();
    converter.convert(new ByteArrayInputStream(source), out);
    return out.toByteArray();
  }

  private static LayerOutcome.Converted made(LayerOutcome outcome) {
    assertThat(outcome).isInstanceOf(LayerOutcome.Converted.class);
    return (LayerOutcome.Converted) outcome;
  }

  private static PrefetchList list(String lines) throws IOException {
    return PrefetchList.parse(new ByteArrayInputStream(lines.getBytes(UTF_8)), "list");
  }

  private byte[] unpacked(Digest blob) throws IOException {
    try (InputStream in = new GZIPInputStream(new BlobInputStream(blobs.open(blob)))) {
      return in.readAllBytes();
    }
  }

  private List<String> names(Digest blob) throws IOException {
    var names = new ArrayList<String>();
    try (var in = new TarArchiveInputStream(new ByteArrayInputStream(unpacked(blob)))) {
      for (var entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
        names.add(entry.getName());
      }
    }
    return names;
  }

  private static byte[] tar(String... names) throws IOException {
    var out = new ByteArrayOutputStream();
    try (var archive = new TarArchiveOutputStream(out)) {
      for (String name : names) {
        byte[] content = ("content of " + name).getBytes(UTF_8);
        var entry = new TarArchiveEntry(name);
        entry.setSize(content.length);
        archive.putArchiveEntry(entry);
        archive.write(content);
        archive.closeArchiveEntry();
      }
    }
    return out.toByteArray();
  }
}
