package io.lighter.conversion.startset;

import io.lighter.conversion.startset.image.ImageFile;
import io.lighter.conversion.startset.trace.Invocation;
import io.lighter.conversion.startset.trace.LimitReachedException;
import io.lighter.conversion.startset.trace.ObjectLoader;
import io.lighter.conversion.startset.trace.ProgramKind;
import io.lighter.conversion.startset.trace.Reason;
import io.lighter.conversion.startset.trace.Start;
import java.io.UncheckedIOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a fault in the knowledge of one kind of program from ending more than the following of one
 * program: an image becomes lazy, and what else was found of its start counts.
 */
final class FaultBarrier {

  private static final Logger LOG = LoggerFactory.getLogger(FaultBarrier.class);

  private FaultBarrier() {}

  static ProgramKind around(ProgramKind kind) {
    return new ProgramKind() {
      @Override
      public boolean runs(Invocation invocation) {
        return kind.runs(invocation);
      }

      @Override
      public void follow(Invocation invocation, Start start) {
        guarded(invocation.path(), start, () -> kind.follow(invocation, start));
      }
    };
  }

  static ObjectLoader around(ObjectLoader loader) {
    return (ImageFile object, Reason reason, Start start) ->
        guarded(object.path(), start, () -> loader.load(object, reason, start));
  }

  private static void guarded(String what, Start start, Runnable step) {
    try {
      step.run();
    } catch (LimitReachedException | UncheckedIOException e) {
      throw e;
    } catch (RuntimeException | StackOverflowError e) {
      LOG.warn("what {} reads could not be worked out; this is a fault of the analysis", what, e);
      start.unresolved(what, "a fault of the analysis, see the log: " + e);
    }
  }
}
