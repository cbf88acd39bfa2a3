package io.lighter.server.upstream;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * How an upstream is doing, as its answers of late say.
 *
 * @param rest time until it is asked again, because it did not answer; empty if it may be asked
 * @param maxConnections connections that it gets at most
 * @param connections those that are taken now, by what for
 * @param waiting how many wait for a connection
 * @param pullsLeft pulls that it allows until its limit, if it said so in the last minutes
 */
public record UpstreamHealth(
    Optional<Duration> rest,
    int maxConnections,
    Map<Priority, Integer> connections,
    int waiting,
    OptionalLong pullsLeft) {

  public UpstreamHealth {
    connections = Map.copyOf(connections);
  }
}
