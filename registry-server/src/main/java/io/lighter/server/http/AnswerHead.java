package io.lighter.server.http;

import io.lighter.oci.ApiVersion;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.vertx.core.http.HttpServerResponse;
import java.nio.charset.StandardCharsets;

/**
 * The status line and headers of an answer (RFC 9112), the same ones whether Vert.x writes them or
 * the hot path does. What handlers say goes out as it is; they say nothing that a client can choose
 * without its being parsed before, so there are no line breaks in it.
 */
final class AnswerHead {
  /** Room for the head of any answer about content. */
  static final int ROOM = 1024;

  private static final byte[] PROTOCOL = ascii("HTTP/1.1 ");
  private static final byte[] CONTENT_LENGTH = ascii("Content-Length: ");
  private static final byte[] LINE_END = ascii("\r\n");
  private static final Answer.Header VERSION =
      Answer.Header.reused(ApiVersion.HEADER, ApiVersion.VALUE);

  private AnswerHead() {}

  /** Has Vert.x write the head, without the length. */
  static void put(Answer answer, HttpServerResponse response) {
    response.setStatusCode(answer.status());
    response.putHeader(VERSION.name(), VERSION.value());
    for (Answer.Header header : answer.headers()) {
      response.headers().add(header.name(), header.value());
    }
  }

  /** Writes the head, with the empty line behind it. */
  static void write(Answer answer, ByteBuf to) {
    var status = HttpResponseStatus.valueOf(answer.status());
    to.writeBytes(PROTOCOL);
    ByteBufUtil.copy(status.codeAsText(), to);
    to.writeByte(' ');
    ByteBufUtil.writeAscii(to, status.reasonPhrase());
    to.writeBytes(LINE_END);
    VERSION.writeTo(to);
    for (Answer.Header header : answer.headers()) {
      header.writeTo(to);
    }
    if (answer.announcesLength()) {
      to.writeBytes(CONTENT_LENGTH);
      ByteBufUtil.writeAscii(to, Long.toString(answer.length()));
      to.writeBytes(LINE_END);
    }
    to.writeBytes(LINE_END);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
