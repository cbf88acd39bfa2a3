package io.lighter.server.command;

import io.lighter.oci.ApiVersion;
import io.lighter.server.config.ConfigException;
import io.lighter.server.config.ListenAddress;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * {@code lighter reach}: asks from a node's own network whether a registry answers there, in each
 * of the ways in which it may, and says what to do if not. Asks only whether something there
 * accepts a connection and, without TLS, greets as a registry does.
 */
@Command(
    name = "reach",
    mixinStandardHelpOptions = true,
    description = "Tells whether a registry answers on this node, and by which way.")
public final class ReachCommand implements Callable<Integer> {
  private static final Duration PATIENCE = Duration.ofSeconds(3);

  /** Bytes of an answer that are looked at. */
  private static final int LONGEST_HEAD = 4096;

  private static final Duration PAUSE = Duration.ofMillis(500);

  @Option(
      names = "--node",
      paramLabel = "NAME",
      defaultValue = "this node",
      description = "Its name, for the report.")
  private String node = "";

  @Option(
      names = "--mode",
      paramLabel = "MODE",
      defaultValue = "nodePort",
      description = "How it should be reached: nodePort, forwarder or clusterIP.")
  private String mode = "";

  @Option(
      names = "--port",
      paramLabel = "PORT",
      defaultValue = "30500",
      description = "Port of the registry; ${DEFAULT-VALUE}.")
  private int port;

  @Option(
      names = "--node-address",
      paramLabel = "ADDRESS",
      defaultValue = "",
      description = "Address of the node.")
  private String nodeAddress = "";

  @Option(
      names = "--service",
      paramLabel = "ADDRESS",
      defaultValue = "",
      description = "Address of the registry's Service.")
  private String service = "";

  @Option(
      names = "--timeout",
      paramLabel = "DURATION",
      defaultValue = "60s",
      converter = TimeSpanOption.class,
      description = "How long it waits for the way that counts; ${DEFAULT-VALUE}.")
  private Duration timeout = Duration.ZERO;

  @Option(names = "--tls", description = "The registry speaks TLS: only connections are tried.")
  private boolean tls;

  @Option(names = "--report-only", description = "Ends with 0 whatever it finds.")
  private boolean reportOnly;

  @Spec private CommandSpec spec = CommandSpec.create();

  /**
   * A way to the registry.
   *
   * @param name for the report
   * @param address where it leads
   */
  private record Way(String name, ListenAddress address) {}

  @Override
  public Integer call() throws InterruptedException {
    List<Way> ways = ways();
    Way chosen = ways.getFirst();
    String trouble = await(chosen, System.nanoTime() + timeout.toNanos());
    PrintWriter out = spec.commandLine().getOut();
    out.println(line(chosen, trouble));
    ways.stream().skip(1).map(way -> line(way, ask(way.address()))).forEach(out::println);
    out.println(verdict(trouble.isEmpty(), chosen));
    out.flush();
    return trouble.isEmpty() || reportOnly ? 0 : 1;
  }

  /** What is wrong with a way when the time is over; empty as soon as nothing is. */
  private String await(Way way, long deadline) throws InterruptedException {
    String trouble = ask(way.address());
    while (!trouble.isEmpty() && System.nanoTime() < deadline) {
      TimeUnit.NANOSECONDS.sleep(PAUSE.toNanos());
      trouble = ask(way.address());
    }
    return trouble;
  }

  private static String line(Way way, String trouble) {
    return "  %-20s %-26s %s"
        .formatted(way.name(), way.address(), trouble.isEmpty() ? "answers" : trouble);
  }

  private String verdict(boolean reached, Way way) {
    if (reached) {
      return "%s reaches the registry at %s".formatted(node, way.address());
    }
    String advice =
        switch (mode) {
          case "nodePort" ->
              "kube-proxy serves no NodePort on this node's loopback (mode ipvs or nftables, or another network plugin): set reach.mode=forwarder";
          case "forwarder" ->
              "look at the forwarder's pod on this node, and whether another program has the port";
          default -> "look at the registry's pod";
        };
    return "%s does not reach the registry at %s; %s".formatted(node, way.address(), advice);
  }

  /** The way that nodes are to use first, the others for comparison. */
  private List<Way> ways() {
    var ways = new ArrayList<Way>();
    var loopback = new Way("loopback, IPv4", address("127.0.0.1"));
    var others = new ArrayList<Way>(List.of(new Way("loopback, IPv6", address("::1"))));
    if (!nodeAddress.isEmpty()) {
      others.add(new Way("the node's address", address(nodeAddress)));
    }
    if (!service.isEmpty()) {
      others.add(new Way("Service", address(service)));
    }
    switch (mode) {
      case "nodePort", "forwarder" -> ways.add(loopback);
      case "clusterIP" -> {
        if (service.isEmpty()) {
          throw new ConfigException("--service is missing; --mode clusterIP needs it");
        }
        ways.add(others.removeLast());
        ways.add(loopback);
      }
      default ->
          throw new ConfigException(
              "--mode: \"%s\" is not allowed; allowed: nodePort, forwarder, clusterIP"
                  .formatted(mode));
    }
    ways.addAll(others);
    return ways;
  }

  private ListenAddress address(String host) {
    try {
      return new ListenAddress(host, port);
    } catch (IllegalArgumentException e) {
      throw new ConfigException("--port: " + e.getMessage());
    }
  }

  /** A registry that wants to know who asks is one, too (OCI Distribution, "Authentication"). */
  private static String verdictOn(String head) {
    boolean challenges =
        head.startsWith("HTTP/1.1 401")
            && head.toLowerCase(Locale.ROOT)
                .contains("\r\n" + ApiVersion.HEADER.toLowerCase(Locale.ROOT) + ":");
    if (challenges || head.startsWith("HTTP/1.1 200")) {
      return "";
    }
    return head.startsWith("HTTP/1.1 ") && head.length() >= 12
        ? "answers " + head.substring(9, 12)
        : "no registry is there";
  }

  /** What is wrong there; empty if nothing is. */
  private String ask(ListenAddress address) {
    try (var socket = new Socket()) {
      socket.connect(
          new InetSocketAddress(address.host(), address.port()), (int) PATIENCE.toMillis());
      if (tls) {
        return "";
      }
      socket.setSoTimeout((int) PATIENCE.toMillis());
      socket
          .getOutputStream()
          .write(
              "GET /v2/ HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n"
                  .formatted(address)
                  .getBytes(StandardCharsets.US_ASCII));
      return verdictOn(
          new String(socket.getInputStream().readNBytes(LONGEST_HEAD), StandardCharsets.US_ASCII));
    } catch (IOException e) {
      return String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT);
    }
  }
}
