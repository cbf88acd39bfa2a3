package io.lighter.bench.load;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponse;
import java.io.ByteArrayOutputStream;
import java.util.Optional;

/** Takes a whole answer, whatever it is, for what has to be known before a measurement. */
public final class Collected extends AnswerCheck {
  /** No answer that is needed as a whole is longer. */
  private static final int LONGEST = 512 << 20;

  private final ByteArrayOutputStream content = new ByteArrayOutputStream();
  private int status;
  private HttpHeaders headers = EmptyHttpHeaders.INSTANCE;

  @Override
  protected void head(HttpResponse head) {
    status = head.status().code();
    headers = head.headers();
  }

  @Override
  protected void body(ByteBuf piece) {
    if (content.size() + piece.readableBytes() > LONGEST) {
      fail(FailureKind.LENGTH, "more than %d bytes".formatted(LONGEST));
    }
    content.writeBytes(ByteBufUtil.getBytes(piece));
  }

  @Override
  protected void end() {}

  /** Status of the answer. */
  public int status() {
    return status;
  }

  /** A header of the answer. */
  public Optional<String> header(String name) {
    return Optional.ofNullable(headers.get(name));
  }

  /** Body of the answer. */
  public byte[] content() {
    return content.toByteArray();
  }
}
