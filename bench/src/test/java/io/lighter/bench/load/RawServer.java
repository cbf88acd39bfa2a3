package io.lighter.bench.load;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/** A server whose answers are bytes that the test makes up, right or wrong. */
public final class RawServer implements AutoCloseable {
  private final ServerSocket listener;
  private final Function<Request, Reply> behaviour;
  private final List<Request> requests = Collections.synchronizedList(new ArrayList<>());
  private final List<Socket> sockets = Collections.synchronizedList(new ArrayList<>());
  private final AtomicInteger connections = new AtomicInteger();

  /** The head of a request; names of headers are in lower case. */
  public record Request(String method, String path, Map<String, String> headers) {
    public String header(String name) {
      return headers.getOrDefault(name, "");
    }
  }

  /** What is written, in as many pieces as there are, and whether the connection goes on. */
  public record Reply(List<byte[]> pieces, boolean keep) {
    public static Reply of(byte[] answer) {
      return new Reply(List.of(answer), true);
    }

    public static Reply thenClose(byte[] answer) {
      return new Reply(List.of(answer), false);
    }
  }

  public RawServer(Function<Request, Reply> behaviour) {
    this.behaviour = behaviour;
    try {
      this.listener = new ServerSocket(0, 100, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Thread.ofVirtual().start(this::accept);
  }

  public URI url(String path) {
    return URI.create("http://127.0.0.1:" + listener.getLocalPort() + path);
  }

  public int connections() {
    return connections.get();
  }

  public List<Request> requests() {
    synchronized (requests) {
      return List.copyOf(requests);
    }
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        Socket socket = listener.accept();
        sockets.add(socket);
        connections.incrementAndGet();
        Thread.ofVirtual().start(() -> serve(socket));
      } catch (IOException e) {
        return; // It was closed.
      }
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      var in = new BufferedReader(new InputStreamReader(socket.getInputStream(), ISO_8859_1));
      OutputStream out = socket.getOutputStream();
      while (true) {
        String first = in.readLine();
        if (first == null) {
          return;
        }
        Request request = request(first, in);
        requests.add(request);
        Reply reply = behaviour.apply(request);
        for (byte[] piece : reply.pieces()) {
          out.write(piece);
          out.flush();
        }
        if (!reply.keep()) {
          return;
        }
      }
    } catch (IOException e) {
      // The client is gone, or the test is over.
    }
  }

  private static Request request(String first, BufferedReader in) throws IOException {
    var headers = new LinkedHashMap<String, String>();
    for (String line = in.readLine(); line != null && !line.isEmpty(); line = in.readLine()) {
      int colon = line.indexOf(':');
      headers.put(line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 2));
    }
    List<String> words = List.of(first.split(" ", 3));
    return new Request(words.get(0), words.get(1), headers);
  }

  @Override
  public void close() throws IOException {
    listener.close();
    synchronized (sockets) {
      for (Socket socket : sockets) {
        socket.close();
      }
    }
  }
}
