package io.lighter.server.http;

import io.lighter.server.limit.Pace;
import io.lighter.storage.BlobSource;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/**
 * Writes an {@link Answer} to the socket and releases what it holds. Event loop only; the bodies
 * that need waiting continue on the executor.
 *
 * <p>Once the first byte of a body is out, the only honest error is a reset: every failure after
 * that closes the connection.
 */
final class Responder {
  private final Executor streams;
  private final BodyBudget budget;

  /**
   * Writes answers.
   *
   * @param streams runs one long-lived blocking task per streamed body
   * @param budget memory that streamed bodies share
   */
  Responder(Executor streams, BodyBudget budget) {
    this.streams = streams;
    this.budget = budget;
  }

  /**
   * Writes the answer. The future completes on the event loop when the body is out, and fails when
   * the connection is gone: with a {@link ClientGoneException} or an error of the socket if the
   * client left, with any other exception if the body was broken off here.
   *
   * @param pace how fast the body may go
   */
  Future<Void> write(Context context, HttpServerRequest request, Answer answer, Pace pace) {
    HttpServerResponse response = request.response();
    if (response.closed() || response.ended()) {
      answer.discard();
      return Future.failedFuture(new ClientGoneException());
    }
    AnswerHead.put(answer, response);
    if (answer.announcesLength()) {
      response.putHeader("Content-Length", Long.toString(answer.length()));
    }
    return switch (answer.body()) {
      case Answer.Body.None _, Answer.Body.Head _ -> response.end();
      case Answer.Body.Bytes(byte[] content) -> response.end(Buffer.buffer(content));
      case Answer.Body.Slice slice -> slice(context, request, slice, pace);
      case Answer.Body.Multipart multipart ->
          stream(context, request, multipart.source(), pace, streamer -> streamer.send(multipart));
    };
  }

  private Future<Void> slice(
      Context context, HttpServerRequest request, Answer.Body.Slice slice, Pace pace) {
    if (slice.length() == 0) {
      slice.source().close();
      return request.response().end();
    }
    return switch (slice.source()) {
      // sendFile hangs over HTTP/2 and copies by 8 KiB over TLS, so those go through the streamer.
      case BlobSource.LocalFile file
          when request.version() != HttpVersion.HTTP_2 && !request.isSSL() && pace.isFree() ->
          request
              .response()
              .sendFile(file.channel(), slice.offset(), slice.length())
              .onComplete(sent -> {
                file.close();
                // A file that was cut short behind our back is sent as far as it goes, and that
                // counts as success; what comes next must not be taken for the rest of it.
                if (sent.failed() || request.response().bytesWritten() != slice.length()) {
                  request.connection().close();
                }
              })
              .recover(failure -> Future.failedFuture(new ClientGoneException(failure)));
      case BlobSource.LocalFile file -> stream(context, request, file, pace, s -> s.send(slice));
      case BlobSource.Growing growing ->
          stream(context, request, growing, pace, s -> s.send(slice));
      case BlobSource.Memory(byte[] content) ->
          request
              .response()
              .end(
                  Buffer.buffer(content)
                      .slice((int) slice.offset(), (int) (slice.offset() + slice.length())));
    };
  }

  private Future<Void> stream(
      Context context, HttpServerRequest request, BlobSource source, Pace pace, StreamTask task) {
    Promise<Void> done = Promise.promise();
    try {
      streams.execute(() -> {
        Handler<Void> end;
        try (source) {
          task.run(new BlobStreamer(context, request.response(), budget, pace));
          end = _ -> done.complete();
        } catch (RuntimeException e) {
          end = _ -> breakOff(request, done, e);
        }
        var _ = EventLoopTurn.tryRun(context, end);
      });
    } catch (RejectedExecutionException e) { // The server stops.
      source.close();
      breakOff(request, done, e);
    }
    return done.future();
  }

  private static void breakOff(
      HttpServerRequest request, Promise<Void> done, RuntimeException cause) {
    if (!(cause instanceof ClientGoneException)) {
      request.connection().close();
    }
    done.fail(cause);
  }

  private interface StreamTask {
    void run(BlobStreamer streamer);
  }
}
