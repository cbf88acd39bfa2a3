package io.lighter.conformance;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * One HTTP/1.1 connection, for what a client library hides: what is left on a connection after an
 * answer, paths that libraries normalise, and requests that stop half-way.
 */
final class Wire implements Closeable {
  private final Socket socket;
  private final String host;
  private final InputStream in;

  private Wire(Socket socket, String host) throws IOException {
    this.socket = socket;
    this.host = host;
    this.in = new BufferedInputStream(socket.getInputStream());
  }

  static Wire connect(URI base, Duration patience) {
    return connect(base, patience, new Socket());
  }

  /** A connection whose kernel holds little in either direction: what is sent has been taken. */
  static Wire narrow(URI base, Duration patience) {
    var socket = new Socket();
    try {
      socket.setReceiveBufferSize(16 << 10);
      socket.setSendBufferSize(16 << 10);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return connect(base, patience, socket);
  }

  private static Wire connect(URI base, Duration patience, Socket socket) {
    try {
      socket.setSoTimeout((int) patience.toMillis());
      int port = base.getPort() < 0 ? 80 : base.getPort();
      socket.connect(new InetSocketAddress(base.getHost(), port), (int) patience.toMillis());
      return new Wire(socket, base.getHost() + ':' + port);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** An answer, whole. Names of headers in lower case. */
  static final class Answer {
    private final int status;
    private final Map<String, String> headers;
    private final byte[] body;

    private Answer(int status, Map<String, String> headers, byte[] body) {
      this.status = status;
      this.headers = headers;
      this.body = body;
    }

    int status() {
      return status;
    }

    String header(String name) {
      return headers.getOrDefault(name.toLowerCase(Locale.ROOT), "");
    }

    byte[] body() {
      return body.clone();
    }

    String text() {
      return new String(body, StandardCharsets.UTF_8);
    }
  }

  /**
   * Sends a request line with headers, each one {@code Name: value}, and no body. Without a header
   * that says otherwise it accepts what clients accept.
   */
  Wire send(String method, String target, String... headers) {
    var head = new StringBuilder(method + ' ' + target + " HTTP/1.1\r\nHost: " + host + "\r\n");
    if (Arrays.stream(headers).noneMatch(header -> header.startsWith("Accept:"))) {
      head.append("Accept: ").append(Manifests.ACCEPT).append("\r\n");
    }
    for (String header : headers) {
      head.append(header).append("\r\n");
    }
    return write(head.append("\r\n").toString());
  }

  /** The host and port of the server, as {@code Host} names them. */
  String host() {
    return host;
  }

  Wire write(String text) {
    return write(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  /** Sends a request with a body of known length. */
  Wire sendBody(String method, String target, byte[] body, String... headers) {
    var all = new String[headers.length + 1];
    System.arraycopy(headers, 0, all, 0, headers.length);
    all[headers.length] = "Content-Length: " + body.length;
    return send(method, target, all).write(body);
  }

  Wire write(byte[] bytes) {
    try {
      socket.getOutputStream().write(bytes);
      socket.getOutputStream().flush();
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Reads the answer to a HEAD: it ends with its headers. */
  Answer readHead() {
    return read(true);
  }

  Answer read() {
    return read(false);
  }

  /** Reads the rest of an answer whose first byte was read raw. */
  Answer readAfterFirstByte() {
    return read(false, "H");
  }

  private Answer read(boolean head) {
    return read(head, "");
  }

  private Answer read(boolean head, String begun) {
    try {
      String line = begun + line();
      if (!line.startsWith("HTTP/1.")) {
        throw new IOException("not a status line: " + line);
      }
      int status = Integer.parseInt(line.substring(9, 12));
      Map<String, String> headers = headers();
      boolean bodiless = head || status < 200 || status == 204 || status == 304;
      return new Answer(status, headers, bodiless ? new byte[0] : body(headers));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Whether the server has closed the connection; waits until it sends something or does. */
  boolean isEnded() {
    try {
      in.mark(1);
      boolean ended = in.read() < 0;
      in.reset();
      return ended;
    } catch (SocketException _) {
      return true;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Reads the head of a successful answer and only {@code count} bytes of its body. */
  byte[] readPartOfBody(int count) {
    try {
      String line = line();
      if (!line.startsWith("HTTP/1.1 20")) {
        throw new IOException("no success: " + line);
      }
      headers();
      return exactly(count);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Reads raw bytes, at most {@code count}; fewer only at the end of the connection. */
  byte[] readRaw(int count) {
    try {
      return in.readNBytes(count);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Map<String, String> headers() throws IOException {
    var headers = new TreeMap<String, String>();
    for (String line = line(); !line.isEmpty(); line = line()) {
      int colon = line.indexOf(':');
      headers.put(
          line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).strip());
    }
    return headers;
  }

  private byte[] body(Map<String, String> headers) throws IOException {
    if (headers.getOrDefault("transfer-encoding", "").equals("chunked")) {
      return chunks();
    }
    return exactly(Integer.parseInt(headers.getOrDefault("content-length", "0")));
  }

  private byte[] chunks() throws IOException {
    var body = new ByteArrayOutputStream();
    for (int size = Integer.parseInt(line(), 16); size > 0; size = Integer.parseInt(line(), 16)) {
      body.write(exactly(size));
      line();
    }
    line();
    return body.toByteArray();
  }

  private byte[] exactly(int count) throws IOException {
    byte[] bytes = in.readNBytes(count);
    if (bytes.length < count) {
      throw new EOFException("body ends after %d of %d bytes".formatted(bytes.length, count));
    }
    return bytes;
  }

  private String line() throws IOException {
    var line = new StringBuilder();
    for (int c = in.read(); c != '\n'; c = in.read()) {
      if (c < 0) {
        throw new EOFException("connection closed after \"" + line + '"');
      }
      line.append((char) c);
    }
    return line.toString().strip();
  }

  /** Says that no more is sent; answers can still be read. */
  void endOutput() {
    try {
      socket.shutdownOutput();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Leaves as a killed process does: with a reset. */
  void reset() {
    try {
      socket.setSoLinger(true, 0);
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
