package io.lighter.conversion;

import static io.lighter.conversion.Conversions.CHUNK;
import static io.lighter.conversion.Conversions.LIMITS;
import static io.lighter.conversion.Conversions.gunzip;
import static io.lighter.conversion.Conversions.gzip;
import static io.lighter.conversion.Conversions.view;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lighter.conversion.gzip.GzipEncoders;
import io.lighter.oci.Digest;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class LayerLayoutTest {

  private static final int FIXED = 300;
  private static final int OF_THE_DAY = 50;
  private static final GzipEncoders JDK = GzipEncoders.jdk();

  private static List<GzipEncoders> encoders() {
    var all = new ArrayList<>(List.of(JDK));
    GzipEncoders.libdeflate().ifPresent(all::add);
    return all;
  }

  @ParameterizedTest
  @MethodSource("encoders")
  void write_randomTarsAndLists_givesTheBytesOfAConversionInThisOrder(GzipEncoders encoders)
      throws IOException {
    var seen = new Seen();
    for (long seed = 1; seed <= FIXED; seed++) {
      check(seed, encoders, seen);
    }
    // Otherwise this would be a test of something else.
    assertThat(seen.copied).isGreaterThan(1_000_000);
    assertThat(seen.compressed).isGreaterThan(1_000_000);
    assertThat(seen.omitting).isGreaterThan(20);
    assertThat(seen.empty).isBetween(10, FIXED / 2);
  }

  @Test
  void write_randomTarsOfTheDay_givesTheBytesOfAConversionInThisOrder() throws IOException {
    long first = System.currentTimeMillis();
    for (long seed = first; seed < first + OF_THE_DAY; seed++) {
      check(seed, JDK, new Seen());
    }
  }

  /** What the random cases had in them. */
  private static final class Seen {
    private long copied;
    private long compressed;
    private int omitting;
    private int empty;
  }

  private static void check(long seed, GzipEncoders encoders, Seen seen) throws IOException {
    var random = new Random(seed);
    byte[] source = new RandomTar(seed, 40).plain();
    var converter = new LayerConverter(encoders, LIMITS, Runnable::run, 1, CHUNK);
    if (random.nextInt(4) == 0) {
      converter = converter.withMinChunkSize(1 + random.nextInt(3 * CHUNK));
    }
    List<String> lines = new ArrayList<>(List.of("**/n*", "**[02468]", "**long*", "none", "**x*"));
    java.util.Collections.shuffle(lines, random);
    String list = String.join("\n", lines.subList(0, 1 + random.nextInt(lines.size())));
    var prefetch = new Prefetch(list(list), random.nextInt(60_000));
    Conversions.Result plain = Conversions.convert(source, converter);

    LayerLayout layout = layout(converter, plain.blob(), prefetch);
    var out = new ByteArrayOutputStream();
    LayerLayout.Result result = layout.write(plain.layer().sourceDiffId(), out);

    var wanted = new ByteArrayOutputStream();
    var reference = new Reference(source, prefetch);
    ConvertedLayer described = reference.write(converter, plain.layer().sourceDiffId(), wanted);
    assertThat(out.toByteArray()).as("seed %d", seed).isEqualTo(wanted.toByteArray());
    assertThat(result.layer()).as("seed %d", seed).isEqualTo(described);
    assertThat(layout.recipe())
        .as("seed %d", seed)
        .isEqualTo(converter.recipe().withPrefetched(reference.plan.order()));
    if (layout.isEmpty()) {
      assertThat(out.toByteArray()).as("seed %d", seed).isEqualTo(plain.blob());
      assertThat(layout.recipe()).isEqualTo(converter.recipe());
      seen.empty++;
    }
    seen.omitting += layout.prefetched().omitted().isEmpty() ? 0 : 1;
    seen.copied += result.copied();
    seen.compressed += result.compressed();
  }

  /** Puts the entries of a tar in order and compresses all of them. */
  private static final class Reference {
    private final List<TarEntry> entries = new ArrayList<>();
    private final List<byte[]> contents = new ArrayList<>();
    private final LayerIndex index;
    private final PrefetchPlan plan;

    Reference(byte[] tar, Prefetch prefetch) throws IOException {
      var stream = new ByteArrayInputStream(tar);
      var splitter = new TarSplitter(stream::readNBytes, LIMITS);
      index = new LayerIndex(prefetch.list(), LIMITS);
      for (Optional<TarEntry> next = splitter.next(); next.isPresent(); next = splitter.next()) {
        TarEntry entry = next.get();
        var content = new byte[(int) entry.size() + entry.padding()];
        splitter.read(content, 0, content.length);
        entries.add(entry);
        contents.add(content);
        index.add(entry, 0);
      }
      plan = PrefetchPlan.of(index, prefetch.maxBytes());
    }

    ConvertedLayer write(LayerConverter converter, Digest source, ByteArrayOutputStream out)
        throws IOException {
      try (EStargzWriter writer = converter.writer(out)) {
        for (int ordinal : plan.order()) {
          add(writer, ordinal);
        }
        writer.landmark(plan.order().isEmpty() ? ".no.prefetch.landmark" : ".prefetch.landmark");
        for (int i = 0; i < entries.size(); i++) {
          if (!plan.order().contains(i)) {
            add(writer, i);
          }
        }
        return writer.finish(
            new ConvertedLayer.Source(source, entries.size(), index.impliedDirectories()),
            plan.prefetched());
      }
    }

    private void add(EStargzWriter writer, int ordinal) throws IOException {
      var content = new ByteArrayInputStream(contents.get(ordinal));
      int number = writer.add(entries.get(ordinal), content::readNBytes, MemberPipeline.NOWHERE);
      if (index.isReplaced(ordinal)) {
        writer.leaveOut(number);
      }
    }
  }

  @Test
  void write_severalBatchesAndThreads_givesTheBytesOfAConversionInThisOrder() throws IOException {
    var tar = new TarBuilder();
    var random = new Random(3);
    for (int i = 0; i < 60; i++) {
      var content = new byte[random.nextInt(200_000)];
      random.nextBytes(content);
      tar.file("f" + i, content);
      for (int j = random.nextInt(900); i % 20 == 0 && j > 0; j--) {
        tar.symlink("l" + i + "-" + j, "target");
      }
    }
    // More headers in a row than fit behind a payload: members that begin within headers.
    for (int i = 0; i < 4000; i++) {
      tar.directory("d" + i);
    }
    byte[] source = tar.file("last", "end").build();
    var prefetch = new Prefetch(list("f7\nf3*\nlast"), 1 << 30);
    try (var executor = Executors.newFixedThreadPool(3)) {
      var converter = new LayerConverter(JDK, LIMITS, executor, 3, 1 << 20);
      Conversions.Result plain = Conversions.convert(source, converter);
      var out = new ByteArrayOutputStream();
      LayerLayout.Result result =
          layout(converter, plain.blob(), prefetch).write(plain.layer().sourceDiffId(), out);

      var wanted = new ByteArrayOutputStream();
      new Reference(source, prefetch).write(converter, plain.layer().sourceDiffId(), wanted);
      assertThat(out.toByteArray()).isEqualTo(wanted.toByteArray());
      assertThat(result.copied()).isGreaterThan(3 * result.compressed());
    }
  }

  @Test
  void write_fewFilesMoved_compressesOnlyWhatBordersOnThem() throws IOException {
    var tar = new TarBuilder();
    for (int i = 0; i < 100; i++) {
      tar.file("f%02d".formatted(i), "x".repeat(512));
    }
    LayerConverter converter = converter(JDK);
    byte[] blob = Conversions.convert(tar.build(), converter).blob();

    var out = new ByteArrayOutputStream();
    LayerLayout.Result result =
        layout(converter, blob, new Prefetch(list("f50\nf51"), 1 << 20))
            .write(Digest.ofSha256(new byte[0]), out);
    // The header of f50; f51 and the landmark's header; the landmark and the header of f00; f49 and
    // the header of f52. All others stay, the last of which has no header behind it.
    assertThat(result.compressed()).isEqualTo(512 + 1024 + (512 + 512) + 1024);
    assertThat(result.copied()).isEqualTo(97 * 1024 + 512);
  }

  @Test
  void write_blobOfAnotherEncoder_copiesItsMembersAndUnpacksToTheSame() throws IOException {
    byte[] source = new RandomTar(11, 60).plain();
    byte[] blob = Conversions.convert(source, converter(JDK.atLevel(1))).blob();
    var prefetch = new Prefetch(list("**[13579]"), 1 << 20);
    LayerConverter converter = converter(JDK.atLevel(9));

    var out = new ByteArrayOutputStream();
    LayerLayout.Result result =
        layout(converter, blob, prefetch).write(Digest.ofSha256(source), out);
    var wanted = new ByteArrayOutputStream();
    ConvertedLayer layer =
        new Reference(source, prefetch).write(converter, Digest.ofSha256(source), wanted);
    assertThat(result.copied()).isPositive();
    assertThat(out.toByteArray()).isNotEqualTo(wanted.toByteArray());
    assertThat(gunzip(Arrays.copyOf(out.toByteArray(), (int) tocOffset(out.toByteArray()))))
        .isEqualTo(
            gunzip(Arrays.copyOf(wanted.toByteArray(), (int) tocOffset(wanted.toByteArray()))));
    assertThat(result.layer().prefetched().bytes()).isEqualTo(layer.prefetched().bytes());
    EStargzReader.open(out.toByteArray());
  }

  @Test
  void write_blobOfOtherChunks_cutsThemAnew() throws IOException {
    byte[] content = new byte[10 * CHUNK];
    new Random(1).nextBytes(content);
    byte[] source = new TarBuilder().file("a", content).file("b", "b").build();
    var small = new LayerConverter(JDK, LIMITS, Runnable::run, 1, CHUNK / 2);

    var out = new ByteArrayOutputStream();
    layout(converter(JDK), Conversions.convert(source, small).blob(), new Prefetch(list("b"), 9999))
        .write(Digest.ofSha256(source), out);
    var wanted = new ByteArrayOutputStream();
    new Reference(source, new Prefetch(list("b"), 9999))
        .write(converter(JDK), Digest.ofSha256(source), wanted);
    assertThat(out.toByteArray()).isEqualTo(wanted.toByteArray());
  }

  @Test
  void layout_anyDamagedByte_isRefusedOrChangesNothing() throws IOException {
    byte[] source = new TarBuilder().file("a", "a".repeat(3000)).file("b", "bb").build();
    byte[] blob = Conversions.convert(source, converter(JDK)).blob();
    byte[] wanted = laidOut(blob);
    int refused = 0;
    for (int i = 0; i < tocOffset(blob); i++) {
      byte[] damaged = blob.clone();
      damaged[i] ^= 0x20;
      try {
        // Time and system in the header of a member mean nothing, and are copied.
        assertThat(gunzip(laidOut(damaged))).as("byte %d", i).isEqualTo(gunzip(wanted));
      } catch (ConversionException e) {
        refused++;
      }
    }
    assertThat(refused).isGreaterThan((int) tocOffset(blob) / 2);
  }

  @Test
  void layout_noEStargz_isRefused() {
    byte[] blob = gzip(new TarBuilder().file("a", "a").build());

    assertThatThrownBy(() -> layout(converter(JDK), blob, new Prefetch(list("a"), 999)))
        .isInstanceOf(UnconvertibleLayerException.class)
        .hasMessageContaining("not eStargz");
  }

  @Test
  void write_blobThatChangesBetweenReads_fails() throws IOException {
    byte[] first = Conversions.convert(new TarBuilder().file("a", "1").build()).blob();
    byte[] second =
        Conversions.convert(new TarBuilder().file("a", "another").file("b", "b").build()).blob();
    byte[] longer = Arrays.copyOf(second, Math.max(first.length, second.length));
    byte[] blob = Arrays.copyOf(first, first.length);
    LayerLayout layout = layout(converter(JDK), blob, new Prefetch(list("a"), 9999));
    System.arraycopy(longer, 0, blob, 0, blob.length);

    assertThatThrownBy(
            () -> layout.write(Digest.ofSha256(new byte[0]), new ByteArrayOutputStream()))
        .isInstanceOf(UnconvertibleLayerException.class);
  }

  @Test
  void layout_longerMemberThanAConversionWrites_isRefused() {
    byte[] blob =
        Conversions.convert(
                new TarBuilder().file("a", new byte[3 << 20]).build(),
                new LayerConverter(JDK, LIMITS, Runnable::run, 1, 4 << 20))
            .blob();

    assertThatThrownBy(() -> laidOut(blob))
        .isInstanceOf(LayerTooLargeException.class)
        .hasMessageContaining("gzip member of more than 1114112 uncompressed bytes");
  }

  @Test
  void layout_interrupted_ends() {
    byte[] blob = Conversions.convert(new TarBuilder().file("a", "1").build()).blob();
    Thread.currentThread().interrupt();

    assertThatThrownBy(() -> laidOut(blob)).isInstanceOf(InterruptedIOException.class);
    assertThat(Thread.interrupted()).isTrue();
  }

  private static byte[] laidOut(byte[] blob) throws IOException {
    var out = new ByteArrayOutputStream();
    layout(converter(JDK), blob, new Prefetch(list("b"), 1 << 20))
        .write(Digest.ofSha256(new byte[0]), out);
    return out.toByteArray();
  }

  private static long tocOffset(byte[] blob) throws IOException {
    return Footer.read(view(blob), blob.length).orElseThrow().tocOffset();
  }

  private static LayerConverter converter(GzipEncoders encoders) {
    return new LayerConverter(encoders, LIMITS, Runnable::run, 1, CHUNK);
  }

  private static LayerLayout layout(LayerConverter converter, byte[] blob, Prefetch prefetch)
      throws IOException {
    return converter.layout(view(blob), blob.length, prefetch);
  }

  private static PrefetchList list(String lines) throws IOException {
    return PrefetchList.parse(
        new ByteArrayInputStream(lines.getBytes(StandardCharsets.UTF_8)), "list");
  }
}
