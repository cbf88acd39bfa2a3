package io.lighter.conversion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FooterTest {

  @Test
  void bytes_isTheEmptyMemberOfTheSpecification() {
    assertThat(new Footer(0x1234abcdL).bytes())
        .isEqualTo(
            HexFormat.of()
                .parseHex(
                    "1f8b08040000000000ff"
                        + "1a00"
                        + "53471600"
                        + "30303030303030303132333461626364"
                        + "53544152475a"
                        + "010000ffff"
                        + "0000000000000000"));
    assertThat(Conversions.gunzip(new Footer(7).bytes())).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 51, Integer.MAX_VALUE, 1L << 40, Long.MAX_VALUE})
  void parse_ownBytes_givesSameOffset(long offset) {
    assertThat(Footer.parse(new Footer(offset).bytes())).contains(new Footer(offset));
  }

  @Test
  void parse_otherGzipTimeAndSystem_isStillAFooter() {
    byte[] footer = new Footer(99).bytes();
    footer[4] = 1;
    footer[9] = 3;

    assertThat(Footer.parse(footer)).contains(new Footer(99));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 10, 12, 14, 16, 31, 32, 37, 38, 43, 50})
  void parse_changedByte_isNone(int position) {
    byte[] footer = new Footer(99).bytes();
    footer[position] ^= 0x40;

    assertThat(Footer.parse(footer)).isEmpty();
  }

  @Test
  void parse_wrongLengthOrNegativeOffset_isNone() {
    byte[] negative = new Footer(0).bytes();
    System.arraycopy("ffffffffffffffff".getBytes(StandardCharsets.US_ASCII), 0, negative, 16, 16);

    assertThat(Footer.parse(negative)).isEmpty();
    assertThat(Footer.parse(new byte[0])).isEmpty();
    assertThat(Footer.parse(new byte[52])).isEmpty();
    assertThatThrownBy(() -> new Footer(-1)).isInstanceOf(IllegalArgumentException.class);
  }
}
