package io.lighter.server.convert;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The priority of threads that the kernel shall run with what others leave over: nice 19. {@link
 * Thread#setPriority} does nothing on Linux.
 *
 * <p>Not the idle scheduling class, which is lower still: a thread of it that is in the midst of
 * Java code when a garbage collection wants all threads to stop would hold up the collection, and
 * with it every request, for as long as other programs keep the cores busy.
 */
final class LowestPriority {
  private static final Logger LOG = LoggerFactory.getLogger(LowestPriority.class);
  private static final int NICE = 19;

  /** {@code PRIO_PROCESS} of {@code sys/resource.h}. */
  private static final int PROCESS = 0;

  private LowestPriority() {}

  /** Lowers the calling thread, for good. Where that cannot be done it stays as it is. */
  static void take() {
    // Elsewhere the call is about the whole process.
    if (!System.getProperty("os.name", "").equals("Linux")) {
      return;
    }
    try {
      int result = lower();
      if (result != 0) {
        LOG.warn("{} keeps its priority", Thread.currentThread().getName());
      }
    } catch (Throwable e) { // A method handle may throw anything.
      LOG.warn("{} keeps its priority: {}", Thread.currentThread().getName(), e.toString());
    }
  }

  @SuppressWarnings("restricted") // Native access is granted on the command line.
  private static int lower() throws Throwable {
    var linker = Linker.nativeLinker();
    SymbolLookup symbols = linker.defaultLookup();
    var function =
        linker.downcallHandle(
            symbols.findOrThrow("setpriority"),
            FunctionDescriptor.of(
                ValueLayout.JAVA_INT,
                ValueLayout.JAVA_INT,
                ValueLayout.JAVA_INT,
                ValueLayout.JAVA_INT));
    // 0 is the calling thread: to Linux, every thread has a priority of its own.
    return (int) function.invokeExact(PROCESS, 0, NICE);
  }
}
