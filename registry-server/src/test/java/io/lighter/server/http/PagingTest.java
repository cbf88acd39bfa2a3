package io.lighter.server.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PagingTest {

  @Test
  void page_exactlyFull_hasNoMore() {
    var page = Paging.parse(Query.parse("n=3")).page(limit -> numbers(Math.min(limit, 3)));
    assertThat(page.entries()).hasSize(3);
    assertThat(page.more()).isFalse();
  }

  @Test
  void page_oneTooMany_hasMore() {
    var page = Paging.parse(Query.parse("n=3")).page(PagingTest::numbers);
    assertThat(page.entries()).hasSize(3);
    assertThat(page.more()).isTrue();
  }

  @Test
  void page_zero_isEmptyWithoutMore() {
    var page = Paging.parse(Query.parse("n=0")).page(PagingTest::numbers);
    assertThat(page.entries()).isEmpty();
    assertThat(page.more()).isFalse();
  }

  @Test
  void parse_hugeNumber_isClamped() {
    assertThat(Paging.parse(Query.parse("n=99999999999")).limit()).isEqualTo(Paging.MAX);
  }

  @ParameterizedTest
  @ValueSource(strings = {"-1", "a", "", "1.5", "0x1"})
  void parse_noNumber_isRefused(String n) {
    assertThatThrownBy(() -> Paging.parse(Query.parse("n=" + n)))
        .isInstanceOfSatisfying(
            ProtocolException.class, refused -> assertThat(refused.status()).isEqualTo(400));
  }

  @Test
  void link_isRelativeAndKeepsOtherParameters() {
    var query = Query.parse("n=2&last=a&ns=docker.io&artifactType=x%2Bjson");
    assertThat(Paging.parse(query).link("/v2/r/tags/list", "b+c", query))
        .isEqualTo(
            "</v2/r/tags/list?n=2&last=b%2Bc&ns=docker.io&artifactType=x%2Bjson>; rel=\"next\"");
  }

  private static List<Integer> numbers(int count) {
    return IntStream.range(0, count).boxed().toList();
  }
}
