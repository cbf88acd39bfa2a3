package io.lighter.page;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.deque.html.axecore.results.Results;
import com.deque.html.axecore.results.Rule;
import com.deque.html.axecore.selenium.AxeBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.openqa.selenium.Keys;

/**
 * Every view, in both schemes, as a person reaches it and by its address. The server has an image
 * that nodes have read lazily, one that was pushed, and an upstream that does not answer.
 *
 * <p>After each test: no complaint in the console, and no request to another host.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PageTest {
  private static final String PAGE = property("lighter.page.url");
  private static final String IMAGE = property("lighter.page.image");
  private static final String REPOSITORY = IMAGE.substring(0, IMAGE.lastIndexOf(':'));
  private static final String LAYER = property("lighter.page.layer");
  private static final Path PICTURES = Path.of(property("lighter.page.pictures"));
  private static final String REQUESTS = "//section[h2='Requests']/span[@class='value']";
  private static final String READOUT = "//p[contains(@class, 'readout')]";
  private static final Set<String> UNACCEPTABLE = Set.of("serious", "critical");

  private final Browser browser = new Browser(PAGE, Path.of(property("lighter.page.driverLog")));

  private static String property(String name) {
    String value = System.getProperty(name);
    if (value == null) {
      throw new IllegalStateException("-D" + name + " is missing; e2e/page.sh sets it");
    }
    return value;
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, UTF_8);
  }

  private static String address(String view) {
    return view.replace("REPOSITORY", encoded(REPOSITORY))
        .replace("IMAGE", encoded(IMAGE))
        .replace("LAYER", LAYER);
  }

  @BeforeAll
  void size() {
    browser.size(1280, 900);
  }

  @AfterAll
  void close() {
    browser.close();
  }

  @AfterEach
  void nothingToComplainOf() {
    assertThat(browser.complaints()).as("console").isEmpty();
    assertThat(browser.requested())
        .as("requests")
        .isNotEmpty()
        .allMatch(url ->
            url.startsWith(PAGE.replaceFirst("/ui/$", "/"))
                || url.startsWith("data:")
                || url.equals("about:blank"));
  }

  @ParameterizedTest
  @CsvSource({
    "overview, '', light", "overview, '', dark",
    "images, images, light", "images, images, dark",
    "tags, images/REPOSITORY, light", "tags, images/REPOSITORY, dark",
    "image, image/IMAGE, light", "image, image/IMAGE, dark",
    "layer, layer/LAYER/IMAGE, light", "layer, layer/LAYER/IMAGE, dark",
    "conversions, conversions, light", "conversions, conversions, dark",
    "upstreams, upstreams, light", "upstreams, upstreams, dark",
    "storage, storage, light", "storage, storage, dark",
    "missing, image/team%2Fnothing%3A1, light"
  })
  void everyView_isAccessible(String name, String view, String scheme) throws IOException {
    browser.prefers(scheme);
    browser.open(address(view));
    if (name.equals("missing")) {
      browser.waitForText("no repository is stored under the name team/nothing");
      assertThat(browser.complaints()).as("the 404").hasSize(1);
    }
    browser.picture(PICTURES.resolve(name + '-' + scheme + ".png"));
    Results results = new AxeBuilder().analyze(browser.driver());
    assertThat(results.getPasses()).as("rules that axe could apply").isNotEmpty();
    assertThat(
            results.getViolations().stream().filter(PageTest::isUnacceptable).map(PageTest::text))
        .as("what axe found")
        .isEmpty();
  }

  private static boolean isUnacceptable(Rule rule) {
    return UNACCEPTABLE.contains(rule.getImpact());
  }

  private static String text(Rule rule) {
    return "%s (%s): %s".formatted(rule.getId(), rule.getImpact(), rule.getNodes());
  }

  @Test
  void fromTheOverviewToAFile_byClicks() {
    browser.open("");
    browser.waitForText("Spared from upstream");
    browser.click("Images");
    browser.shows("images");
    browser.click(REPOSITORY);
    browser.shows("images/" + REPOSITORY);
    browser.click(IMAGE.substring(IMAGE.lastIndexOf(':') + 1));
    browser.shows("image/" + IMAGE);
    browser.waitForText("Asked for lazily");
    browser.waitForText(" ranges touched ");
    browser.find("//a[starts-with(normalize-space(.), 'Files')]").click();
    browser.waitForText("What nodes asked for");
    browser.find("//label[contains(., 'Filter files')]//input").sendKeys("usr/");
    browser.waitForText("usr/");
    for (String view : List.of("Conversions", "Upstreams", "Storage", "Overview")) {
      browser.click(view);
      browser.find("//h1[normalize-space(.)='%s']".formatted(view));
    }
  }

  @Test
  void heatMap_byKeys_saysWhichFilesLieThere() {
    browser.open(address("layer/LAYER/IMAGE"));
    var map = browser.find("//*[@role='slider']");
    map.sendKeys(Keys.HOME);
    browser.waitForText("asked for ");
    String first = browser.textOf(READOUT);
    assertThat(first).startsWith("0 B to ").containsPattern("asked for [1-9]");
    map.sendKeys(Keys.ARROW_RIGHT);
    assertThat(browser.textOf(READOUT)).isNotEqualTo(first);
    map.sendKeys(Keys.END);
    browser.waitForText("table of contents");
  }

  @Test
  void image_convertedAgain_saysSo() {
    browser.open(address("image/IMAGE"));
    browser.click("Convert again");
    browser.waitForText("It waits for its conversion now.");
  }

  @Test
  void overview_requestsGoOn_countsLive() {
    browser.open("");
    String before = browser.textOf(REQUESTS);
    // What the probe below asks of the registry is one more request.
    try (var client = HttpClient.newHttpClient()) {
      client.send(
          HttpRequest.newBuilder(URI.create(property("lighter.page.registry") + "/v2/")).build(),
          BodyHandlers.discarding());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
    await().until(() -> !browser.textOf(REQUESTS).equals(before));
  }

  @Test
  void upstreams_oneThatDoesNotAnswer_isShown() {
    browser.open("upstreams");
    browser.waitForText("does not answer");
  }

  @Test
  void narrow_nothingIsCutOff() throws IOException {
    browser.size(390, 844);
    for (String view :
        List.of(
            "",
            "images",
            "images/REPOSITORY",
            "image/IMAGE",
            "layer/LAYER/IMAGE",
            "conversions",
            "upstreams",
            "storage")) {
      browser.open(address(view));
      assertThat(browser.script("return document.documentElement.scrollWidth <= innerWidth"))
          .as(view)
          .isTrue();
    }
    browser.picture(PICTURES.resolve("narrow.png"));
    browser.size(1280, 900);
  }
}
