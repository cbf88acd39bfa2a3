package io.lighter.conversion.startset.trace;

/**
 * Knows what one kind of program reads when it starts. Without state: one instance serves many
 * analyses at the same time; what belongs to one start is kept in objects made for it.
 *
 * <p>The images are strangers' work. An implementation ends in bounded time and memory whatever it
 * is given: it works through queues rather than by recursion on what it reads, it calls {@link
 * Start#checkpoint} in every loop whose length the image decides, and what it does not understand
 * it leaves out or names with {@link Start#unresolved}.
 */
public interface ProgramKind {

  /** Whether a program is of this kind. The first kind that says so is asked to follow it. */
  boolean runs(Invocation invocation);

  /**
   * Tells what the program reads, in the order in which it does. The program itself, its
   * interpreter and its shared libraries are taken in already.
   */
  void follow(Invocation invocation, Start start);
}
