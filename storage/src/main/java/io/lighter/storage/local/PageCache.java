package io.lighter.storage.local;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.NoSuchElementException;
import java.util.Optional;

/**
 * What Linux has of files in memory, and reads that never wait for a disk: {@code preadv2} with
 * {@code RWF_NOWAIT} (Linux 4.14) and {@code cachestat} (Linux 6.5; before, and where a sandbox
 * forbids it, single bytes are tried all along the range). What was changed there it can be told to
 * write ({@code sync_file_range}). Thread-safe.
 *
 * <p>Java does not hand out the descriptors of its channels, so a file has one more here.
 */
final class PageCache {
  private static final int OPEN_READ_ONLY = 0;
  private static final int OPEN_CLOSE_ON_EXEC = 0x80000;
  private static final int READ_NO_WAIT = 8;
  private static final long CACHESTAT = 451; // On every architecture.
  private static final int TRY_AGAIN = 11; // EAGAIN, likewise.
  private static final int PAGE_SIZE = 30; // _SC_PAGESIZE
  private static final int BEGIN_WRITING = 2; // SYNC_FILE_RANGE_WRITE

  /** Readahead fills the cache by runs that are longer than this. */
  private static final long STRIDE = 32 * 1024;

  private static final VarHandle ERRNO =
      Linker.Option.captureStateLayout().varHandle(MemoryLayout.PathElement.groupElement("errno"));

  private final long pageSize;
  private final MethodHandle open;
  private final MethodHandle close;
  private final MethodHandle readVector;
  private final MethodHandle cacheState;
  private final MethodHandle syncRange;
  private final ThreadLocal<Scratch> scratch = ThreadLocal.withInitial(Scratch::new);
  private volatile boolean asksKernel = true;

  @SuppressWarnings("restricted") // Native access is granted on the command line.
  private PageCache() {
    var linker = Linker.nativeLinker();
    SymbolLookup symbols = linker.defaultLookup();
    var captured = Linker.Option.captureCallState("errno");
    var number = ValueLayout.JAVA_LONG;
    var integer = ValueLayout.JAVA_INT;
    var address = ValueLayout.ADDRESS;
    pageSize =
        pageSize(
            linker.downcallHandle(
                symbols.findOrThrow("sysconf"), FunctionDescriptor.of(number, integer)));
    open =
        linker.downcallHandle(
            symbols.findOrThrow("open"),
            FunctionDescriptor.of(integer, address, integer),
            Linker.Option.firstVariadicArg(2));
    close =
        linker.downcallHandle(
            symbols.findOrThrow("close"), FunctionDescriptor.of(integer, integer));
    readVector =
        linker.downcallHandle(
            symbols.findOrThrow("preadv2"),
            FunctionDescriptor.of(number, integer, address, integer, number, integer),
            captured);
    cacheState =
        linker.downcallHandle(
            symbols.findOrThrow("syscall"),
            FunctionDescriptor.of(number, number, integer, address, address, integer),
            Linker.Option.firstVariadicArg(1));
    syncRange =
        linker.downcallHandle(
            symbols.findOrThrow("sync_file_range"),
            FunctionDescriptor.of(integer, integer, number, number, integer));
  }

  private static long pageSize(MethodHandle sysconf) {
    try {
      return (long) sysconf.invokeExact(PAGE_SIZE);
    } catch (Throwable e) {
      throw broken(e);
    }
  }

  /** Empty where this system cannot tell what is cached. */
  static Optional<PageCache> detect() {
    if (!System.getProperty("os.name", "").equals("Linux")) {
      return Optional.empty();
    }
    try {
      return Optional.of(new PageCache());
    } catch (NoSuchElementException | UnsupportedOperationException _) {
      return Optional.empty(); // An old C library, or a platform without native calls.
    }
  }

  /**
   * Opens a file; to be closed.
   *
   * @throws IOException if it cannot be opened
   */
  CachedFile open(Path path) throws IOException {
    int descriptor;
    try (var arena = Arena.ofConfined()) {
      descriptor =
          (int)
              open.invokeExact(
                  arena.allocateFrom(path.toString()), OPEN_READ_ONLY | OPEN_CLOSE_ON_EXEC);
    } catch (Throwable e) {
      throw broken(e);
    }
    if (descriptor < 0) {
      throw new IOException("cannot open " + path + " once more");
    }
    return new CachedFile(descriptor);
  }

  private static IllegalStateException broken(Throwable cause) {
    return new IllegalStateException("a function of the C library cannot be called", cause);
  }

  /** A file, as far as it is in memory. Nobody may use it after it was closed. */
  final class CachedFile implements AutoCloseable {
    private final int descriptor;

    private CachedFile(int descriptor) {
      this.descriptor = descriptor;
    }

    /**
     * Reads into a direct buffer.
     *
     * @return bytes read; 0 at the end of the file, and if the first byte is not in memory; less
     *     than 0 if the file system does not read without waiting
     */
    int read(ByteBuffer target, long position) {
      Scratch local = scratch.get();
      local.vector.set(ValueLayout.ADDRESS, 0, MemorySegment.ofBuffer(target));
      local.vector.set(ValueLayout.JAVA_LONG, 8, target.remaining());
      int count = read(local, position);
      if (count > 0) {
        target.position(target.position() + count);
      }
      return count;
    }

    private int read(Scratch local, long position) {
      long count;
      try {
        count =
            (long)
                readVector.invokeExact(
                    local.errno, descriptor, local.vector, 1, position, READ_NO_WAIT);
      } catch (Throwable e) {
        throw broken(e);
      }
      if (count >= 0) {
        return (int) count;
      }
      return (int) ERRNO.get(local.errno, 0L) == TRY_AGAIN ? 0 : -1;
    }

    /** Whether all of a range is in memory. */
    boolean holds(long position, long length) {
      Scratch local = scratch.get();
      return asksKernel ? asked(local, position, length) : tried(local, position, length);
    }

    private boolean asked(Scratch local, long position, long length) {
      long begin = position / pageSize * pageSize;
      long pages = (position + length - begin + pageSize - 1) / pageSize;
      local.range.set(ValueLayout.JAVA_LONG, 0, begin);
      local.range.set(ValueLayout.JAVA_LONG, 8, pages * pageSize);
      long result;
      try {
        result =
            (long) cacheState.invokeExact(CACHESTAT, descriptor, local.range, local.statistics, 0);
      } catch (Throwable e) {
        throw broken(e);
      }
      if (result != 0) {
        asksKernel = false;
        return tried(local, position, length);
      }
      return local.statistics.get(ValueLayout.JAVA_LONG, 0) >= pages;
    }

    /**
     * Has the system begin to write what is changed of a range to its disk. Neither waits for that
     * nor says whether it will succeed: a sync does.
     */
    void beginWriting(long position, long length) {
      try {
        var _ = (int) syncRange.invokeExact(descriptor, position, length, BEGIN_WRITING);
      } catch (Throwable e) {
        throw broken(e);
      }
    }

    private boolean tried(Scratch local, long position, long length) {
      local.vector.set(ValueLayout.ADDRESS, 0, local.single);
      local.vector.set(ValueLayout.JAVA_LONG, 8, 1L);
      for (long at = position; at < position + length; at += STRIDE) {
        if (read(local, at) == 0) {
          return false;
        }
      }
      return read(local, position + length - 1) != 0;
    }

    @Override
    public void close() {
      try {
        var _ = (int) close.invokeExact(descriptor);
      } catch (Throwable e) {
        throw broken(e);
      }
    }
  }

  /** What a call takes by address; each thread has its own. */
  private static final class Scratch {
    private final MemorySegment errno;
    private final MemorySegment vector;
    private final MemorySegment range;
    private final MemorySegment statistics;
    private final MemorySegment single;

    Scratch() {
      var arena = Arena.ofAuto();
      errno = arena.allocate(Linker.Option.captureStateLayout());
      vector = arena.allocate(16, 8);
      range = arena.allocate(16, 8);
      statistics = arena.allocate(40, 8);
      single = arena.allocate(1);
    }
  }
}
