package io.lighter.server.pullthrough;

import io.lighter.server.pullthrough.ArrivingBlob.Work;
import java.util.Optional;

/**
 * Who wants how much of one blob. Says whether what is missing is to be filled in, and for whom.
 *
 * <p>Guarded by the lock of its {@link ArrivingBlob}.
 */
final class Demand {

  /** What a reader has said that he will read. */
  enum Mode {
    UNDECIDED,
    RANGES,
    DOWNLOAD
  }

  private final boolean always;
  private boolean asked;
  private int undecided;
  private int ranges;
  private int downloads;
  private int awaiting;
  private long cursor;
  private boolean over;

  /**
   * @param always whether to fetch the blob to its end when nobody waits for it
   */
  Demand(boolean always) {
    this.always = always;
  }

  void opened() {
    asked = true;
    undecided++;
  }

  void decided(Mode mode) {
    undecided--;
    count(mode, 1);
  }

  void closed(Mode mode) {
    count(mode, -1);
  }

  private void count(Mode mode, int by) {
    switch (mode) {
      case UNDECIDED -> undecided += by;
      case RANGES -> ranges += by;
      case DOWNLOAD -> downloads += by;
    }
  }

  void awaited() {
    asked = true;
    awaiting++;
  }

  void awaitedNoMore() {
    awaiting--;
  }

  /** A reader of the whole blob cannot go on before this byte is here. */
  void stoppedAt(long position) {
    cursor = position;
  }

  /** Where to fill in next. */
  long cursor() {
    return cursor;
  }

  boolean isDownloaded() {
    return downloads > 0;
  }

  boolean isRead() {
    return undecided + ranges + downloads > 0;
  }

  /**
   * Whether nobody wants anything any more. Once this was true nobody can begin to: whoever comes
   * late begins another fetch.
   */
  boolean isOver() {
    over = over || (asked && !always && awaiting == 0 && !isRead());
    return over;
  }

  /** What {@link #isOver} said last. */
  boolean wasOver() {
    return over;
  }

  /**
   * For whom to fill in what is missing; empty if that is not wanted. While somebody has not said
   * what he will read, it is not: his range must not stand behind a download that he did not ask
   * for.
   */
  Optional<Work> fill() {
    if (downloads > 0) {
      return Optional.of(Work.DOWNLOAD);
    }
    return awaiting > 0 || (always && asked && undecided == 0)
        ? Optional.of(Work.BACKGROUND)
        : Optional.empty();
  }
}
