package io.lighter.bench.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The measurements of a run for people. */
public final class ResultTable {
  private ResultTable() {}

  /** One line for each measurement; processor time only if some was measured. */
  public static String of(List<Measurement> measurements) {
    var table =
        new TextTable(
            2,
            "server",
            "work",
            "conns",
            "requests",
            "req/s",
            "MiB/s",
            "p50 us",
            "p90 us",
            "p99 us",
            "max us",
            "first p50",
            "CPU us/req",
            "CPU us/range",
            "own CPU",
            "errors");
    for (Measurement line : measurements) {
      table.add(row(line));
    }
    return table.toString();
  }

  private static List<String> row(Measurement line) {
    var row = new ArrayList<String>();
    row.add(line.server());
    row.add(line.work());
    row.add(Integer.toString(line.connections()));
    row.add(Long.toString(line.requests()));
    row.add(TextTable.number(line.rate()));
    row.add(TextTable.number(line.throughput()));
    row.add(TextTable.number(line.latency().p50()));
    row.add(TextTable.number(line.latency().p90()));
    row.add(TextTable.number(line.latency().p99()));
    row.add(TextTable.number(line.latency().max()));
    row.add(TextTable.number(line.firstByte().p50()));
    row.add(optional(line.serverCpuPerRequest()));
    row.add(optional(line.serverCpuPerRange()));
    row.add(line.requests() == 0 ? "-" : TextTable.number(line.clientCpu() / line.requests()));
    row.add(Long.toString(line.errors().values().stream().mapToLong(Long::longValue).sum()));
    return row;
  }

  private static String optional(Optional<Double> value) {
    return value.map(TextTable::number).orElse("-");
  }
}
