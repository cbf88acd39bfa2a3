package io.lighter.conversion.startset.python;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;

/**
 * Which module of a package a name comes from, where the package imports its modules when somebody
 * asks for a name (the lazy_loader package, SPEC 1 of Scientific Python).
 */
final class LazyTable {

  private LazyTable() {}

  /** Reads a stub, or what looks like one: {@code from .part import name}. */
  static Map<String, String> ofStub(byte[] source, Facts facts) {
    Map<String, String> table = new HashMap<>();
    Deque<Statement> ahead = new ArrayDeque<>(StatementReader.read(source, facts));
    while (!ahead.isEmpty()) {
      Statement statement = ahead.poll();
      if (statement instanceof Statement.Choice choice) {
        choice.arms().forEach(arm -> ahead.addAll(arm.body()));
      } else if (statement instanceof Statement.From from && from.level() == 1) {
        for (Statement.Name name : from.names()) {
          table.put(name.name(), from.module().isEmpty() ? name.name() : from.module());
        }
      }
    }
    return table;
  }

  /** Reads dictionaries of a source: {@code 'part': ['name', 'other']}. */
  static Map<String, String> ofSource(byte[] source) {
    Map<String, String> table = new HashMap<>();
    var line = new Lexer(source, 0, source.length);
    while (line.next()) {
      for (int i = 0; i + 3 < line.count(); i++) {
        boolean entry = line.isString(i) && line.is(i + 1, ":");
        if (!entry || !(line.is(i + 2, "[") || line.is(i + 2, "("))) {
          continue;
        }
        String part = line.literal(i).filter(TestReader::isChain).orElse("");
        int at = i + 3;
        for (; at < line.count() && (line.isString(at) || line.is(at, ",")); at++) {
          if (line.isString(at) && !part.isEmpty()) {
            line.literal(at).ifPresent(name -> table.putIfAbsent(name, part));
          }
        }
        i = at - 1;
      }
    }
    return table;
  }
}
