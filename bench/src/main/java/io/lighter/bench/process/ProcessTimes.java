package io.lighter.bench.process;

import io.lighter.bench.load.BenchException;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Processor time that processes and their children have used so far, user and system.
 *
 * <p>{@code /proc/PID/stat} counts everything, ended threads too, in clock ticks of 10 ms. {@code
 * /proc/PID/task/TID/schedstat} counts nanoseconds, but of threads that are there. Both are read;
 * {@link #since} takes the second if the two agree to within {@link #TOLERANCE} of a process.
 *
 * @param ticks nanoseconds by process, from {@code stat}
 * @param threads nanoseconds by process and thread, from {@code schedstat}
 */
public record ProcessTimes(Map<Long, Long> ticks, Map<Long, Map<Long, Long>> threads) {

  /** Clock ticks are 1/100 s on every Linux that Java runs on. */
  private static final long TICK = 10_000_000;

  /** User time and system time are each rounded down, at both ends. */
  private static final long TOLERANCE = 4 * TICK;

  private static final int PARENT = 1;
  private static final int USER = 11;
  private static final int SYSTEM = 12;

  /**
   * Reads the times of these processes, their children, and theirs.
   *
   * @throws BenchException if one of the processes is not there
   */
  public static ProcessTimes read(Set<Long> roots) {
    var ticks = new HashMap<Long, Long>();
    var threads = new HashMap<Long, Map<Long, Long>>();
    for (long root : roots) {
      if (!Files.exists(proc(root))) {
        throw new BenchException(
            "there is no process %d, or no /proc to read its times from".formatted(root));
      }
    }
    for (long pid : withChildren(roots)) {
      List<String> fields = stat(pid);
      if (!fields.isEmpty()) {
        long both = Long.parseLong(fields.get(USER)) + Long.parseLong(fields.get(SYSTEM));
        ticks.put(pid, both * TICK);
        threads.put(pid, threads(pid));
      }
    }
    return new ProcessTimes(ticks, threads);
  }

  /** Nanoseconds that were used since an earlier reading of the same processes. */
  public long since(ProcessTimes earlier) {
    long sum = 0;
    for (var process : ticks.entrySet()) {
      long pid = process.getKey();
      long coarse = process.getValue() - earlier.ticks.getOrDefault(pid, 0L);
      long fine = fine(pid, earlier);
      sum += Math.abs(coarse - fine) <= TOLERANCE ? fine : coarse;
    }
    return sum;
  }

  private long fine(long pid, ProcessTimes earlier) {
    Map<Long, Long> before = earlier.threads.getOrDefault(pid, Map.of());
    long sum = 0;
    for (var thread : threads.getOrDefault(pid, Map.of()).entrySet()) {
      sum += thread.getValue() - before.getOrDefault(thread.getKey(), 0L);
    }
    return sum;
  }

  private static Set<Long> withChildren(Set<Long> roots) {
    var all = new HashSet<>(roots);
    var parents = new HashMap<Long, Long>();
    for (long pid : numbers(Path.of("/proc"))) {
      List<String> fields = stat(pid);
      if (!fields.isEmpty()) {
        parents.put(pid, Long.parseLong(fields.get(PARENT)));
      }
    }
    boolean grown = true;
    while (grown) {
      grown = false;
      for (var process : parents.entrySet()) {
        grown |= all.contains(process.getValue()) && all.add(process.getKey());
      }
    }
    return all;
  }

  private static Map<Long, Long> threads(long pid) {
    var times = new HashMap<Long, Long>();
    Path tasks = proc(pid).resolve("task");
    for (long tid : numbers(tasks)) {
      String line = text(tasks.resolve(Long.toString(tid)).resolve("schedstat"));
      if (!line.isEmpty()) {
        times.put(tid, Long.parseLong(line.substring(0, line.indexOf(' '))));
      }
    }
    return times;
  }

  /** The fields behind the name, which may have spaces in it; empty if the process has ended. */
  private static List<String> stat(long pid) {
    String line = text(proc(pid).resolve("stat"));
    return line.isEmpty()
        ? List.of()
        : List.of(line.substring(line.lastIndexOf(')') + 2).strip().split(" "));
  }

  private static List<Long> numbers(Path directory) {
    var numbers = new ArrayList<Long>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory, "[0-9]*")) {
      entries.forEach(entry -> numbers.add(Long.parseLong(entry.getFileName().toString())));
    } catch (NoSuchFileException e) {
      return numbers; // It has ended.
    } catch (IOException e) {
      throw new BenchException("%s cannot be read: %s".formatted(directory, e.getMessage()), e);
    }
    return numbers;
  }

  /** A process or thread that has just ended has no text. */
  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      return "";
    }
  }

  private static Path proc(long pid) {
    return Path.of("/proc", Long.toString(pid));
  }
}
