package io.lighter.server;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * One connection to a server under test, byte for byte: for what no client library would send. The
 * module of black-box tests has one of its own, which knows addresses instead of ports and bodies
 * instead of texts.
 */
final class Wire implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final Socket socket;
  private final InputStream in;

  private Wire(Socket socket) throws IOException {
    this.socket = socket;
    this.in = new BufferedInputStream(socket.getInputStream());
  }

  static Wire connect(int port) {
    return connect(port, 0);
  }

  /** Connects with a receive buffer of this size; 0 leaves it to the system. */
  static Wire connect(int port, int receiveBuffer) {
    try {
      var socket = new Socket();
      if (receiveBuffer > 0) {
        socket.setReceiveBufferSize(receiveBuffer);
      }
      socket.setSoTimeout((int) PATIENCE.toMillis());
      socket.connect(
          new InetSocketAddress(InetAddress.getLoopbackAddress(), port), (int) PATIENCE.toMillis());
      return new Wire(socket);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** An answer, whole; names of headers in lower case. */
  @SuppressWarnings("ArrayRecordComponent") // Never compared.
  record Reply(int status, Map<String, String> headers, byte[] bytes) {
    String body() {
      return new String(bytes, StandardCharsets.UTF_8);
    }

    String header(String name) {
      return headers.getOrDefault(name, "");
    }
  }

  /** Sends text, one byte for each character. */
  Wire send(String text) {
    return send(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  Wire send(byte[] bytes) {
    try {
      socket.getOutputStream().write(bytes);
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Sends as much as the server takes before it closes. Returns how many bytes that were. */
  long sendUntilRefused(byte[] piece, long most) {
    long sent = 0;
    try {
      while (sent < most) {
        socket.getOutputStream().write(piece);
        sent += piece.length;
      }
    } catch (IOException e) {
      return sent;
    }
    return sent;
  }

  Reply read() {
    return read(true);
  }

  /** Reads the answer to a HEAD. */
  Reply readHead() {
    return read(false);
  }

  /** Reads answers up to the end of the connection, which has to come. */
  List<Reply> readAll() {
    var replies = new ArrayList<Reply>();
    while (!ended()) {
      replies.add(read());
    }
    return replies;
  }

  /** Waits for the next byte or the end of the connection; whether it was the end. */
  boolean ended() {
    try {
      in.mark(1);
      boolean ended = in.read() < 0;
      in.reset();
      return ended;
    } catch (SocketException e) {
      return true; // Reset.
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Reads up to so many raw bytes; fewer only at the end of the connection. */
  byte[] readRaw(int count) {
    try {
      return in.readNBytes(count);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Reply read(boolean withBody) {
    try {
      String statusLine = line();
      if (!statusLine.matches("HTTP/1\\.[0-9] [0-9]{3}.*")) {
        throw new IOException("not a status line: " + statusLine);
      }
      int status = Integer.parseInt(statusLine.substring(9, 12));
      var headers = new TreeMap<String, String>();
      for (String line = line(); !line.isEmpty(); line = line()) {
        int colon = line.indexOf(':');
        headers.put(
            line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).strip());
      }
      int length = withBody ? Integer.parseInt(headers.getOrDefault("content-length", "0")) : 0;
      byte[] body = in.readNBytes(length);
      if (body.length < length) {
        throw new EOFException("body ends after %d of %d bytes".formatted(body.length, length));
      }
      return new Reply(status, headers, body);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String line() throws IOException {
    var line = new StringBuilder();
    for (int c = in.read(); c != '\n'; c = in.read()) {
      if (c < 0) {
        throw new EOFException("connection ended after \"" + line + '"');
      }
      line.append((char) c);
    }
    return line.toString().strip();
  }

  /** Leaves at once; the server may not go on sending. */
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
