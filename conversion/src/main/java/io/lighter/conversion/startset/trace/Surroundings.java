package io.lighter.conversion.startset.trace;

import java.util.Map;

/**
 * What a program gets from whoever executes it.
 *
 * @param surest nothing that it reads is surer than that it is executed at all
 * @param depth how many programs stand between it and the container's first
 */
record Surroundings(
    Map<String, String> environment,
    String workingDirectory,
    String user,
    Certainty surest,
    int depth) {

  Surroundings {
    environment = Map.copyOf(environment);
  }

  Surroundings with(Map<String, String> variables) {
    return new Surroundings(variables, workingDirectory, user, surest, depth);
  }

  Surroundings in(String directory) {
    return new Surroundings(environment, directory, user, surest, depth);
  }

  Surroundings as(String other) {
    return new Surroundings(environment, workingDirectory, other, surest, depth);
  }

  Surroundings executing(Certainty certainty) {
    return new Surroundings(
        environment, workingDirectory, user, surest.orLess(certainty), depth + 1);
  }
}
