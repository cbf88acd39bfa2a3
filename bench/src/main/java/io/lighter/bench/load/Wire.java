package io.lighter.bench.load;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.DefaultFileRegion;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.stream.ChunkedNioFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One connection to a server, made again when it is needed and not there, with at most one exchange
 * under way. Belongs to the load generator's thread.
 */
public final class Wire {
  /** Hears of the end of an exchange; may begin the next. */
  @FunctionalInterface
  public interface Completion {
    void ended(Call call, Outcome outcome);
  }

  private static final int UPLOAD_PIECE = 256 << 10;

  private final Bootstrap bootstrap;
  private final Target target;
  private @Nullable Channel channel;
  private @Nullable AnswerReader reader;
  private @Nullable Exchange current;
  private @Nullable Failure stray;

  private static final class Exchange {
    final Call call;
    final Completion completion;
    final long start = System.nanoTime();
    long firstByte;
    long bytes;
    boolean keepAlive = true;
    boolean sending;

    Exchange(Call call, Completion completion) {
      this.call = call;
      this.completion = completion;
    }
  }

  Wire(Bootstrap bootstrap, Target target) {
    this.bootstrap = bootstrap;
    this.target = target;
  }

  /** Begins an exchange; the one before has ended. */
  public void send(Call call, Completion completion) {
    if (current != null) {
      throw new IllegalStateException("an exchange is under way");
    }
    var exchange = new Exchange(call, completion);
    current = exchange;
    if (stray != null) {
      Failure before = stray;
      stray = null;
      end(Optional.of(before));
      return;
    }
    Channel open = channel;
    if (open != null && open.isActive()) {
      write(open, exchange);
    } else {
      connect(exchange);
    }
  }

  /** Closes the connection; an exchange under way ends as {@link FailureKind#CLOSED}. */
  public void close() {
    Channel open = channel;
    channel = null;
    if (open != null) {
      var _ = open.close();
    }
    if (current != null) {
      end(Optional.of(new Failure(FailureKind.CLOSED, "closed by the client")));
    }
  }

  private void connect(Exchange exchange) {
    var fresh = new AnswerReader(this);
    ChannelFuture connecting =
        bootstrap.clone().handler(fresh).connect(target.host(), target.port());
    var _ =
        connecting.addListener((ChannelFuture done) -> {
          boolean wanted = current == exchange;
          if (!wanted) {
            var _ = done.channel().close();
          } else if (done.isSuccess()) {
            channel = done.channel();
            reader = fresh;
            write(done.channel(), exchange);
          } else {
            end(Optional.of(new Failure(FailureKind.NO_CONNECTION, String.valueOf(done.cause()))));
          }
        });
  }

  private void write(Channel open, Exchange exchange) {
    Call call = exchange.call;
    if (reader != null) {
      reader.expectNoBody(call.method().equals("HEAD"));
    }
    ByteBuf head = open.alloc().directBuffer(512);
    ascii(head, call.method(), " ", call.path(), " HTTP/1.1\r\n", target.headers(), call.headers());
    if (call.upload().isPresent()) {
      upload(open, head, call.upload().get(), exchange);
    } else {
      ascii(head, "\r\n");
      var _ = open.writeAndFlush(head, open.voidPromise());
    }
  }

  private void upload(Channel open, ByteBuf head, Path file, Exchange exchange) {
    exchange.sending = true;
    FileChannel content;
    long length;
    try {
      content = FileChannel.open(file, StandardOpenOption.READ);
      length = content.size();
    } catch (IOException e) {
      head.release();
      end(Optional.of(new Failure(FailureKind.CLOSED, "%s: %s".formatted(file, e.getMessage()))));
      return;
    }
    ascii(head, "Content-Length: ", Long.toString(length), "\r\n\r\n");
    var _ = open.write(head, open.voidPromise());
    var _ =
        open.writeAndFlush(body(content, length))
            .addListener(done -> {
              content.close();
              exchange.sending = false;
              if (done.isSuccess()) {
                exchange.bytes += length; // What is sent counts as much as what is received.
              } else {
                lost(open, "while the body was sent: " + done.cause());
              }
            });
  }

  private Object body(FileChannel content, long length) {
    try {
      return target.tls()
          ? new ChunkedNioFile(content, 0, length, UPLOAD_PIECE)
          : new DefaultFileRegion(content, 0, length);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // A length of a file that is open.
    }
  }

  private static void ascii(ByteBuf target, String... texts) {
    for (String text : texts) {
      ByteBufUtil.writeAscii(target, text);
    }
  }

  // --- what the channel says ---------------------------------------------------------------------

  /** The head of an answer. Interim answers are none. */
  void head(Channel from, HttpResponse head) {
    if (!from.equals(channel) || head.status().code() / 100 == 1) {
      return;
    }
    if (head.decoderResult().isFailure()) {
      broken(from, String.valueOf(head.decoderResult().cause()));
      return;
    }
    Exchange exchange = current;
    if (exchange == null) {
      stray = new Failure(FailureKind.PROTOCOL, "an answer that nobody asked for");
      return;
    }
    exchange.firstByte = System.nanoTime();
    exchange.keepAlive = HttpUtil.isKeepAlive(head);
    exchange.call.check().head(head);
  }

  /** A piece of the body. */
  void content(Channel from, HttpContent content) {
    Exchange exchange = current;
    if (!from.equals(channel) || exchange == null || exchange.firstByte == 0) {
      return;
    }
    if (content.decoderResult().isFailure()) {
      broken(from, String.valueOf(content.decoderResult().cause()));
      return;
    }
    AnswerCheck check = exchange.call.check();
    int length = content.content().readableBytes();
    exchange.bytes += length;
    if (length > 0 && check.failure().isEmpty()) {
      check.body(content.content());
    }
    if (content instanceof LastHttpContent) {
      if (check.failure().isEmpty()) {
        check.end();
      }
      // An answer before the end of the request leaves the connection in the middle of it.
      if (!target.reuse() || !exchange.keepAlive || exchange.sending) {
        channel = null;
        var _ = from.close();
      }
      end(check.failure());
    }
  }

  /** The connection is gone. */
  void lost(Channel from, String why) {
    if (!from.equals(channel)) {
      return;
    }
    channel = null;
    var _ = from.close();
    Exchange exchange = current;
    if (exchange == null) {
      return; // Nothing was under way; servers may close idle connections.
    }
    Failure failure =
        exchange.firstByte == 0
            ? new Failure(FailureKind.CLOSED, why)
            : new Failure(
                FailureKind.LENGTH, "%s after %d bytes of the body".formatted(why, exchange.bytes));
    end(exchange.call.check().failure().or(() -> Optional.of(failure)));
  }

  /** Ends the exchange under way if it was begun before that time. */
  void expire(long begunBefore) {
    Exchange exchange = current;
    if (exchange == null || exchange.start - begunBefore >= 0) {
      return;
    }
    Channel open = channel;
    channel = null;
    if (open != null) {
      var _ = open.close();
    }
    String state =
        exchange.firstByte == 0 ? "no answer" : "%d bytes of the body".formatted(exchange.bytes);
    end(Optional.of(new Failure(FailureKind.TIMEOUT, state)));
  }

  private void broken(Channel from, String why) {
    if (from.equals(channel)) {
      channel = null;
    }
    var _ = from.close();
    Failure failure = new Failure(FailureKind.PROTOCOL, why);
    if (current == null) {
      stray = failure;
    } else {
      end(Optional.of(failure));
    }
  }

  private void end(Optional<Failure> failure) {
    Exchange exchange = current;
    if (exchange == null) {
      return;
    }
    current = null;
    long now = System.nanoTime();
    exchange.completion.ended(
        exchange.call,
        new Outcome(
            exchange.start,
            exchange.firstByte == 0 ? now : exchange.firstByte,
            now,
            exchange.bytes,
            failure));
  }
}
