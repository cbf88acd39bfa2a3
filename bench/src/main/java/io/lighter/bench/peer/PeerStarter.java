package io.lighter.bench.peer;

import io.lighter.bench.load.BenchException;
import io.lighter.bench.load.LoadGenerator;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Starts the servers of a comparison, each in a directory of its own, on a free port of the
 * loopback interface, with logging of requests off (Lighter's own is left as it is configured).
 *
 * @param generator asks whether they are there
 * @param directory in which they may do what they like
 */
public record PeerStarter(LoadGenerator generator, Path directory) {

  /**
   * One nginx worker with open files cached, that serves files.
   *
   * @param nopush the setting of {@code tcp_nopush}, which helps some sizes and hurts others
   * @param root what it serves
   */
  public Peer nginx(Path program, boolean nopush, Path root) {
    String setting = nopush ? "on" : "off";
    Path home = home("nginx-" + setting);
    int port = ServerProcess.freePort();
    write(
        home.resolve("nginx.conf"),
        """
        daemon off;
        %5$s
        worker_processes 1;
        pid %1$s/pid;
        error_log %1$s/error.log;
        events { worker_connections 8192; }
        http {
          access_log off;
          client_body_temp_path %1$s/body;
          proxy_temp_path %1$s/proxy;
          fastcgi_temp_path %1$s/fastcgi;
          uwsgi_temp_path %1$s/uwsgi;
          scgi_temp_path %1$s/scgi;
          sendfile on;
          sendfile_max_chunk 2m;
          tcp_nodelay on;
          tcp_nopush %2$s;
          keepalive_requests 1000000000;
          keepalive_timeout 1h;
          open_file_cache max=1000 inactive=1h;
          open_file_cache_valid 1h;
          default_type application/octet-stream;
          server { listen 127.0.0.1:%3$d; root %4$s; }
        }
        """
            .formatted(home, setting, port, root, user()));
    List<String> command =
        List.of(program.toString(), "-p", home.toString(), "-c", home + "/nginx.conf");
    return start("nginx nopush " + setting, command, home, port, false, Map.of());
  }

  /** A worker of root becomes nobody, who may not read the files, unless it is told to stay. */
  private static String user() {
    return System.getProperty("user.name").equals("root") ? "user root;" : "";
  }

  /** CNCF Distribution with files and its descriptor cache in memory. */
  public Peer distribution(Path program) {
    Path home = home("distribution");
    int port = ServerProcess.freePort();
    write(
        home.resolve("config.yml"),
        """
        version: 0.1
        log: {level: error, accesslog: {disabled: true}}
        storage:
          filesystem: {rootdirectory: "%s/data"}
          cache: {blobdescriptor: inmemory}
        http: {addr: "127.0.0.1:%d", secret: bench}
        """
            .formatted(home, port));
    return start(
        "distribution",
        List.of(program.toString(), "serve", home + "/config.yml"),
        home,
        port,
        true,
        Map.of("OTEL_TRACES_EXPORTER", "none"));
  }

  /** zot with files and its defaults. */
  public Peer zot(Path program) {
    Path home = home("zot");
    int port = ServerProcess.freePort();
    write(
        home.resolve("config.json"),
        """
        {"storage": {"rootDirectory": "%s/data"},
         "http": {"address": "127.0.0.1", "port": "%d"},
         "log": {"level": "error"}}
        """
            .formatted(home, port));
    List<String> command = List.of(program.toString(), "serve", home + "/config.json");
    return start("zot", command, home, port, true, Map.of());
  }

  /**
   * Lighter without upstreams; what else it is to do is said by the environment of this process.
   *
   * @param command without the arguments
   */
  public Peer lighter(List<String> command) {
    Path home = home("lighter");
    int port = ServerProcess.freePort();
    var whole = new ArrayList<>(command);
    whole.addAll(
        List.of(
            "serve", "--no-upstreams", "--listen", "127.0.0.1:" + port, "--data", home + "/data"));
    return start(
        "lighter",
        whole,
        home,
        port,
        true,
        Map.of("LIGHTER_MANAGEMENT_LISTEN", "127.0.0.1:" + ServerProcess.freePort()));
  }

  /** A Lighter that is there already. */
  public Peer lighter(URI url, Set<Long> pids) {
    return new Peer("lighter", url, pids, true, Optional.empty()).awaitReady(generator);
  }

  private Peer start(
      String name,
      List<String> command,
      Path home,
      int port,
      boolean registry,
      Map<String, String> environment) {
    ServerProcess process = ServerProcess.start(command, home, environment);
    URI url = URI.create("http://127.0.0.1:" + port);
    return new Peer(name, url, Set.of(process.pid()), registry, Optional.of(process))
        .awaitReady(generator);
  }

  private Path home(String name) {
    try {
      return Files.createDirectories(directory.resolve(name));
    } catch (IOException e) {
      throw new BenchException("%s cannot be written: %s".formatted(directory, e.getMessage()), e);
    }
  }

  private static void write(Path file, String text) {
    try {
      Files.writeString(file, text);
    } catch (IOException e) {
      throw new BenchException("%s cannot be written: %s".formatted(file, e.getMessage()), e);
    }
  }
}
