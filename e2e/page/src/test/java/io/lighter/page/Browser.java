package io.lighter.page;

import static org.awaitility.Awaitility.await;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.logging.Level;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.openqa.selenium.By;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.StaleElementReferenceException;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.logging.LogEntry;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.logging.LoggingPreferences;

/** A headless Chromium, and what a person does with it. */
final class Browser implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /** For the driver to listen: a machine that builds images beside it is slow. */
  private static final Duration START = Duration.ofMinutes(1);

  private static final Pattern REQUESTED =
      Pattern.compile(
          "\"method\":\"Network.requestWillBeSent\".*?\"request\":\\{.*?\"url\":\"([^\"]*)\"");

  private final String page;
  private final ChromeDriver driver;

  /**
   * Opens it.
   *
   * @param page address of the page, with its last slash
   * @param log where its driver tells what it did
   */
  Browser(String page, Path log) {
    this.page = page;
    var logs = new LoggingPreferences();
    logs.enable(LogType.BROWSER, Level.ALL);
    logs.enable(LogType.PERFORMANCE, Level.ALL);
    var options = new ChromeOptions();
    options.setBinary("/usr/bin/chromium");
    options.addArguments(
        "--headless=new",
        "--remote-debugging-pipe", // Of no port, so of nothing that others do to the network.
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--hide-scrollbars");
    options.setCapability("goog:loggingPrefs", logs);
    var service =
        new ChromeDriverService.Builder()
            .usingDriverExecutable(new File("/usr/bin/chromedriver"))
            .withLogFile(log.toFile())
            .withTimeout(START)
            .build();
    driver = new ChromeDriver(service, options);
  }

  ChromeDriver driver() {
    return driver;
  }

  /** Has the page drawn for somebody who prefers {@code light} or {@code dark}. */
  void prefers(String scheme) {
    driver.executeCdpCommand(
        "Emulation.setEmulatedMedia",
        Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", scheme))));
  }

  void size(int width, int height) {
    driver.executeCdpCommand(
        "Emulation.setDeviceMetricsOverride",
        Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", false));
  }

  /** Opens a view anew, and waits until it is there. */
  void open(String view) {
    driver.get("about:blank");
    driver.get(page + "#/" + view);
    shows(view);
  }

  /** Waits until a view is there, by whatever way it was opened. */
  void shows(String view) {
    await("the view " + view)
        .atMost(PATIENCE)
        .until(() ->
            script(
                "const shown = document.getElementById('content').dataset.shown;"
                    + "return shown !== undefined && decodeURIComponent(shown) === decodeURIComponent(arguments[0])"
                    + " && document.querySelector('h1') !== null",
                view));
  }

  /** Clicks the first link or button with this text. */
  void click(String text) {
    find("//main//*[self::a or self::button][contains(normalize-space(.), '%s')] | //nav//a[normalize-space(.)='%s']"
            .formatted(text, text))
        .click();
  }

  /** Waits for an element. */
  WebElement find(String xpath) {
    await(xpath).atMost(PATIENCE).until(() -> !driver.findElements(By.xpath(xpath)).isEmpty());
    return driver.findElement(By.xpath(xpath));
  }

  /** Text of the first element, also of one that is drawn anew at this moment. */
  String textOf(String xpath) {
    return await(xpath)
        .atMost(PATIENCE)
        .ignoreException(StaleElementReferenceException.class)
        .until(() -> find(xpath).getText(), text -> !text.isEmpty());
  }

  /** The text of the view. */
  String text() {
    return String.valueOf(driver.findElement(By.id("content")).getText());
  }

  void waitForText(String text) {
    await(text)
        .atMost(PATIENCE)
        .ignoreException(StaleElementReferenceException.class)
        .until(() -> text().contains(text));
  }

  /** Whether a script answers true. */
  boolean script(String code, Object... arguments) {
    return Boolean.TRUE.equals(driver.executeScript(code, arguments));
  }

  /** What the console said since the last time, beside plain information. */
  List<String> complaints() {
    return driver.manage().logs().get(LogType.BROWSER).getAll().stream()
        .filter(entry -> entry.getLevel().intValue() >= Level.WARNING.intValue())
        .map(LogEntry::getMessage)
        .toList();
  }

  /** Addresses that were requested since the last time. */
  List<String> requested() {
    return driver.manage().logs().get(LogType.PERFORMANCE).getAll().stream()
        .map(LogEntry::getMessage)
        .map(REQUESTED::matcher)
        .filter(Matcher::find)
        .map(found -> found.group(1))
        .toList();
  }

  /** Writes a picture of what is to be seen. */
  void picture(Path file) throws IOException {
    Files.createDirectories(file.toAbsolutePath().getParent());
    Files.write(file, driver.getScreenshotAs(OutputType.BYTES));
  }

  @Override
  public void close() {
    driver.quit();
  }
}
