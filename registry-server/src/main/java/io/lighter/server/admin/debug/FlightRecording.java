package io.lighter.server.admin.debug;

import io.lighter.server.admin.AdminException;
import io.lighter.server.admin.AdminRequest;
import io.lighter.server.admin.DebugPage;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.ParseException;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import javax.management.JMException;
import javax.management.ObjectName;
import jdk.jfr.Configuration;
import jdk.jfr.FlightRecorder;
import jdk.jfr.Recording;
import org.jspecify.annotations.Nullable;

/** A recording of the virtual machine's Flight Recorder, made for the one who asks. */
public final class FlightRecording implements DebugPage {
  private static final int DEFAULT_SECONDS = 10;
  private static final int MOST_SECONDS = 300;
  private static final long MOST_BYTES = 256L << 20;

  /** What they record is nobody's business here: variables and properties may hold secrets. */
  private static final List<String> PRIVATE =
      List.of(
          "jdk.InitialEnvironmentVariable",
          "jdk.InitialSystemProperty",
          "jdk.JVMInformation",
          "jdk.SystemProcess");

  private final Path scratch;
  private final AtomicBoolean recording = new AtomicBoolean();

  /**
   * @param scratch where a recording is while it is made, and nothing else; created when needed
   */
  public FlightRecording(Path scratch) {
    this.scratch = scratch;
  }

  @Override
  public String name() {
    return "jfr";
  }

  @Override
  public String summary() {
    return "A recording of the Flight Recorder, for JDK Mission Control or jfr print; it comes when its time is over.";
  }

  @Override
  public Set<String> parameters() {
    return Set.of("seconds");
  }

  @Override
  public String type() {
    return "application/octet-stream";
  }

  @Override
  public InputStream open(AdminRequest request) throws IOException, InterruptedException {
    Duration length = Duration.ofSeconds(request.number("seconds", DEFAULT_SECONDS, MOST_SECONDS));
    if (!recording.compareAndSet(false, true)) {
      throw new AdminException.Busy("a recording is being made; allowed: one at a time");
    }
    Recording made = null;
    boolean handedOver = false;
    try {
      made = begin();
      Thread.sleep(length);
      made.stop();
      InputStream bytes = made.getStream(null, null);
      if (bytes == null) {
        throw new IOException("the Flight Recorder has recorded nothing");
      }
      handedOver = true;
      return new Content(bytes, made);
    } finally {
      if (!handedOver) {
        end(made);
      }
    }
  }

  private Recording begin() throws IOException {
    chooseDirectory();
    Recording begun;
    try {
      begun = new Recording(Configuration.getConfiguration("profile"));
    } catch (ParseException e) {
      throw new IOException("the settings of this Java runtime cannot be read", e);
    }
    begun.setMaxSize(MOST_BYTES);
    PRIVATE.forEach(begun::disable);
    begun.start();
    return begun;
  }

  /** Unless somebody else records already, who has said where. */
  private void chooseDirectory() throws IOException {
    if (FlightRecorder.isInitialized()
        && !FlightRecorder.getFlightRecorder().getRecordings().isEmpty()) {
      return;
    }
    removeWhatIsLeft();
    Files.createDirectories(scratch);
    try {
      String argument = "repositorypath=\"%s\"".formatted(scratch.toAbsolutePath());
      ManagementFactory.getPlatformMBeanServer()
          .invoke(
              new ObjectName("com.sun.management:type=DiagnosticCommand"),
              "jfrConfigure",
              new Object[] {new String[] {argument}},
              new String[] {String[].class.getName()});
    } catch (JMException e) {
      throw new IOException("the Flight Recorder does not take " + scratch, e);
    }
  }

  /** Of recordings before, and of a process that was killed. The recorder makes its own anew. */
  private void removeWhatIsLeft() throws IOException {
    if (!Files.isDirectory(scratch)) {
      return;
    }
    try (Stream<Path> left = Files.walk(scratch)) {
      for (Path path : left.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }

  private void end(@Nullable Recording made) {
    if (made != null) {
      made.close(); // Its files go with it.
    }
    recording.set(false);
  }

  /** The bytes of a recording that has ended, which goes when they are closed. */
  private final class Content extends FilterInputStream {
    private final Recording made;

    Content(InputStream bytes, Recording made) {
      super(bytes);
      this.made = made;
    }

    @Override
    public void close() throws IOException {
      try {
        super.close();
      } finally {
        end(made);
      }
    }
  }
}
