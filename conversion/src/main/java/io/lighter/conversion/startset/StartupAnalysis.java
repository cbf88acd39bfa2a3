package io.lighter.conversion.startset;

import io.lighter.conversion.startset.elf.DynamicLoader;
import io.lighter.conversion.startset.image.ImageCommand;
import io.lighter.conversion.startset.image.ImageTree;
import io.lighter.conversion.startset.java.JavaProgram;
import io.lighter.conversion.startset.node.NodeProgram;
import io.lighter.conversion.startset.program.PlainProgram;
import io.lighter.conversion.startset.program.Wrapper;
import io.lighter.conversion.startset.python.PythonProgram;
import io.lighter.conversion.startset.script.PerlProgram;
import io.lighter.conversion.startset.script.PhpProgram;
import io.lighter.conversion.startset.script.RubyProgram;
import io.lighter.conversion.startset.shell.ShellProgram;
import io.lighter.conversion.startset.trace.AnalysisLimits;
import io.lighter.conversion.startset.trace.ProgramKind;
import io.lighter.conversion.startset.trace.Start;
import io.lighter.conversion.startset.trace.StartupSet;
import java.io.IOException;
import java.util.List;

/**
 * Works out which files the start of an image is going to read, by reading the image. Thread-safe;
 * an analysis stays on the thread that asks for it.
 */
public final class StartupAnalysis {

  private final List<ProgramKind> kinds;
  private final AnalysisLimits limits;

  /** An analysis that knows all kinds of programs. */
  public StartupAnalysis(AnalysisLimits limits) {
    this(
        limits,
        List.of(
            new Wrapper(),
            new ShellProgram(),
            new PythonProgram(),
            new NodeProgram(),
            new JavaProgram(),
            new RubyProgram(),
            new PhpProgram(),
            new PerlProgram(),
            new PlainProgram()));
  }

  /** An analysis that asks these kinds of programs, in this order. */
  StartupAnalysis(AnalysisLimits limits, List<ProgramKind> kinds) {
    this.kinds = kinds.stream().map(FaultBarrier::around).toList();
    this.limits = limits;
  }

  /**
   * Follows the start of an image.
   *
   * @param image its layers, merged
   * @param command what is executed, and where
   * @return what was found, even if limits were reached
   * @throws IOException if the layers cannot be read
   */
  public StartupSet analyze(ImageTree image, ImageCommand command) throws IOException {
    return Start.follow(image, command, kinds, FaultBarrier.around(new DynamicLoader()), limits);
  }
}
