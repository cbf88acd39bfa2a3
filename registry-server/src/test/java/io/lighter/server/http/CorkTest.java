package io.lighter.server.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollSocketChannel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CorkTest {
  private static List<Section> ranges(int count, long length) {
    var sections = new ArrayList<Section>();
    for (int i = 0; i < count; i++) {
      sections.add(new Section.Text("head".getBytes(UTF_8)));
      sections.add(new Section.Range(i * 1_000_000L, length));
    }
    sections.add(new Section.Text("end".getBytes(UTF_8)));
    return sections;
  }

  @ParameterizedTest
  @CsvSource({
    "cubic, 50000, true", "bbr, 50000, true", "'', 50000, true",
    "cubic, 131072, true", "cubic, 131073, false", "bbr, 131073, false"
  })
  void pays_oneRange_byItsLength(String control, long length, boolean expected) {
    assertThat(Cork.pays(List.of(new Section.Range(0, length)), new CongestionControl(control)))
        .isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({
    "cubic, 50000, true",
    "reno, 50000, true",
    "cubic, 131072, true",
    "cubic, 131073, false",
    "bbr, 50000, false",
    "bbr2, 50000, false",
    "'', 50000, false"
  })
  void pays_severalRanges_alsoByCongestionControl(String control, long length, boolean expected) {
    assertThat(Cork.pays(ranges(8, length), new CongestionControl(control))).isEqualTo(expected);
  }

  @Test
  void hold_severalRanges_isInUntilItIsReleased() {
    Epoll.ensureAvailability();
    var channel = new EpollSocketChannel();
    try {
      var cork = new Cork(channel, ranges(8, 50_000), new CongestionControl("cubic"));

      cork.hold();
      cork.hold();
      assertThat(channel.config().isTcpCork()).isTrue();

      cork.release();
      assertThat(channel.config().isTcpCork()).isFalse();

      new Cork(channel, ranges(8, 50_000), new CongestionControl("bbr")).hold();
      assertThat(channel.config().isTcpCork()).as("where the kernel paces").isFalse();
    } finally {
      channel.unsafe().closeForcibly();
    }
  }

  @Test
  void from_fileOfTheKernel_isItsName(@TempDir Path directory) throws IOException {
    Path setting = Files.writeString(directory.resolve("setting"), "cubic\n");

    assertThat(CongestionControl.from(setting).name()).isEqualTo("cubic");
    assertThat(CongestionControl.from(directory.resolve("none")).sendsAtOnce()).isFalse();
  }
}
