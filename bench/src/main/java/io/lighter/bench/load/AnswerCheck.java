package io.lighter.bench.load;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpResponse;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Judges one answer as it arrives: head, pieces of the body, end. Of several failures the first
 * counts. An answer of the wrong status is still read to its end, so that the connection can be
 * used again. One instance judges one answer, in the load generator's thread.
 */
public abstract class AnswerCheck {
  private @Nullable Failure failure;

  /** Takes the status line and the headers. */
  protected abstract void head(HttpResponse head);

  /** Takes the next bytes of the body, which belong to the caller. Not called after a failure. */
  protected abstract void body(ByteBuf piece);

  /** Takes notice that the answer is complete. Not called after a failure. */
  protected abstract void end();

  /** Makes the exchange an error. */
  protected final void fail(FailureKind kind, String detail) {
    if (failure == null) {
      failure = new Failure(kind, detail);
    }
  }

  /** Fails unless the answer has this status. */
  protected final void requireStatus(HttpResponse head, int expected) {
    if (head.status().code() != expected) {
      fail(FailureKind.STATUS, "%d instead of %d".formatted(head.status().code(), expected));
    }
  }

  /** What is wrong with the answer, so far as it was seen. */
  final Optional<Failure> failure() {
    return Optional.ofNullable(failure);
  }
}
