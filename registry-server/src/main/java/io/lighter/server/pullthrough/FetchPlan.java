package io.lighter.server.pullthrough;

import io.lighter.storage.Extent;
import io.lighter.storage.Extents;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/**
 * Which bytes of one blob are to be asked for next. Two kinds of requests share it: those for bytes
 * that somebody waits for, and those that fill in the rest. A byte that is here, or that a request
 * under way will bring, is never asked for again.
 *
 * <p>Pure, and not thread-safe.
 */
final class FetchPlan {

  /**
   * Where requests end: the gaps between what lazy clients ask for stay few and worth a request.
   */
  static final long ALIGNMENT = 32 * 1024;

  /**
   * Where requests begin: what somebody waits for is not to stand behind what he did not ask for.
   */
  private static final long PAGE = 4 * 1024;

  /** What a request will have brought before another one could bring it. */
  private static final long SOON = 1024 * 1024;

  private final long size;
  private final Extents present;
  private final Deque<Extent> wanted = new ArrayDeque<>();
  private final List<Reservation> reservations = new ArrayList<>();

  /**
   * Bytes that one request is to bring. It may be cut short while it runs, when somebody cannot
   * wait until it gets that far.
   */
  static final class Reservation {
    private final boolean divisible;
    private long position;
    private long end;

    private Reservation(Extent extent, boolean divisible) {
      this.position = extent.first();
      this.end = extent.end();
      this.divisible = divisible;
    }

    private Optional<Extent> rest() {
      return position < end ? Optional.of(new Extent(position, end)) : Optional.empty();
    }

    private void cutAt(long newEnd) {
      if (divisible && newEnd < end && newEnd - position >= SOON) {
        end = newEnd;
      }
    }
  }

  /**
   * @param size length of the blob
   * @param present what is here already; belongs to this
   */
  FetchPlan(long size, Extents present) {
    this.size = size;
    this.present = present;
  }

  /** Number of bytes that are here from this position on without a gap. */
  long presentFrom(long position) {
    return present.lengthFrom(position);
  }

  /** The first of these bytes that are not here. */
  Optional<Extent> gap(Extent within) {
    return present.firstGap(within);
  }

  boolean isWhole() {
    return present.bytes() == size;
  }

  /** Somebody waits for these bytes. */
  void want(Extent bytes) {
    long first = bytes.first() / PAGE * PAGE;
    long end = Math.min(size, (bytes.end() + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT);
    var aligned = new Extent(first, end);
    boolean known = wanted.stream().anyMatch(other -> other.first() <= first && other.end() >= end);
    if (!known && !present.containsAll(aligned)) {
      reservations.forEach(reservation -> reservation.cutAt(first));
      wanted.add(aligned);
    }
  }

  /** Whether there are wanted bytes that no request under way will bring. */
  boolean hasWanted() {
    return nextWantedGap().isPresent();
  }

  /**
   * Reserves wanted bytes, those first that were wanted first.
   *
   * @param most how many at most
   */
  Optional<Reservation> reserveWanted(long most) {
    return nextWantedGap().map(gap -> reserve(cut(gap, most), true));
  }

  /** Whether there are bytes at all that no request under way will bring. */
  boolean hasGap() {
    return busy().firstGap(new Extent(0, size)).isPresent();
  }

  /**
   * Reserves the next bytes that are missing, of all.
   *
   * @param from where to look first; what is before it comes last
   * @param most how many at most
   */
  Optional<Reservation> reserveGap(long from, long most) {
    Extents busy = busy();
    Optional<Extent> gap = from < size ? busy.firstGap(new Extent(from, size)) : Optional.empty();
    return gap.or(() -> busy.firstGap(new Extent(0, size)))
        .map(missing -> reserve(cut(missing, most), true));
  }

  /**
   * Reserves all, because upstream sends the blob from its begin to its end and in no other way.
   * Empty if that is under way, or all is here.
   */
  Optional<Reservation> reserveAll() {
    boolean underWay = reservations.stream().anyMatch(reservation -> !reservation.divisible);
    return underWay || isWhole()
        ? Optional.empty()
        : Optional.of(reserve(new Extent(0, size), false));
  }

  /** Where the next byte of a reservation goes. */
  long position(Reservation reservation) {
    return reservation.position;
  }

  /** What is still to come of a reservation; empty if nothing. */
  Optional<Extent> rest(Reservation reservation) {
    return reservation.rest();
  }

  /** So many more bytes of a reservation are here, or were here before. */
  void advance(Reservation reservation, long bytes) {
    present.add(new Extent(reservation.position, reservation.position + bytes));
    reservation.position += bytes;
  }

  /** A request has ended; what it did not bring is missing again. */
  void release(Reservation reservation) {
    reservations.remove(reservation);
  }

  private Reservation reserve(Extent extent, boolean divisible) {
    var reservation = new Reservation(extent, divisible);
    reservations.add(reservation);
    return reservation;
  }

  private Optional<Extent> nextWantedGap() {
    wanted.removeIf(present::containsAll);
    if (wanted.isEmpty()) {
      return Optional.empty();
    }
    Extents busy = busy();
    return wanted.stream().map(busy::firstGap).flatMap(Optional::stream).findFirst();
  }

  /** What is here or on its way. */
  private Extents busy() {
    Extents busy = present.copy();
    for (Reservation reservation : reservations) {
      reservation.rest().ifPresent(busy::add);
    }
    return busy;
  }

  private static Extent cut(Extent extent, long most) {
    return extent.length() <= most ? extent : new Extent(extent.first(), extent.first() + most);
  }
}
