package io.lighter.server.http;

import io.netty.channel.Channel;
import io.netty.channel.epoll.EpollChannelOption;
import java.util.List;

/**
 * Holds back what does not fill a packet, so that a head goes out with the bytes behind it, and no
 * packet is sent, and no client woken, for the head alone. The kernel holds nothing for longer than
 * 200 ms.
 *
 * <p>Event loop only; one for each answer.
 */
final class Cork {
  /** Longer ranges are sent faster without it; measured, see docs/performance.md. */
  private static final long RANGE_UP_TO = 128 * 1024;

  private final Channel channel;
  private final boolean pays;
  private boolean holds;

  /**
   * A cork that is not in.
   *
   * @param body of the answer
   */
  Cork(Channel channel, List<Section> body) {
    this(channel, body, CongestionControl.HERE);
  }

  Cork(Channel channel, List<Section> body, CongestionControl control) {
    this.channel = channel;
    this.pays = pays(body, control);
  }

  /**
   * Whether it spares more than it costs. Not for long ranges, and not for several where the kernel
   * paces: there a held answer goes out in many small packets.
   */
  static boolean pays(List<Section> body, CongestionControl control) {
    if (body.size() > 1 && !control.sendsAtOnce()) {
      return false;
    }
    for (int i = 0; i < body.size(); i++) {
      if (body.get(i).length() > RANGE_UP_TO) {
        return false;
      }
    }
    return true;
  }

  /** Puts it in, if that pays. */
  void hold() {
    set(pays);
  }

  /** Lets go what was held back. */
  void release() {
    set(false);
  }

  private void set(boolean hold) {
    if (holds != hold) {
      holds = hold;
      channel.config().setOption(EpollChannelOption.TCP_CORK, hold);
    }
  }
}
