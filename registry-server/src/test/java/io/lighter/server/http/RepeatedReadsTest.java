package io.lighter.server.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import io.vertx.core.MultiMap;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Which requests go past a decoder. */
class RepeatedReadsTest {
  private static final String HEAD =
      "GET /v2/a/blobs/sha256:0 HTTP/1.1\r\nHost: h\r\nRange: bytes=%s\r\n\r\n";

  private final Answering answering = new Answering();
  private final EmbeddedChannel channel =
      new EmbeddedChannel(
          new RepeatedReads(answering),
          new HttpRequestDecoder(),
          new ChannelInboundHandlerAdapter() {
            @Override
            public void channelRead(ChannelHandlerContext context, Object message) {
              answering.decoded(message);
            }
          });

  private final List<ByteBuf> sent = new ArrayList<>();

  @AfterEach
  void everyBufferIsReleased() {
    channel.finishAndReleaseAll();
    assertThat(sent).allMatch(bytes -> bytes.refCnt() == 0);
  }

  @Test
  void sameHead_fromTheThirdOn_isNotDecoded() {
    send(HEAD.formatted("0-1"), HEAD.formatted("2-3"), HEAD.formatted("4-5"), HEAD.formatted("6-"));

    // The first shows that the decoder is between requests, the second what is to be repeated.
    assertThat(answering.events)
        .containsExactly(
            "decoded bytes=0-1", "decoded bytes=2-3", "again bytes=4-5", "again bytes=6-");
  }

  @Test
  void anotherHead_isDecodedAndThenRepeated() {
    String other = HEAD.replace("Host: h", "Host: other");
    known();
    send(other.formatted("1-1"), other.formatted("2-2"), HEAD.formatted("3-3"));

    assertThat(answering.events)
        .containsExactly("decoded bytes=1-1", "again bytes=2-2", "decoded bytes=3-3");
  }

  @Test
  void headInPieces_isDecoded() {
    known();
    String head = HEAD.formatted("7-8");
    for (int cut = 1; cut < head.length(); cut++) {
      send(head.substring(0, cut), head.substring(cut));
    }

    assertThat(answering.events).hasSize(head.length() - 1).containsOnly("decoded bytes=7-8");
  }

  @Test
  void pipelinedHeads_areDecoded() {
    known();
    send(HEAD.formatted("1-1") + HEAD.formatted("2-2"));
    send(HEAD.formatted("3-3"), HEAD.formatted("4-4"));

    assertThat(answering.events)
        .containsExactly(
            "decoded bytes=1-1", "decoded bytes=2-2", "decoded bytes=3-3", "again bytes=4-4");
  }

  /** The bytes of a request that would be answered, inside of another one. */
  @Test
  void head_asABody_isABody() {
    known();
    String head = HEAD.formatted("1-1");
    send("POST /v2/ HTTP/1.1\r\nHost: h\r\nContent-Length: " + 2 * head.length() + "\r\n\r\n");
    send(head, head);
    send("POST /v2/ HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n");
    send("%x\r\n".formatted(head.length()) + head + "\r\n", "0\r\n\r\n");

    assertThat(answering.events).containsExactly("decoded null", "decoded null");
  }

  /** The same in the middle of its head. */
  @Test
  void head_asAHeader_isAHeader() {
    known();
    String head = HEAD.formatted("1-1");
    send("GET /other HTTP/1.1\r\nX-Header: ", head, head, head);

    assertThat(answering.events)
        .containsExactly("decoded bytes=1-1", "decoded bytes=1-1", "again bytes=1-1");
    assertThat(answering.targets).containsExactly("/other", "/v2/a/blobs/sha256:0");
  }

  @Test
  void whatWasNotAnsweredAtOnce_isDecodedAgain() {
    answering.atOnce = false;
    known();
    send(HEAD.formatted("1-1"));

    assertThat(answering.events).containsExactly("decoded bytes=1-1");
  }

  /** Something was forgotten, or there is more than one request. */
  @Test
  void whatCannotBeAnsweredAgain_isDecoded() {
    known();
    answering.again = false;
    send(HEAD.formatted("1-1"));
    answering.again = true;
    send(HEAD.formatted("2-2"));

    assertThat(answering.events).containsExactly("decoded bytes=1-1", "again bytes=2-2");
  }

  @Test
  void bytesThatAreNoRequest_endIt() {
    known();
    send("\u0000nonsense\r\n\r\n", HEAD.formatted("1-1"), HEAD.formatted("2-2"));

    assertThat(answering.events).doesNotContain("again bytes=1-1", "again bytes=2-2");
  }

  @Test
  void whatFails_isReleased() {
    known();
    answering.failure = new IllegalStateException("broken");

    assertThatThrownBy(() -> send(HEAD.formatted("1-1"))).hasMessage("broken");
  }

  private void known() {
    send(HEAD.formatted("0-0"), HEAD.formatted("0-0"));
    answering.events.clear();
    answering.targets.clear();
  }

  private void send(String... pieces) {
    for (String piece : pieces) {
      ByteBuf bytes = Unpooled.wrappedBuffer(piece.getBytes(ISO_8859_1));
      sent.add(bytes);
      channel.writeInbound(bytes);
    }
  }

  /** Answers whatever is a plain read. */
  private static final class Answering implements RepeatedReads.Requests {
    private final List<String> events = new ArrayList<>();
    private final List<String> targets = new ArrayList<>();
    private boolean atOnce = true;
    private boolean again = true;
    private long decoded;
    private boolean endDecoded;
    private @Nullable PlainRead answered;
    private @Nullable RuntimeException failure;

    void decoded(Object message) {
      endDecoded = message instanceof LastHttpContent;
      if (message instanceof HttpRequest request) {
        decoded++;
        MultiMap headers = MultiMap.caseInsensitiveMultiMap();
        request.headers().forEach(line -> headers.add(line.getKey(), line.getValue()));
        answered = atOnce ? PlainRead.of(request, headers).orElse(null) : null;
        events.add("decoded " + headers.get("Range"));
        targets.add(request.uri());
      }
      ReferenceCountUtil.release(message);
    }

    @Override
    public long decoded() {
      return decoded;
    }

    @Override
    public boolean isEndDecoded() {
      return endDecoded;
    }

    @Override
    public @Nullable PlainRead answered() {
      return answered;
    }

    @Override
    public boolean answerAgain(PlainRead read, @Nullable String range) {
      if (failure != null) {
        throw failure;
      }
      if (again) {
        events.add("again " + range);
      }
      return again;
    }
  }
}
