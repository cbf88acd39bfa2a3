package io.lighter.server.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.LastHttpContent;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HeadPatternTest {
  private static final String HEAD =
      "GET /v2/a/blobs/x HTTP/1.1\r\nHost: h\r\nRange: bytes=%s\r\nAccept: */*\r\n\r\n";

  private final HeadPattern pattern = pattern(HEAD.formatted("0-9"), "bytes=0-9").orElseThrow();

  @ParameterizedTest
  @ValueSource(strings = {"0-9", "5-", "-7", "1-2,3-4", "123456789012-123456789999", "", ",-"})
  void range_ofTheSameHeadWithAnotherRange_isThatRange(String ranges) {
    ByteBuf other = bytes(HEAD.formatted(ranges));

    assertThat(pattern.matches(other)).isTrue();
    assertThat(pattern.range(other)).isEqualTo("bytes=" + ranges);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0-9 ",
        " 0-9",
        "0-9\r\nX: y",
        "0-9\n",
        "0-9\r\n\r\nGET / HTTP/1.1\r\nRange: bytes=0-9",
        "0-9\u0000",
        "a-b",
        "0-9;"
      })
  void matches_anythingElseThanPositionsInTheGap_no(String ranges) {
    assertThat(pattern.matches(bytes(HEAD.formatted(ranges)))).isFalse();
  }

  @Test
  void matches_anotherHead_no() {
    String same = HEAD.formatted("0-9");
    assertThat(pattern.matches(bytes(same.replace("/x", "/y")))).isFalse();
    assertThat(pattern.matches(bytes(same.replace("GET", "PUT")))).isFalse();
    assertThat(pattern.matches(bytes(same.replace("*/*", "*/x")))).isFalse();
    assertThat(pattern.matches(bytes(same.replace("Range: bytes=0-9\r\n", "")))).isFalse();
    assertThat(pattern.matches(bytes(same + "G"))).isFalse();
    assertThat(pattern.matches(bytes(same + same))).isFalse();
    assertThat(pattern.matches(bytes(same.substring(0, same.length() - 1)))).isFalse();
    assertThat(pattern.matches(bytes(same.substring(1)))).isFalse();
    assertThat(pattern.matches(Unpooled.EMPTY_BUFFER)).isFalse();
  }

  /** What the decoder would refuse for its length. */
  @Test
  void matches_longerThanAnyHead_no() {
    assertThat(pattern.matches(bytes(HEAD.formatted("1-2,".repeat(8000))))).isTrue();
    assertThat(pattern.matches(bytes(HEAD.formatted("1-2,".repeat(8200))))).isFalse();
  }

  @Test
  void matches_headWithoutRange_onlyTheSameBytes() {
    String head = "HEAD /v2/a/blobs/x HTTP/1.1\r\nHost: h\r\n\r\n";
    HeadPattern whole = pattern(head, null).orElseThrow();

    assertThat(whole.matches(bytes(head))).isTrue();
    assertThat(whole.range(bytes(head))).isNull();
    assertThat(whole.matches(bytes(head + "1"))).isFalse();
    assertThat(whole.matches(bytes(head.replace("h\r", "g\r")))).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Range: bytes=0-9\r\n 5",
        "Range: bytes=0-9\r\nRange: bytes=1-2",
        "Range: bytes=0-9\r\nrange:bytes=1-2",
        "Range: bytes = 0-9",
        "Range: bytes=0-9, 11-12",
        "Range: lines=0-9",
        "Range:bytes=0-9",
        "Range:  bytes=0-9"
      })
  void of_rangeInAnotherForm_none(String line) {
    String head = "GET / HTTP/1.1\r\nHost: h\r\n" + line + "\r\n\r\n";
    HttpRequest request = decode(head).getFirst();

    assertThat(pattern(head, request.headers().get("Range"))).isEmpty();
  }

  @Test
  void of_longHead_none() {
    String head = HEAD.formatted("0-9").replace("*/*", "x".repeat(2100));

    assertThat(pattern(head, "bytes=0-9")).isEmpty();
  }

  /** Whatever matches, the decoder finds the same in it, but for the range. */
  @Test
  void matches_anything_decodesToTheSame() {
    var random = new Random(42);
    int matched = 0;
    for (int i = 0; i < 200_000; i++) {
      String head = head(random);
      List<HttpRequest> decoded = decode(head);
      if (decoded.size() != 1 || decoded.getFirst().decoderResult().isFailure()) {
        continue;
      }
      HttpRequest request = decoded.getFirst();
      Optional<HeadPattern> known = pattern(head, request.headers().get("Range"));
      String other = changed(head, random);
      if (known.isEmpty() || !known.get().matches(bytes(other))) {
        continue;
      }
      matched++;
      List<HttpRequest> again = decode(other);
      assertThat(again).as("%s", List.of(head, other)).hasSize(1);
      String range = known.get().range(bytes(other));
      assertThat(again.getFirst().headers().get("Range")).as(other).isEqualTo(range);
      assertThat(lines(again.getFirst())).as(other).isEqualTo(lines(request));
    }
    assertThat(matched).isGreaterThan(10_000);
  }

  private static List<String> lines(HttpRequest request) {
    var lines = new ArrayList<String>();
    lines.add(request.method() + " " + request.uri() + " " + request.protocolVersion());
    request
        .headers()
        .forEach(line -> {
          if (!line.getKey().equalsIgnoreCase("Range")) {
            lines.add(line.getKey() + ": " + line.getValue());
          }
        });
    return lines;
  }

  private static String head(Random random) {
    String[] lines = {
      "Host: h", "Range: bytes=0-9", "range: bytes=1-2,3-4", "Range: bytes=5-", "RANGE: bytes=-5",
      "Range:bytes=1-1", "X-Range: bytes=1-2", "A: Range: bytes=1-2", " folded",
          "\tRange: bytes=3-4",
      "If-Range: \"x\"", "Accept: */*", "Range : bytes=1-2", "Range: bytes=1-2 ", "B:"
    };
    var head =
        new StringBuilder(
            "GET /x?Range: HTTP/1.1".replace("?Range:", random.nextBoolean() ? "" : "?r"));
    for (int i = random.nextInt(4); i >= 0; i--) {
      head.append(random.nextInt(20) == 0 ? "\n" : "\r\n")
          .append(lines[random.nextInt(lines.length)]);
    }
    return head.append("\r\n\r\n").toString();
  }

  private static String changed(String head, Random random) {
    String bytes = "0123456789-,-, \r\n:abR\t";
    var other = new StringBuilder(head);
    for (int i = random.nextInt(3); i > 0; i--) {
      // Mostly behind a hyphen, which is where most of what may differ is.
      int hyphen = head.indexOf('-', random.nextInt(head.length()));
      int at =
          Math.min(
              hyphen < 0 || random.nextInt(5) == 0 ? random.nextInt(head.length()) : hyphen + 1,
              other.length() - 1);
      char c = bytes.charAt(random.nextInt(bytes.length()));
      switch (random.nextInt(3)) {
        case 0 -> other.insert(at, c);
        case 1 -> other.setCharAt(at, c);
        default -> other.deleteCharAt(at);
      }
    }
    return other.toString();
  }

  private static Optional<HeadPattern> pattern(String head, @Nullable String range) {
    return HeadPattern.of(bytes(head), range);
  }

  /** The requests of some bytes, of which nothing may be left. */
  private static List<HttpRequest> decode(String bytes) {
    var channel = new EmbeddedChannel(new HttpRequestDecoder());
    channel.writeInbound(bytes(bytes));
    var requests = new ArrayList<HttpRequest>();
    for (Object message = channel.readInbound(); message != null; message = channel.readInbound()) {
      if (message instanceof HttpRequest request) {
        requests.add(request);
      } else if (message instanceof LastHttpContent last) {
        last.release();
      }
    }
    channel.finishAndReleaseAll();
    return requests;
  }

  private static ByteBuf bytes(String text) {
    return Unpooled.wrappedBuffer(text.getBytes(ISO_8859_1));
  }
}
