package io.lighter.bench.lazy;

import io.lighter.bench.load.AnswerCheck;
import io.lighter.bench.load.FailureKind;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponse;

/** The answer to HEAD of a blob: 200 with its length, without which no client mounts it. */
public final class SizeCheck extends AnswerCheck {
  private final long size;

  /** Expects this length. */
  public SizeCheck(long size) {
    this.size = size;
  }

  @Override
  protected void head(HttpResponse head) {
    requireStatus(head, 200);
    String length = head.headers().get(HttpHeaderNames.CONTENT_LENGTH);
    if (!Long.toString(size).equals(length)) {
      fail(FailureKind.LENGTH, "Content-Length %s instead of %d".formatted(length, size));
    }
  }

  @Override
  protected void body(ByteBuf piece) {}

  @Override
  protected void end() {}
}
