package io.lighter.server;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Takes spans as a collector does: {@code ExportTraceServiceRequest} by HTTP. It reads of the
 * protocol's messages what tests look at.
 */
final class OtlpReceiver implements AutoCloseable {
  private final HttpServer server;
  private final List<Received> spans = new CopyOnWriteArrayList<>();
  private volatile int status = 200;

  /**
   * A span.
   *
   * @param parentId empty for a root
   * @param kind 1 internal, 2 server, 3 client
   * @param failed whether its status is an error
   */
  record Received(
      String traceId,
      String spanId,
      String parentId,
      String name,
      int kind,
      boolean failed,
      Map<String, String> attributes,
      Map<String, String> resource) {}

  private OtlpReceiver(HttpServer server) {
    this.server = server;
  }

  static OtlpReceiver start() {
    try {
      var server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      var receiver = new OtlpReceiver(server);
      server.createContext("/v1/traces", receiver::receive);
      server.start();
      return receiver;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  String address() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  /** What it answers from now on; with anything but 200 it keeps nothing. */
  void answer(int other) {
    status = other;
  }

  List<Received> spans() {
    return List.copyOf(spans);
  }

  private void receive(HttpExchange exchange) throws IOException {
    try (exchange) {
      byte[] request = exchange.getRequestBody().readAllBytes();
      if (status == 200) {
        spans.addAll(read(request));
      }
      exchange.sendResponseHeaders(status, -1);
    }
  }

  private static List<Received> read(byte[] request) {
    var all = new ArrayList<Received>();
    for (Field resourceSpans : messages(request, 1)) {
      Map<String, String> resource = new HashMap<>();
      messages(resourceSpans.bytes(), 1)
          .forEach(found -> resource.putAll(attributes(found.bytes(), 1)));
      for (Field scopeSpans : messages(resourceSpans.bytes(), 2)) {
        messages(scopeSpans.bytes(), 2).forEach(span -> all.add(span(span.bytes(), resource)));
      }
    }
    return all;
  }

  private static Received span(byte[] message, Map<String, String> resource) {
    return new Received(
        hex(message, 1),
        hex(message, 2),
        hex(message, 4),
        text(message, 5),
        (int) number(message, 6),
        messages(message, 15).stream().anyMatch(status -> number(status.bytes(), 3) == 2),
        attributes(message, 9),
        resource);
  }

  private static Map<String, String> attributes(byte[] message, int field) {
    var attributes = new HashMap<String, String>();
    for (Field pair : messages(message, field)) {
      for (Field value : messages(pair.bytes(), 2)) {
        String text = text(value.bytes(), 1);
        attributes.put(
            text(pair.bytes(), 1), text.isEmpty() ? Long.toString(number(value.bytes(), 3)) : text);
      }
    }
    return attributes;
  }

  private static String hex(byte[] message, int field) {
    return messages(message, field).stream()
        .map(found -> HexFormat.of().formatHex(found.bytes()))
        .findFirst()
        .orElse("");
  }

  private static String text(byte[] message, int field) {
    return messages(message, field).stream()
        .map(found -> new String(found.bytes(), UTF_8))
        .findFirst()
        .orElse("");
  }

  private static long number(byte[] message, int field) {
    return messages(message, field).stream().mapToLong(Field::number).findFirst().orElse(0);
  }

  @SuppressWarnings("ArrayRecordComponent") // Never compared.
  private record Field(int id, long number, byte[] bytes) {}

  /** Fields of this id, by the encoding of Protocol Buffers. */
  private static List<Field> messages(byte[] message, int id) {
    var found = new ArrayList<Field>();
    var in = ByteBuffer.wrap(message).order(ByteOrder.LITTLE_ENDIAN);
    while (in.hasRemaining()) {
      int tag = (int) varint(in);
      Field field =
          switch (tag & 7) {
            case 0 -> new Field(tag >> 3, varint(in), new byte[0]);
            case 1 -> new Field(tag >> 3, in.getLong(), new byte[0]);
            case 2 -> {
              byte[] bytes = new byte[(int) varint(in)];
              in.get(bytes);
              yield new Field(tag >> 3, 0, bytes);
            }
            case 5 -> new Field(tag >> 3, in.getInt(), new byte[0]);
            default -> throw new IllegalStateException("no such encoding: " + tag);
          };
      if (field.id() == id) {
        found.add(field);
      }
    }
    return found;
  }

  private static long varint(ByteBuffer in) {
    long value = 0;
    for (int shift = 0; ; shift += 7) {
      byte next = in.get();
      value |= (long) (next & 0x7f) << shift;
      if (next >= 0) {
        return value;
      }
    }
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
