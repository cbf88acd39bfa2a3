package io.lighter.conversion;

import static org.assertj.core.api.Assertions.assertThat;

import io.lighter.conversion.gzip.GzipEncoders;
import io.lighter.oci.Descriptor;
import io.lighter.oci.Digest;
import io.lighter.oci.MediaTypes;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PlainLayersTest {

  private final PlainLayers layers = new PlainLayers(4);

  @Test
  void add_lazyLayers_areHeldWithWhatTheyHave() throws IOException {
    assertThat(add(converted(tar("a")))).isEmpty();
    assertThat(add(passedThrough(tar("b")))).isEmpty();

    assertThat(layers.all()).extracting(layer -> layer.content().isPresent()).containsOnly(true);
    assertThat(layers.asTheyCame()).isFalse();
  }

  @Test
  void add_onALayerThatStays_isNotConverted() throws IOException {
    add(converted(tar("a")));
    assertThat(add(PlainLayer.kept(descriptor(), "it is sparse"))).contains("it is sparse");
    Optional<String> above =
        layers.add(
            descriptor(),
            _ -> {
              throw new AssertionError("converted in vain");
            });

    assertThat(above).as("not the lowest").isEmpty();
    assertThat(layers.all())
        .extracting(layer -> layer.outcome().lazy())
        .containsExactly(true, false, false);
  }

  @Test
  void add_layerThatHidesALinkBelow_stays() throws IOException {
    add(converted(new TarBuilder().symlink("lib", "usr/lib").build()));

    assertThat(add(converted(tar("lib/app"))).orElseThrow()).contains("a symbolic link in a layer");
    assertThat(layers.all().getLast().outcome()).isInstanceOf(LayerOutcome.Kept.class);
    assertThat(layers.all().getLast().content()).isEmpty();
  }

  @Test
  void add_moreEntriesThanAreHeld_areLazyAndNotHeld() throws IOException {
    add(converted(tar("a", "b"))); // Three entries with the landmark.
    add(converted(tar("c")));

    assertThat(layers.all().getLast().outcome().lazy()).isTrue();
    assertThat(layers.all())
        .extracting(layer -> layer.content().isPresent())
        .containsExactly(true, false);
    PrefetchList list = list("none");
    assertThat(layers.all().getFirst().mayHave(list)).isFalse();
    assertThat(layers.all().getLast().mayHave(list)).as("nobody knows").isTrue();
  }

  @Test
  void asTheyCame_onlyPassedThrough_isTrue() throws IOException {
    add(passedThrough(tar("a")));

    assertThat(layers.asTheyCame()).isTrue();
  }

  @Test
  void mayHave_list_isToldByTheToc() throws IOException {
    PlainLayer layer = converted(tar("a", "b"));

    assertThat(layer.mayHave(list("x\nb"))).isTrue();
    assertThat(layer.mayHave(list("x\n.no*"))).isFalse();
    assertThat(layer.mayHave(PrefetchList.NONE)).isFalse();
    assertThat(layer.withoutContent().mayHave(PrefetchList.NONE)).isFalse();
    assertThat(passedThrough(tar("a")).withoutContent().mayHave(list("a"))).isFalse();
  }

  @Test
  void isOptimized_landmarkOfOthers_countsOnlyIfItCameWithTheLayer() throws IOException {
    var converter = new LayerConverter(GzipEncoders.jdk(), Conversions.LIMITS, Runnable::run, 1);
    byte[] plain = Conversions.convert(tar("a", "b"), converter).blob();
    var out = new ByteArrayOutputStream();
    LayerLayout layout =
        converter.layout(Conversions.view(plain), plain.length, Prefetch.of(list("b")));
    layout.write(Digest.ofSha256(plain), out);
    Optional<EStargz> content =
        EStargz.inspect(Conversions.view(out.toByteArray()), out.toByteArray().length);

    assertThat(
            new PlainLayer(descriptor(), new LayerOutcome.PassedThrough(), content).isOptimized())
        .isTrue();
    assertThat(new PlainLayer(descriptor(), converted(tar("a")).outcome(), content).isOptimized())
        .isFalse();
    assertThat(passedThrough(tar("a")).isOptimized()).isFalse();
  }

  private Optional<String> add(PlainLayer layer) throws IOException {
    return layers.add(layer.source(), _ -> layer);
  }

  private static PlainLayer converted(byte[] tar) throws IOException {
    Conversions.Result made = Conversions.convert(tar);
    var outcome = LayerOutcome.Converted.of(Digest.ofSha256(made.blob()), made.layer());
    return new PlainLayer(descriptor(), outcome, content(made.blob()));
  }

  private static PlainLayer passedThrough(byte[] tar) throws IOException {
    return new PlainLayer(
        descriptor(), new LayerOutcome.PassedThrough(), content(Conversions.convert(tar).blob()));
  }

  private static Optional<EStargz> content(byte[] blob) throws IOException {
    return EStargz.inspect(Conversions.view(blob), blob.length);
  }

  private static Descriptor descriptor() {
    return new Descriptor(
        MediaTypes.OCI_LAYER_GZIP,
        Digest.ofSha256(new byte[0]),
        0,
        Optional.empty(),
        Map.of(),
        Optional.empty(),
        false);
  }

  private static byte[] tar(String... names) {
    var tar = new TarBuilder();
    for (String name : names) {
      tar.file(name, "content of " + name);
    }
    return tar.build();
  }

  private static PrefetchList list(String lines) throws IOException {
    return PrefetchList.parse(
        new ByteArrayInputStream(lines.getBytes(StandardCharsets.UTF_8)), "list");
  }
}
