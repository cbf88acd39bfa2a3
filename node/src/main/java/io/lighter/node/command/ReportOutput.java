package io.lighter.node.command;

import io.lighter.node.host.HostFiles;
import java.io.PrintWriter;
import java.util.Optional;
import picocli.CommandLine.Option;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** How a report is printed, and where it stays for the readiness probe until the host restarts. */
final class ReportOutput {
  private static final String STATUS = "/run/lighter-node/status.json";
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  @Option(names = "--json", description = "Print the result as JSON.")
  private boolean json;

  void print(PrintWriter out, NodeReport report) {
    out.print(json ? JSON.writeValueAsString(report) + "\n" : report.text());
    out.flush();
  }

  static void keep(HostFiles files, NodeReport report) {
    if (report.state() == NodeReport.State.REMOVED) {
      files.delete(STATUS);
      files.deleteEmptyFolder("/run/lighter-node");
    } else {
      files.write(STATUS, JSON.writeValueAsBytes(report), "rw-r--r--");
    }
  }

  static Optional<NodeReport> kept(HostFiles files) {
    try {
      return files.read(STATUS).map(bytes -> JSON.readValue(bytes, NodeReport.class));
    } catch (JacksonException _) {
      return Optional.empty();
    }
  }
}
