package io.lighter.conversion.startset.shell;

import java.util.List;
import java.util.Optional;

/**
 * A command of a script (POSIX.1-2024, Shell Command Language, section 2.9, and what bash adds).
 */
sealed interface Command {

  /** Nothing at all. */
  Command NOTHING = new Sequence(List.of());

  /** Words, some of which may be assignments. */
  record Simple(List<Word> assignments, List<Word> words, List<Redirection> redirections)
      implements Command {
    public Simple {
      assignments = List.copyOf(assignments);
      words = List.copyOf(words);
      redirections = List.copyOf(redirections);
    }
  }

  record Pipeline(List<Command> commands, boolean negated) implements Command {
    public Pipeline {
      commands = List.copyOf(commands);
    }
  }

  /** Commands joined by {@code &&} and {@code ||}. */
  record Chain(Command first, List<Link> links) implements Command {
    public Chain {
      links = List.copyOf(links);
    }
  }

  record Link(boolean and, Command command) {}

  /** Commands one after the other. */
  record Sequence(List<Item> items) implements Command {
    public Sequence {
      items = List.copyOf(items);
    }
  }

  record Item(Command command, boolean background) {}

  record If(List<Branch> branches, Optional<Command> otherwise) implements Command {
    public If {
      branches = List.copyOf(branches);
    }
  }

  record Branch(Command condition, Command body) {}

  /** A loop over words; over the positional parameters if there are none given. */
  record For(String name, Optional<List<Word>> words, Command body) implements Command {}

  record Loop(Command condition, boolean until, Command body) implements Command {}

  record Case(Word subject, List<CaseItem> items) implements Command {
    public Case {
      items = List.copyOf(items);
    }
  }

  /**
   * One choice of a case.
   *
   * @param through whether the next one is run as well
   */
  record CaseItem(List<Word> patterns, Command body, boolean through) {
    public CaseItem {
      patterns = List.copyOf(patterns);
    }
  }

  record Function(String name, Command body) implements Command {}

  record Subshell(Command body) implements Command {}

  /** What stands between double brackets; operators are words without quotes. */
  record Test(List<Word> words) implements Command {
    public Test {
      words = List.copyOf(words);
    }
  }

  /** What stands between double parentheses. */
  record Calculation(Word expression) implements Command {}

  record Redirected(Command command, List<Redirection> redirections) implements Command {
    public Redirected {
      redirections = List.copyOf(redirections);
    }
  }

  /**
   * Where a file descriptor leads.
   *
   * @param descriptor as written; -1 if it is not
   * @param operator {@code <}, {@code >>}, {@code <<<}, …
   * @param target a file, or the text itself of here-documents
   */
  record Redirection(int descriptor, String operator, Word target) {
    boolean isInput() {
      return descriptor <= 0 && operator.startsWith("<");
    }

    boolean isOutput() {
      return (descriptor == -1 || descriptor == 1) && !operator.startsWith("<");
    }

    boolean isText() {
      return operator.startsWith("<<");
    }
  }
}
