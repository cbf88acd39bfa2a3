package io.lighter.conversion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lighter.conversion.PrefetchList.Item;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PrefetchListTest {

  @Test
  void parse_pathsPatternsAndComments_keepsTheirOrder() throws IOException {
    PrefetchList list =
        parse(
            """
            # what the start reads
            /usr/bin/env

              ./etc//passwd\t
            usr/lib/**/*.so
            usr/bin/env
            """);

    assertThat(list.items())
        .containsExactly(
            new Item("usr/bin/env", false),
            new Item("etc/passwd", false),
            new Item("usr/lib/**/*.so", true));
  }

  @Test
  void parseRecord_linesOfOtherTools_takesTheirPaths() throws IOException {
    PrefetchList list =
        record(
            """
            {"path":"usr/bin/[","manifestDigest":"sha256:00","layerIndex":0}

            {"path":"/etc/nsswitch.conf"}
            {"layerIndex":3,"path":"a*b"}
            """);

    assertThat(list.items())
        .containsExactly(
            new Item("usr/bin/[", false),
            new Item("etc/nsswitch.conf", false),
            new Item("a*b", false));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "a/../b | list.txt, line 2: a path has at most 4096 characters, names of at most 255 bytes, and no \"..\" in it: \"a/../b\"",
      })
  void parse_badLine_namesListAndLine(String line, String message) {
    assertThatThrownBy(() -> parse("fine\n" + line))
        .isInstanceOf(InvalidPrefetchListException.class)
        .hasMessage(message);
  }

  @Test
  void parse_notUtf8_isRefused() {
    byte[] bytes = {'a', '\n', (byte) 0xff, '\n'};

    assertThatThrownBy(() -> PrefetchList.parse(new ByteArrayInputStream(bytes), "l"))
        .isInstanceOf(InvalidPrefetchListException.class)
        .hasMessageContaining("UTF-8");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "usr/bin/env   | line 2: not JSON",
        "{\"path\":     | line 2: not JSON",
        "{\"path\":1}   | line 2: no path",
        "{\"path\":\"\"}| line 2: no path",
        "[]            | line 2: no path",
        "{\"path\":\"a\\u0000\"} | line 2: a path has no zero byte",
        "{\"path\":\"..\"} | line 2: a path has at most",
      })
  void parseRecord_badLine_saysWhatALineIs(String line, String message) {
    assertThatThrownBy(() -> record("{\"path\":\"a\"}\n" + line))
        .isInstanceOf(InvalidPrefetchListException.class)
        .hasMessageStartingWith("record.json, ")
        .hasMessageContaining(message);
  }

  @Test
  void parse_tooMany_isRefused() {
    assertThatThrownBy(() -> parse(manyPatterns()))
        .isInstanceOf(InvalidPrefetchListException.class)
        .hasMessageContaining("1000 are patterns");
    assertThatThrownBy(() -> parse(paths(200_001)))
        .isInstanceOf(InvalidPrefetchListException.class)
        .hasMessageContaining("line 200001: a list has at most 200000 paths");
  }

  @Test
  void parse_asManyAsAllowed_takesAll() throws IOException {
    assertThat(parse(paths(200_000)).items()).hasSize(200_000);
  }

  @Test
  void id_differs_byContentAndOrder() throws IOException {
    assertThat(parse("a\nb").id()).isEqualTo(parse("/a\n./b\na").id()).hasSize(16);
    assertThat(parse("a\nb").id()).isNotEqualTo(parse("b\na").id());
    assertThat(parse("a*").id()).isNotEqualTo(record("{\"path\":\"a*\"}").id());
  }

  @Test
  void and_other_comesBehindWithoutRepeating() throws IOException {
    assertThat(parse("b\na").and(parse("a\nc"))).isEqualTo(parse("b\na\nc"));
  }

  private static String manyPatterns() {
    var lines = new StringBuilder();
    for (int i = 0; i < 1001; i++) {
      lines.append("dir").append(i).append("/*\n");
    }
    return lines.toString();
  }

  private static String paths(int count) {
    var lines = new StringBuilder();
    for (int i = 0; i < count; i++) {
      lines.append("d/").append(i).append('\n');
    }
    return lines.toString();
  }

  private static PrefetchList parse(String text) throws IOException {
    return PrefetchList.parse(stream(text), "list.txt");
  }

  private static PrefetchList record(String text) throws IOException {
    return PrefetchList.parseRecord(stream(text), "record.json");
  }

  private static ByteArrayInputStream stream(String text) {
    return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
  }
}
