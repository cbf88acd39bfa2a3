package io.lighter.server.http;

import io.lighter.oci.ApiVersion;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.vertx.core.http.HttpServerResponse;

/**
 * The status line and headers of an answer (RFC 9112), the same ones whether Vert.x writes them or
 * the hot path does. What handlers say goes out as it is; they say nothing that a client can choose
 * without its being parsed before, so there are no line breaks in it.
 */
final class AnswerHead {
  /** Room for the head of any answer about content. */
  static final int ROOM = 1024;

  private AnswerHead() {}

  /** Has Vert.x write the head, without the length. */
  static void put(Answer answer, HttpServerResponse response) {
    response.setStatusCode(answer.status());
    response.putHeader(ApiVersion.HEADER, ApiVersion.VALUE);
    for (Answer.Header header : answer.headers()) {
      response.headers().add(header.name(), header.value());
    }
  }

  /** Writes the head, with the empty line behind it. */
  static void write(Answer answer, ByteBuf to) {
    ascii("HTTP/1.1 ", to);
    var status = HttpResponseStatus.valueOf(answer.status());
    ByteBufUtil.copy(status.codeAsText(), to);
    to.writeByte(' ');
    ascii(status.reasonPhrase(), to);
    line(to);
    header(ApiVersion.HEADER, ApiVersion.VALUE, to);
    for (Answer.Header header : answer.headers()) {
      header(header.name(), header.value(), to);
    }
    if (answer.announcesLength()) {
      header("Content-Length", Long.toString(answer.length()), to);
    }
    line(to);
  }

  private static void header(String name, String value, ByteBuf to) {
    ascii(name, to);
    to.writeByte(':').writeByte(' ');
    ascii(value, to);
    line(to);
  }

  private static void ascii(String text, ByteBuf to) {
    ByteBufUtil.writeAscii(to, text);
  }

  private static void line(ByteBuf to) {
    to.writeByte('\r').writeByte('\n');
  }
}
