package io.lighter.bench.readiness;

import io.lighter.bench.load.BenchException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A node on which everything takes as long as the test says, by a clock of its own. */
final class FakeNode implements ColdNode {
  final List<String> done = new ArrayList<>();
  private final Map<String, Behaviour> behaviours;
  private int coldTimes = Integer.MAX_VALUE;
  private final long tick;
  private long now;

  /**
   * What an arm's image does.
   *
   * @param pull milliseconds
   * @param start milliseconds
   * @param ready milliseconds from the start of its process to its end
   * @param output what it prints at once
   */
  record Behaviour(long pull, long start, long ready, String output, int code) {}

  FakeNode(Map<String, Behaviour> behaviours) {
    this(behaviours, 1);
  }

  /**
   * A node with a clock of its own.
   *
   * @param tick milliseconds that looking at the clock takes, so that waiting comes to an end
   */
  FakeNode(Map<String, Behaviour> behaviours, long tick) {
    this.behaviours = behaviours;
    this.tick = tick * 1_000_000;
  }

  long now() {
    now += tick;
    return now;
  }

  private Behaviour behaviour(Arm arm) {
    Behaviour behaviour = behaviours.get(arm.name());
    if (behaviour == null) {
      throw new BenchException("no such image");
    }
    return behaviour;
  }

  private void pass(long millis) {
    now += millis * 1_000_000;
  }

  @Override
  public void claim() {
    done.add("claim");
  }

  /** Does not get cold any more after so many times. */
  void getsColdOnly(int times) {
    coldTimes = times;
  }

  @Override
  public void makeCold() {
    if (coldTimes-- == 0) {
      throw new BenchException("still warm");
    }
    done.add("cold");
  }

  @Override
  public void pull(Arm arm) {
    done.add("pull " + arm.name());
    pass(behaviour(arm).pull());
  }

  @Override
  public RunningContainer start(Arm arm) {
    done.add("start " + arm.name());
    Behaviour behaviour = behaviour(arm);
    pass(behaviour.start());
    long end = now + behaviour.ready() * 1_000_000;
    return new RunningContainer() {
      @Override
      public boolean ended() {
        return now >= end;
      }

      @Override
      public String output() {
        return behaviour.output();
      }

      @Override
      public int exitCode(Duration limit) {
        return behaviour.code();
      }
    };
  }

  @Override
  public long storedBytes() {
    return 3_500_000;
  }
}
