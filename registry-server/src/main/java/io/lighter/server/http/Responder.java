package io.lighter.server.http;

import io.lighter.storage.BlobSource;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes an {@link Answer} to the socket and releases what it holds. Event loop only; the bodies
 * that need waiting continue on the executor.
 *
 * <p>Once the first byte of a body is out, the only honest error is a reset: every failure after
 * that closes the connection.
 */
final class Responder {
  private static final Logger LOG = LoggerFactory.getLogger(Responder.class);

  private final Executor streams;

  /**
   * Writes answers.
   *
   * @param streams runs one long-lived blocking task per streamed body
   */
  Responder(Executor streams) {
    this.streams = streams;
  }

  /** Writes the answer. The future completes when the body is out or the connection is gone. */
  Future<Void> write(Context context, HttpServerRequest request, Answer answer) {
    HttpServerResponse response = request.response();
    if (response.closed() || response.ended()) {
      answer.discard();
      return Future.failedFuture("the client closed the connection");
    }
    response.setStatusCode(answer.status());
    response.putHeader("Docker-Distribution-Api-Version", "registry/2.0");
    for (Answer.Header header : answer.headers()) {
      response.headers().add(header.name(), header.value());
    }
    return switch (answer.body()) {
      case Answer.Body.None _ -> {
        if (answer.status() != 204 && answer.status() != 304) {
          contentLength(response, 0);
        }
        yield response.end();
      }
      case Answer.Body.Head(long length) -> {
        contentLength(response, length);
        yield response.end();
      }
      case Answer.Body.Bytes(byte[] content) -> response.end(Buffer.buffer(content));
      case Answer.Body.Slice slice -> {
        contentLength(response, slice.length());
        yield slice(context, request, slice);
      }
      case Answer.Body.Multipart multipart -> {
        contentLength(response, multipart.ranges().length());
        yield stream(context, request, multipart.source(), streamer -> streamer.send(multipart));
      }
    };
  }

  private Future<Void> slice(Context context, HttpServerRequest request, Answer.Body.Slice slice) {
    if (slice.length() == 0) {
      slice.source().close();
      return request.response().end();
    }
    return switch (slice.source()) {
      // sendFile hangs over HTTP/2 and copies by 8 KiB over TLS, so those go through the streamer.
      case BlobSource.LocalFile file
          when request.version() != HttpVersion.HTTP_2 && !request.isSSL() ->
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
              });
      case BlobSource.LocalFile file -> stream(context, request, file, s -> s.send(slice));
      case BlobSource.Growing growing -> stream(context, request, growing, s -> s.send(slice));
      case BlobSource.Memory(byte[] content) ->
          request
              .response()
              .end(
                  Buffer.buffer(content)
                      .slice((int) slice.offset(), (int) (slice.offset() + slice.length())));
    };
  }

  private Future<Void> stream(
      Context context, HttpServerRequest request, BlobSource source, StreamTask task) {
    Promise<Void> done = Promise.promise();
    streams.execute(() -> {
      try (source) {
        task.run(new BlobStreamer(context, request.response()));
        done.complete();
      } catch (ClientGoneException e) {
        done.fail(e);
      } catch (RuntimeException e) {
        LOG.warn("body broken off after its first byte: {}", e.toString());
        context.runOnContext(_ -> request.connection().close());
        done.fail(e);
      }
    });
    return done.future();
  }

  private static void contentLength(HttpServerResponse response, long length) {
    response.putHeader("Content-Length", Long.toString(length));
  }

  private interface StreamTask {
    void run(BlobStreamer streamer);
  }
}
