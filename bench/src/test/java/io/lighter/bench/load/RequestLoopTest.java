package io.lighter.bench.load;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.lighter.bench.load.RawServer.Reply;
import io.lighter.bench.load.RawServer.Request;
import io.lighter.bench.work.Blob;
import io.lighter.bench.work.BlobCalls;
import io.lighter.bench.work.ByteSize;
import io.lighter.bench.work.Portion;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** Every way in which a server can be wrong is noticed, and a right one is not accused. */
class RequestLoopTest {
  private static final int SIZE = 40_000;
  private static final Portion ONE = new Portion.Ranges(new ByteSize(1000), 1);

  /** Longer than a busy machine makes anything wait that answers at all. */
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private static final Portion FOUR = new Portion.Ranges(new ByteSize(1000), 4);

  private final BlobAnswers answers;
  private final ReferenceBytes reference;

  RequestLoopTest() throws IOException {
    var content = new byte[SIZE];
    new Random(7).nextBytes(content);
    answers = new BlobAnswers(content);
    Path file = Files.createTempFile("bench", "blob");
    Files.write(file, content);
    reference = ReferenceBytes.of(file);
    Files.delete(file); // What is mapped stays.
  }

  private Tally ask(Portion portion, int count, Function<Request, Reply> behaviour)
      throws IOException {
    return ask(portion, count, behaviour, PATIENCE);
  }

  private Tally ask(
      Portion portion, int count, Function<Request, Reply> behaviour, Duration timeout)
      throws IOException {
    try (var server = new RawServer(behaviour)) {
      return ask(server.url("/blob"), portion, count, true, timeout);
    }
  }

  private Tally ask(URI url, Portion portion, int count, boolean reuse, Duration timeout) {
    Target plain = Target.of(url, List.of());
    Target target = reuse ? plain : plain.withNewConnections();
    var blob = new Blob(target, "/blob", SIZE, Optional.of(reference));
    try (var generator = new LoadGenerator(timeout, false);
        var loop = new RequestLoop(generator, target, Math.min(count, 3), () -> false)) {
      return loop.run(new BlobCalls(blob, portion, 1, 1), new Limit(Duration.ofSeconds(20), count));
    }
  }

  private static void assertOnly(Tally tally, FailureKind kind, String detail) {
    assertThat(tally.failures()).containsOnlyKeys(kind);
    assertThat(tally.examples().getFirst().detail()).contains(detail);
  }

  @Test
  void run_rightServer_countsRequestsRangesAndBytes() throws IOException {
    Tally single = ask(ONE, 50, answers::right);
    assertThat(single.failures()).isEmpty();
    assertThat(single.requests()).isEqualTo(50);
    assertThat(single.bytes()).isEqualTo(50_000);
    assertThat(single.nanos().getTotalCount()).isEqualTo(50);
    Tally several = ask(FOUR, 50, answers::right);
    assertThat(several.failures()).isEmpty();
    assertThat(several.ranges()).isEqualTo(200);
    Tally whole = ask(new Portion.Whole(), 5, answers::right);
    assertThat(whole.failures()).isEmpty();
    assertThat(whole.bytes()).isEqualTo(5L * SIZE);
  }

  @Test
  void run_atARate_sendsAsManyInThatTime() throws IOException {
    Tally tally = ask(answers::right, new Limit(Duration.ofSeconds(20), 50, 100));
    assertThat(tally.failures()).isEmpty();
    assertThat(tally.requests()).isEqualTo(50);
    assertThat(tally.seconds()).isBetween(0.49, 5.0);
  }

  @Test
  void run_atARate_endsInTime() throws IOException {
    Tally tally = ask(answers::right, new Limit(Duration.ofMillis(500), Long.MAX_VALUE, 100));
    assertThat(tally.requests()).isBetween(1L, 50L);
  }

  /** Three connections, and each request takes 50 ms: the last of 30 is sent 0.45 s too late. */
  @Test
  void run_aboveWhatIsAnswered_timesCountFromWhenRequestsWereDue() throws IOException {
    Function<Request, Reply> slow =
        request -> {
          pause(Duration.ofMillis(50));
          return answers.right(request);
        };
    Tally paced = ask(slow, new Limit(Duration.ofSeconds(20), 30, 10_000));
    assertThat(paced.failures()).isEmpty();
    assertThat(paced.nanos().getMaxValue()).isGreaterThan(400_000_000L);
    assertThat(paced.firstByteNanos().getMaxValue()).isGreaterThan(400_000_000L);
  }

  private Tally ask(Function<Request, Reply> behaviour, Limit limit) throws IOException {
    try (var server = new RawServer(behaviour)) {
      Target target = Target.of(server.url("/blob"), List.of());
      var blob = new Blob(target, "/blob", SIZE, Optional.of(reference));
      try (var generator = new LoadGenerator(PATIENCE, false);
          var loop = new RequestLoop(generator, target, 3, () -> false)) {
        return loop.run(new BlobCalls(blob, ONE, 1, 1), limit);
      }
    }
  }

  private static void pause(Duration time) {
    try {
      Thread.sleep(time);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void run_answerByteByByte_isRight() throws IOException {
    Tally tally =
        ask(
            new Portion.Ranges(new ByteSize(20), 3),
            3,
            request -> {
              var pieces = new ArrayList<byte[]>();
              for (byte one : answers.right(request).pieces().getFirst()) {
                pieces.add(new byte[] {one});
              }
              return new Reply(pieces, true);
            });
    assertThat(tally.failures()).isEmpty();
    assertThat(tally.ranges()).isEqualTo(9);
  }

  @Test
  void run_wrongByte_namesItsOffset() throws IOException {
    long[] offset = new long[1];
    Tally tally =
        ask(
            ONE,
            1,
            request -> {
              ByteRange range = answers.ranges(request).getFirst();
              byte[] part = answers.part(range);
              part[700] ^= 1;
              offset[0] = range.first() + 700;
              return Reply.of(
                  BlobAnswers.answer("206 Partial Content", answers.contentRange(range), part));
            });
    assertOnly(tally, FailureKind.BYTES, "at offset %d of the blob".formatted(offset[0]));
    assertThat(tally.ranges()).isZero();
    assertThat(tally.nanos().getTotalCount()).isZero();
  }

  @Test
  void run_wrongByteOfAnotherPart_namesItsOffset() throws IOException {
    long[] offset = new long[1];
    Tally tally =
        ask(
            FOUR,
            1,
            request -> {
              List<ByteRange> ranges = answers.ranges(request);
              byte[] blob = answers.blob().clone();
              offset[0] = ranges.get(2).first() + 5;
              blob[(int) offset[0]] ^= 1;
              return new BlobAnswers(blob).right(request);
            });
    assertOnly(
        tally, FailureKind.BYTES, "at offset %d of the blob, in part 3".formatted(offset[0]));
  }

  @Test
  void run_connectionClosedWithinBody_isWrongLength() throws IOException {
    Tally tally =
        ask(
            ONE,
            1,
            request -> {
              byte[] answer = answers.right(request).pieces().getFirst();
              return Reply.thenClose(Arrays.copyOf(answer, answer.length - 10));
            });
    assertOnly(tally, FailureKind.LENGTH, "closed by the server after 990 bytes");
  }

  @Test
  void run_shorterBody_isWrongLength() throws IOException {
    Tally tally =
        ask(
            ONE,
            1,
            request -> {
              ByteRange range = answers.ranges(request).getFirst();
              byte[] part = Arrays.copyOf(answers.part(range), 999);
              return Reply.of(
                  BlobAnswers.answer("206 Partial Content", answers.contentRange(range), part));
            });
    assertOnly(tally, FailureKind.LENGTH, "Content-Length 999 instead of 1000");
  }

  @Test
  void run_otherRange_isWrongContentRange() throws IOException {
    Tally tally =
        ask(
            ONE,
            1,
            request -> {
              ByteRange range = answers.ranges(request).getFirst();
              var other = new ByteRange(range.first() + 1, range.length());
              return Reply.of(
                  BlobAnswers.answer(
                      "206 Partial Content", answers.contentRange(other), answers.part(other)));
            });
    assertOnly(tally, FailureKind.CONTENT_RANGE, " instead of ");
  }

  @Test
  void run_unavailable_isWrongStatusAndKeepsTheConnection() throws IOException {
    try (var server =
        new RawServer(_ ->
            Reply.of(
                BlobAnswers.answer(
                    "503 Service Unavailable", "Retry-After: 1", new byte[] {'n', 'o'})))) {
      Tally tally = ask(server.url("/blob"), ONE, 6, true, PATIENCE);
      assertOnly(tally, FailureKind.STATUS, "503 instead of 206");
      assertThat(tally.failures().get(FailureKind.STATUS)).isEqualTo(6);
      assertThat(server.connections()).isLessThanOrEqualTo(3);
    }
  }

  @Test
  void run_wholeBlobForRange_isWrongStatus() throws IOException {
    Tally tally = ask(ONE, 1, _ -> Reply.of(BlobAnswers.answer("200 OK", "X: y", answers.blob())));
    assertOnly(tally, FailureKind.STATUS, "200 instead of 206");
  }

  @Test
  void run_noAnswer_isClosed() throws IOException {
    assertOnly(
        ask(ONE, 2, _ -> Reply.thenClose(new byte[0])), FailureKind.CLOSED, "closed by the server");
  }

  @Test
  void run_silence_isTimeout() throws IOException {
    Tally tally = ask(ONE, 1, _ -> Reply.of(new byte[0]), Duration.ofMillis(400));
    assertOnly(tally, FailureKind.TIMEOUT, "no answer");
  }

  @Test
  void run_otherProtocol_isNotHttp() throws IOException {
    Tally tally = ask(ONE, 1, _ -> Reply.of("SSH-2.0-x\r\n\r\n".getBytes(US_ASCII)));
    assertThat(tally.failures()).containsOnlyKeys(FailureKind.PROTOCOL);
  }

  @Test
  void run_nobodyListens_isNoConnection() throws IOException {
    int port;
    try (var socket = new ServerSocket(0)) {
      port = socket.getLocalPort();
    }
    Tally tally = ask(URI.create("http://127.0.0.1:" + port + "/blob"), ONE, 2, true, PATIENCE);
    assertOnly(tally, FailureKind.NO_CONNECTION, "refused");
  }

  @Test
  void run_partsInOtherOrder_isWrongPartOrder() throws IOException {
    Tally tally =
        ask(
            FOUR,
            1,
            request ->
                Reply.of(
                    answers.multipart(answers.multipartBody(answers.ranges(request).reversed()))));
    assertOnly(tally, FailureKind.PART_ORDER, "part 1 is");
  }

  @Test
  void run_fewerParts_isMalformed() throws IOException {
    Tally tally =
        ask(
            FOUR,
            1,
            request ->
                Reply.of(
                    answers.multipart(
                        answers.multipartBody(answers.ranges(request).subList(0, 3)))));
    assertOnly(tally, FailureKind.PARTS, "3 parts instead of 4");
  }

  @Test
  void run_noClosingBoundary_isMalformed() throws IOException {
    Tally tally =
        ask(
            FOUR,
            1,
            request -> {
              byte[] body = answers.multipartBody(answers.ranges(request));
              int end = "--frontier--\r\n".length();
              return Reply.of(answers.multipart(Arrays.copyOf(body, body.length - end)));
            });
    assertOnly(tally, FailureKind.PARTS, "no closing boundary");
  }

  @Test
  void run_bodyEndsWithinPart_isWrongLength() throws IOException {
    Tally tally =
        ask(
            FOUR,
            1,
            request -> {
              byte[] body = answers.multipartBody(answers.ranges(request));
              return Reply.of(answers.multipart(Arrays.copyOf(body, body.length - 500)));
            });
    assertOnly(tally, FailureKind.LENGTH, "within part 4");
  }

  @Test
  void run_singlePartForSeveral_isMalformed() throws IOException {
    Tally tally =
        ask(
            FOUR,
            1,
            request -> {
              ByteRange range = answers.ranges(request).getFirst();
              return Reply.of(
                  BlobAnswers.answer(
                      "206 Partial Content", answers.contentRange(range), answers.part(range)));
            });
    assertOnly(tally, FailureKind.PARTS, "multipart/byteranges");
  }

  @Test
  void run_bytesBehindAnAnswer_areChargedToTheNext() throws IOException {
    Tally tally =
        ask(
            ONE,
            4,
            request -> {
              byte[] right = answers.right(request).pieces().getFirst();
              return Reply.of(Arrays.copyOf(right, right.length + 30));
            });
    assertThat(tally.failures()).containsKey(FailureKind.PROTOCOL);
  }

  @Test
  void run_newConnections_makesOneForEachRequest() throws IOException {
    try (var server = new RawServer(answers::right)) {
      assertThat(ask(server.url("/blob"), ONE, 20, false, PATIENCE).failures()).isEmpty();
      assertThat(server.connections()).isEqualTo(20);
      assertThat(server.requests()).allMatch(one -> one.header("connection").equals("close"));
    }
  }

  @Test
  void run_serverThatClosesOrderly_isNoError() throws IOException {
    Tally tally =
        ask(
            ONE,
            20,
            request -> {
              ByteRange range = answers.ranges(request).getFirst();
              return Reply.thenClose(
                  BlobAnswers.answer(
                      "206 Partial Content",
                      answers.contentRange(range) + "\r\nConnection: close",
                      answers.part(range)));
            });
    assertThat(tally.failures()).isEmpty();
  }
}
